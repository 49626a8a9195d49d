"""Secrets and their backends.

Owns: encrypted values, the backends that hold them, encryption of SECRET inputs.
May call: namespaces, audit, common.
Must not: give a value to the UI, an API client or a log.
"""
