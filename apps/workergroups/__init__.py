"""Worker groups: who may run what where, and the gateway that workers talk to.

Owns: groups, workers and their heartbeats, leases and claims, tickets to Celery.
May call: namespaces, kv, secrets through their services; common.
Must not: decide what runs next (the engine does).
"""
