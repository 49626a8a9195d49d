"""Log lines and metrics of executions.

Owns: ingest of numbered lines, reading and following them, metrics and their aggregates.
May call: namespaces, audit, common.
Must not: change an execution.
"""
