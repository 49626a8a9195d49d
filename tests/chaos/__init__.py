"""Faults against the whole product under load, and what must hold afterwards.

Owns: the load, the seeded faults, the outside ledger, the invariants.
May call: the product as its users do; its database as a reader.
Must not: reach into the product's processes except to stop them.
"""
