"""The table of types: id, kind, and the class that is imported when the type is first used; and ids of former days."""

from apps.plugins.declared.table import DECLARED

CORE = "io.kestra.plugin.core."
SCRIPTS = "io.kestra.plugin.scripts."
LANGUAGES = ("shell", "python", "node", "r", "julia", "ruby", "powershell", "go", "perl", "php", "bun", "deno", "lua")

_CORE_TASKS = {
    "log.Log": "log.log:Log",
    "debug.Return": "debug.return_:Return",
    "debug.Echo": "debug.echo:Echo",
    "execution.Fail": "execution.fail:Fail",
    "output.OutputValues": "output.output_values:OutputValues",
    "flow.Sleep": "flow.sleep:Sleep",
    "http.Request": "http.request:Request",
    "http.Download": "http.download:Download",
    "execution.Count": "execution.count:Count",
    "execution.Labels": "execution.labels:Labels",
    "execution.Resume": "execution.resume:Resume",
    "execution.Exit": "execution.exit:Exit",
    "execution.Assert": "execution.assert_:Assert",
    "execution.SetVariables": "execution.set_variables:SetVariables",
    "execution.UnsetVariables": "execution.set_variables:UnsetVariables",
    "execution.PurgeExecutions": "execution.purge_executions:PurgeExecutions",
    "log.Fetch": "log.fetch:Fetch",
    "log.PurgeLogs": "log.purge_logs:PurgeLogs",
    "state.Get": "state.get:Get",
    "state.Set": "state.set:Set",
    "state.Delete": "state.delete:Delete",
    "kv.Set": "kv.set:Set",
    "kv.Get": "kv.get:Get",
    "kv.GetKeys": "kv.get_keys:GetKeys",
    "kv.Delete": "kv.delete:Delete",
    "kv.PurgeKV": "kv.purge_kv:PurgeKV",
    "namespace.UploadFiles": "namespace.upload_files:UploadFiles",
    "namespace.DownloadFiles": "namespace.download_files:DownloadFiles",
    "namespace.DeleteFiles": "namespace.delete_files:DeleteFiles",
    "storage.Write": "storage.write:Write",
    "storage.Split": "storage.split:Split",
    "storage.Concat": "storage.concat:Concat",
    "storage.DeduplicateItems": "storage.deduplicate_items:DeduplicateItems",
    "storage.FilterItems": "storage.filter_items:FilterItems",
    "storage.Reverse": "storage.reverse:Reverse",
    "storage.Size": "storage.size:Size",
    "storage.Delete": "storage.delete:Delete",
    "storage.LocalFiles": "storage.local_files:LocalFiles",
    "storage.PurgeCurrentExecutionFiles": "storage.purge_current_execution_files:PurgeCurrentExecutionFiles",
    "metric.Publish": "metric.publish:Publish",
    "templating.TemplatedTask": "templating.templated_task:TemplatedTask",
    "trigger.Toggle": "trigger.toggle:Toggle",
    "flow.ForEachItem$ForEachItemSplit": "flow.for_each_item:ForEachItemSplit",
    "flow.ForEachItem$ForEachItemMergeOutputs": "flow.for_each_item:ForEachItemMergeOutputs",
}
_CORE_TRIGGERS = {"http.Trigger": "http.trigger:HttpTrigger"}


def _scripts() -> dict[str, tuple[str, str]]:
    return {
        f"{SCRIPTS}{language}.{name}": ("task", f"apps.plugins.scripts.{language}:{name}")
        for language in LANGUAGES
        for name in ("Script", "Commands")
    }


TYPES: dict[str, tuple[str, str]] = {
    **{CORE + name: ("task", "apps.plugins." + target) for name, target in _CORE_TASKS.items()},
    **{CORE + name: ("trigger", "apps.plugins." + target) for name, target in _CORE_TRIGGERS.items()},
    **_scripts(),
    CORE + "runner.Process": ("runner", "apps.plugins.runners.process:Process"),
    SCRIPTS + "runner.docker.Docker": ("runner", "apps.plugins.runners.docker:Docker"),
    **DECLARED,
}
"""Canonical id to kind (task, trigger, runner) and `module:class`."""

ALIASES = {
    "io.kestra.core.tasks.executions.Fail": CORE + "execution.Fail",
    "io.kestra.core.tasks.executions.Counts": CORE + "execution.Count",
    "io.kestra.core.tasks.executions.Labels": CORE + "execution.Labels",
    "io.kestra.core.tasks.executions.Resume": CORE + "execution.Resume",
    "io.kestra.core.tasks.log.Log": CORE + "log.Log",
    "io.kestra.core.tasks.log.Fetch": CORE + "log.Fetch",
    "io.kestra.core.tasks.debugs.Return": CORE + "debug.Return",
    "io.kestra.core.tasks.debugs.Echo": CORE + "debug.Echo",
    "io.kestra.core.tasks.outputs.OutputValues": CORE + "output.OutputValues",
    "io.kestra.core.tasks.storages.LocalFiles": CORE + "storage.LocalFiles",
    "io.kestra.core.tasks.flows.LocalFiles": CORE + "storage.LocalFiles",
    "io.kestra.core.tasks.storages.PurgeExecution": CORE + "storage.PurgeCurrentExecutionFiles",
    "io.kestra.plugin.core.storage.PurgeExecution": CORE + "storage.PurgeCurrentExecutionFiles",
    "io.kestra.core.tasks.storages.Purge": CORE + "execution.PurgeExecutions",
    "io.kestra.plugin.core.storage.Purge": CORE + "execution.PurgeExecutions",
    "io.kestra.core.tasks.trigger.Toggle": CORE + "trigger.Toggle",
    "io.kestra.core.runners.process.Process": CORE + "runner.Process",
    "io.kestra.plugin.scripts.runner.docker.DockerTaskRunner": SCRIPTS + "runner.docker.Docker",
    "io.kestra.core.models.tasks.runners.types.ProcessTaskRunner": CORE + "runner.Process",
    "io.kestra.core.tasks.scripts.Bash": SCRIPTS + "shell.Commands",
    "io.kestra.core.tasks.scripts.Python": SCRIPTS + "python.Commands",
    "io.kestra.core.tasks.scripts.Node": SCRIPTS + "node.Commands",
}
"""Deprecated ids that moved on their own."""

DEPRECATED_GROUPS = {
    "io.kestra.plugin.fs.http.": CORE + "http.",
    "io.kestra.core.tasks.storages.": CORE + "storage.",
    "io.kestra.core.tasks.states.": CORE + "state.",
    "io.kestra.core.tasks.kv.": CORE + "kv.",
    "io.kestra.core.tasks.metrics.": CORE + "metric.",
    "io.kestra.core.tasks.templating.": CORE + "templating.",
    "io.kestra.core.tasks.flows.": CORE + "flow.",
}
"""Deprecated prefixes of ids."""
