"""The catalog of task types: their documentation and JSON schemas.

Owns: the answers of `/plugins`.
May call: plugins, engine, common.
Must not: run a task.
"""
