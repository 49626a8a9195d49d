"""The flow language: the typed model of a flow, and how its text becomes that model.

Owns: YAML with line numbers, both dialects (1.x and 2.0), validation, plugin defaults, the graph and the JSON schema.
May call: `state` and `ports` of the engine, pydantic and libyaml.
Must not: render expressions, evaluate inputs or triggers, or know what an execution is. Ids of types stay text:
what a runnable type's properties mean is asked through `ports.TaskTypes`.
"""
