"""Tasks whose definition is made when they run.

Owns: `io.kestra.plugin.core.templating.*`.
May call: the SDK, and the YAML reader of the engine.
Must not: run flowables.
"""
