"""Tasks over the key-value store of a namespace.

Owns: `io.kestra.plugin.core.kv.*`.
May call: the SDK.
Must not: read a type from text: the store does.
"""
