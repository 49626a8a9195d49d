"""Tasks about triggers.

Owns: `io.kestra.plugin.core.trigger.Toggle`.
May call: the SDK.
Must not: hold triggers: Schedule, Flow and Webhook are the engine's.
"""
