"""`io.kestra.plugin.scripts.lua.Script` and `.Commands`: Lua."""

from apps.plugins.scripts.script_task import CommandsTask, InlineScript


class Script(InlineScript):
    """Run a Lua script."""

    type_id = "io.kestra.plugin.scripts.lua.Script"
    default_image = "nickblah/lua"
    program = "lua"
    suffix = ".lua"


class Commands(CommandsTask):
    """Run commands where Lua is at hand."""

    type_id = "io.kestra.plugin.scripts.lua.Commands"
    default_image = "nickblah/lua"
