"""`io.kestra.plugin.scripts.shell.Script` and `.Commands`: Shell."""

from apps.plugins.scripts.script_task import CommandsTask, InlineScript


class Script(InlineScript):
    """Run a Shell script."""

    type_id = "io.kestra.plugin.scripts.shell.Script"
    default_image = "ubuntu"


class Commands(CommandsTask):
    """Run commands where Shell is at hand."""

    type_id = "io.kestra.plugin.scripts.shell.Commands"
    examples = (
        """id: sizes
type: io.kestra.plugin.scripts.shell.Commands
taskRunner:
  type: io.kestra.plugin.core.runner.Process
inputFiles:
  data.csv: "{{ outputs.file.uri }}"
outputFiles:
  - "*.txt"
commands:
  - wc -l data.csv > lines.txt
  - echo '::{"outputs":{"done":true}}::'
""",
    )
    default_image = "ubuntu"
