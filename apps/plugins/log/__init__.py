"""Tasks about logs: write a line, fetch lines, purge old ones.

Owns: `io.kestra.plugin.core.log.*`.
May call: the SDK.
Must not: write logs other than through the run's context.
"""
