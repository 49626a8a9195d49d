"""The audit log: who changed what, through what, from where; append-only, chained by hash per tenant.

Owns: audit rows and their chain, its verification.
May call: common.
Must not: be skipped by a write, hold a secret's value, be updated or deleted by anybody.
"""
