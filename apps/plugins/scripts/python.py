"""`io.kestra.plugin.scripts.python.Script` and `.Commands`: Python."""

from apps.plugins.scripts.script_task import CommandsTask, InlineScript


class Script(InlineScript):
    """Run a Python script."""

    type_id = "io.kestra.plugin.scripts.python.Script"
    examples = (
        """id: sum
type: io.kestra.plugin.scripts.python.Script
taskRunner:
  type: io.kestra.plugin.core.runner.Process
script: |
  import json
  print("::" + json.dumps({"outputs": {"sum": sum([1, 2, 3])}}) + "::")
""",
    )
    default_image = "ghcr.io/kestra-io/kestrapy:latest"
    program = "python"
    suffix = ".py"


class Commands(CommandsTask):
    """Run commands where Python is at hand."""

    type_id = "io.kestra.plugin.scripts.python.Commands"
    default_image = "ghcr.io/kestra-io/kestrapy:latest"
