"""Namespaces: the tree of dotted ids, what they hand down, and their files.

Owns: namespace rows, inherited variables and plugin defaults, namespace files and their revisions.
May call: storage, audit, tenants, common.
Must not: know flows; flows name a namespace, never the other way round.
"""
