"""A WorkingDirectory job: prepares one directory, runs the children in it one after another, and gathers its files."""

import tarfile
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from apps.engine.flow.duration import parse_duration
from apps.engine.messages import ChildJob, ChildResult, Job, Tried
from apps.engine.state import State
from apps.plugins.scripts.files import (
    NamespaceFilesOption,
    file_map,
    store_output_files,
    write_input_files,
    write_namespace_files,
)
from apps.plugins.scripts.globs import matches_any
from apps.plugins.sdk import Output, TaskFailure
from workers.child_retry import pause_before_next, retry_of
from workers.context import Context
from workers.runner import Ended

RunChild = Callable[[ChildJob, Mapping[str, Any]], Ended]
WORST = (State.KILLED, State.FAILED, State.WARNING)


def run_directory(
    context: Context, job: Job, run_child: RunChild, progress: Callable[[ChildResult], None], results: list[ChildResult]
) -> Output:
    """Runs the job, adding each child's end to `results`; raises `TaskFailure` when files cannot be brought or kept."""
    with _cache(context, job.task.get("cache")) as keep:
        _prepare(context, job.task)
        state = _children(context, job, run_child, progress, results)
        if state in (State.FAILED, State.KILLED):
            return Output({}, state)
        keep()
        globs = context.render_value(job.task.get("outputFiles"))
        if not globs:
            return Output({}, state)
        return Output({"outputFiles": store_output_files(context, context.working_dir, _as_list(globs))}, state)


def _prepare(context: Context, definition: Mapping[str, Any]) -> None:
    option = context.render_value(definition.get("namespaceFiles"))
    if option is not None:
        write_namespace_files(context, context.working_dir, NamespaceFilesOption.model_validate(option))
    files = context.render_value(definition.get("inputFiles"))
    if files:
        write_input_files(context, context.working_dir, file_map(files), confine=context.working_dir.parent)


def _children(
    context: Context, job: Job, run_child: RunChild, progress: Callable[[ChildResult], None], results: list[ChildResult]
) -> State:
    variables = dict(context.variables)
    worst = State.SUCCESS
    for child in job.children:
        if context.killed.is_set():
            return State.KILLED
        now = datetime.now(UTC)
        progress(ChildResult(child.task_run_id, State.RUNNING, now, now))
        ended, earlier = _tried(context, child, partial(run_child, child, variables_of(child, job, variables, now)))
        result = ChildResult(
            child.task_run_id,
            ended.state,
            ended.started_at,
            ended.ended_at,
            ended.outputs,
            ended.metrics,
            ended.error,
            ended.log_file,
            tuple(earlier),
        )
        results.append(result)
        progress(result)
        variables = with_outputs(variables, child, ended)
        worst = _worse(worst, _counted(child, ended.state))
        if worst in (State.FAILED, State.KILLED):
            return worst
    return worst


def _tried(context: Context, child: ChildJob, run: Callable[[], Ended]) -> tuple[Ended, list[Tried]]:
    """The end of a child after as many tries as its own retry allows, and the tries before the last."""
    retry, earlier, ended = retry_of(child), list[Tried](), run()
    while (pause := pause_before_next(retry, child, earlier, ended)) is not None:
        if context.killed.wait(pause.total_seconds()):
            break
        earlier.append(Tried(ended.started_at, ended.ended_at, ended.log_file))
        ended = run()
    if earlier and retry is not None and retry.warning_on_retry and ended.state is State.SUCCESS:
        ended.state = State.WARNING
    return ended, earlier


def _counted(child: ChildJob, state: State) -> State:
    """What a child's end means to the directory."""
    if state is State.FAILED and child.task.get("allowFailure") is True:
        state = State.WARNING
    return State.SUCCESS if state is State.WARNING and child.task.get("allowWarning") is True else state


def _worse(one: State, other: State) -> State:
    return next((state for state in WORST if state in (one, other)), State.SUCCESS)


def variables_of(child: ChildJob, job: Job, variables: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """The child's own view: its task and task run, and the directory among its parents."""
    parent_run = variables.get("taskrun")
    above = {"taskrun": {"value": parent_run["value"]}} if isinstance(parent_run, dict) and parent_run.get("value") is not None else None
    parents = [*([above] if above else []), *(variables.get("parents") or [])]
    start = now.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    own: dict[str, Any] = {
        **variables,
        "task": {"id": child.task.get("id"), "type": child.task.get("type")},
        "taskrun": {"id": child.task_run_id, "startDate": start, "attemptsCount": 0, "parentId": job.task_run_id},
        "parents": parents,
    }
    if parents:
        own["parent"] = parents[0]
    return own


def with_outputs(variables: dict[str, Any], child: ChildJob, ended: Ended) -> dict[str, Any]:
    """`variables` with what the child left, below the values of the loops around."""
    task_id = str(child.task.get("id"))
    path = [task_id, *_loop_values(variables)]
    state = {"state": str(ended.state)}
    changed = {**variables, "tasks": _placed(variables.get("tasks"), path, state)}
    if ended.state is not State.SKIPPED:
        changed["outputs"] = _placed(variables.get("outputs"), path, ended.outputs)
    return changed


def _loop_values(variables: Mapping[str, Any]) -> list[str]:
    """Values of the loops around the directory, outermost first."""
    runs = [variables.get("taskrun"), *(parent.get("taskrun") for parent in variables.get("parents") or [] if isinstance(parent, dict))]
    values = [run["value"] for run in runs if isinstance(run, dict) and run.get("value") is not None]
    return [str(value) for value in reversed(values)]


def _placed(present: Any, path: list[str], value: Mapping[str, Any]) -> dict[str, Any]:
    here = dict(present) if isinstance(present, dict) else {}
    here[path[0]] = dict(value) if len(path) == 1 else _placed(here.get(path[0]), path[1:], value)
    return here


def _as_list(globs: Any) -> list[str]:
    return [str(glob) for glob in globs] if isinstance(globs, list) else [str(globs)]


@contextmanager
def _cache(context: Context, option: Any) -> Iterator[Callable[[], None]]:
    """Files that match the patterns are brought back before, and kept after a run that did not fail."""
    cache = context.render_value(option)
    if not isinstance(cache, dict) or not cache.get("patterns"):
        yield lambda: None
        return
    patterns = _as_list(cache["patterns"])
    name = context.run.task_id
    found = _restore(context, name, cache.get("ttl"))
    yield lambda: None if found else _save(context, name, patterns)


def _restore(context: Context, name: str, ttl: Any) -> bool:
    """Whether an archive was found."""
    age = parse_duration(str(ttl)).total_seconds() if ttl else None
    with tempfile.TemporaryDirectory(prefix="penstock-cache-") as folder:
        archive = Path(folder) / "cache.tar.gz"
        if not context.restore_cache(name, age, archive):
            return False
        try:
            with tarfile.open(archive, "r:gz") as tar:
                tar.extractall(context.working_dir, filter="data")
        except (tarfile.TarError, OSError) as error:
            context.logger.warn(f"The cached files could not be unpacked and are made anew: {error}")
            return False
    context.logger.debug("Cached files were put into the working directory")
    return True


def _save(context: Context, name: str, patterns: list[str]) -> None:
    root = context.working_dir
    with tempfile.TemporaryDirectory(prefix="penstock-cache-") as folder:
        archive = Path(folder) / "cache.tar.gz"
        with tarfile.open(archive, "w:gz") as tar:
            for path in sorted(root.rglob("*")):
                relative = path.relative_to(root).as_posix()
                if _kept(relative, patterns):
                    tar.add(path, arcname=relative, recursive=False)
        try:
            context.save_cache(name, archive)
        except TaskFailure as failure:
            context.logger.warn(f"The files could not be cached: {failure}")


def _kept(relative: str, patterns: list[str]) -> bool:
    """A pattern that names a folder keeps all that is in it."""
    wanted = [pattern.removeprefix("./").rstrip("/") for pattern in patterns]
    return matches_any(relative, wanted) or any(matches_any(relative, [f"{pattern}/**"]) for pattern in wanted)
