"""Task types: what a runnable task or polling trigger of a flow does.

Owns: the SDK for authors (`sdk`), the registry of types, one folder a group of types and one file a type.
May call: the engine's vocabulary (states, messages, durations), and the outside world through a `RunContext`.
Must not: import Django, the workers or any app; decide what runs next; import a heavy client before its task runs.
"""
