"""Tasks over files in internal storage.

Owns: `io.kestra.plugin.core.storage.*`.
May call: the SDK.
Must not: hold a whole file in memory where a line at a time does.
"""
