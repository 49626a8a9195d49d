"""Tasks over the files of a namespace.

Owns: `io.kestra.plugin.core.namespace.*`.
May call: the SDK, and the patterns of `scripts.globs`.
Must not: reach files outside the namespace.
"""
