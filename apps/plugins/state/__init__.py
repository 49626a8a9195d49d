"""Tasks that keep state between the executions of a flow.

Owns: `io.kestra.plugin.core.state.*`; the state lies in the key-value store, under keys made here.
May call: the SDK.
Must not: keep state anywhere else.
"""
