"""Flows: their sources, revisions and validation.

Owns: flow rows and revisions, compiled forms, import and export, topology and dependencies.
May call: namespaces, catalog, audit, engine.
Must not: know executions or triggers; it publishes FlowSaved and FlowDeleted.
"""
