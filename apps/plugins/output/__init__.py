"""Tasks that make outputs.

Owns: `io.kestra.plugin.core.output.*`.
May call: the SDK.
Must not: reach outside the run.
"""
