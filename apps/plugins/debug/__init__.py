"""Tasks for trying things out: return or echo a value.

Owns: `io.kestra.plugin.core.debug.*`.
May call: the SDK.
Must not: do anything outside the run.
"""
