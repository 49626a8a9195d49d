"""Which task runner a script gets: the task's own word, then the instance's setting, then Docker as in Kestra."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from apps.plugins.registry import registry
from apps.plugins.runners.base import TaskRunner
from apps.plugins.sdk import RunContext, TaskFailure

PROCESS = "io.kestra.plugin.core.runner.Process"
DOCKER = "io.kestra.plugin.scripts.runner.docker.Docker"
SETTING = "SCRIPTS_RUNNER"
NAMES = {"PROCESS": PROCESS, "DOCKER": DOCKER}


def choose_runner(
    context: RunContext, task_runner: Mapping[str, Any] | None, runner: str | None, docker: Mapping[str, Any] | None
) -> TaskRunner:
    """The runner of a script task; raises for one that does not exist."""
    if task_runner:
        return build_runner(str(task_runner.get("type", "")), task_runner)
    if runner:
        chosen = NAMES.get(runner.upper())
        if chosen is None:
            raise TaskFailure(f"runner '{runner}' is neither PROCESS nor DOCKER; use taskRunner", retry=False)
        return build_runner(chosen, dict(docker or {}) if chosen == DOCKER else {})
    if docker:
        return build_runner(DOCKER, docker)
    chosen = NAMES.get(context.setting(SETTING, "docker").upper(), DOCKER)
    return build_runner(chosen, {})


def build_runner(type_id: str, options: Mapping[str, Any]) -> TaskRunner:
    """The runner of that type with those options."""
    found = registry().find(type_id)
    if found is None or found.kind != "runner":
        raise TaskFailure(f"'{type_id}' is not a task runner that this worker knows; use {PROCESS} or {DOCKER}", retry=False)
    try:
        runner: Any = found.model.model_validate({**options, "type": type_id})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise TaskFailure(f"taskRunner: `{'.'.join(map(str, first['loc']))}` {first['msg']}", retry=False) from error
    chosen: TaskRunner = runner
    return chosen
