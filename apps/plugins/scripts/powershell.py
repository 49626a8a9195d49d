"""`io.kestra.plugin.scripts.powershell.Script` and `.Commands`: PowerShell."""

from apps.plugins.scripts.script_task import CommandsTask, InlineScript


class Script(InlineScript):
    """Run a PowerShell script."""

    type_id = "io.kestra.plugin.scripts.powershell.Script"
    default_image = "mcr.microsoft.com/powershell"
    default_interpreter = ["pwsh", "-NoProfile", "-NonInteractive", "-Command"]


class Commands(CommandsTask):
    """Run commands where PowerShell is at hand."""

    type_id = "io.kestra.plugin.scripts.powershell.Commands"
    default_image = "mcr.microsoft.com/powershell"
    default_interpreter = ["pwsh", "-NoProfile", "-NonInteractive", "-Command"]
