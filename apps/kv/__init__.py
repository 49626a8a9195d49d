"""The key-value store of each namespace.

Owns: pairs, their types, expiry and revisions.
May call: namespaces, audit, common.
Must not: know executions.
"""
