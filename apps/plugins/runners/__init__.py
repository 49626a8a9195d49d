"""Task runners: where a script's commands run.

Owns: `io.kestra.plugin.core.runner.Process`, `io.kestra.plugin.scripts.runner.docker.Docker`.
May call: the SDK; docker-py, imported when a container is first asked for.
Must not: know languages, or what becomes of the lines and files.
"""
