"""Tasks about metrics.

Owns: `io.kestra.plugin.core.metric.*`.
May call: the SDK.
Must not: send metrics anywhere itself.
"""
