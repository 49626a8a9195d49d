"""Tasks about executions: fail, assert, count, resume, label, exit, variables, purge.

Owns: `io.kestra.plugin.core.execution.*`.
May call: the SDK; the control plane through `context.ask` (now) and `context.command` (when the run ends).
Must not: decide a state by itself: effects on the own execution are applied by the engine.
"""
