"""From a flow's source to its model: every problem at once, each with line, column, path and the way out."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import TypeAdapter, ValidationError

from apps.engine.flow import conditions, triggers
from apps.engine.flow.checks import check_document, check_task, check_trigger
from apps.engine.flow.defaults import Defaults, merge_defaults
from apps.engine.flow.deprecations import find_outdated
from apps.engine.flow.flowables import BY_TYPE, AnyTask
from apps.engine.flow.model import Flow
from apps.engine.flow.problems import FlowProblem, InvalidFlow, Path, nearest_type
from apps.engine.flow.reader import Document, Limits, read_yaml
from apps.engine.flow.task import COMMON_KEYS, Task
from apps.engine.flow.triggers import AnyTrigger, Trigger
from apps.engine.flow.walk import RawTask, walk_task, walk_tasks
from apps.engine.flow.wording import problems_of
from apps.engine.ports import TaskTypes

STORED_KEYS = frozenset({"tenantId", "deleted", "updated", "source", "listeners", "exception"})
"""Keys that exports carry, or that no longer mean anything: read over."""
MAX_TOLD = 200
"""How many errors, and how many warnings, one answer lists."""
BELONGS = {
    "trigger": "list it under 'triggers'",
    "task": "list it under 'tasks'",
    "condition": "put it under 'conditions' of a trigger",
}
_TASK: TypeAdapter[Task] = TypeAdapter(AnyTask)
_TRIGGER: TypeAdapter[Trigger] = TypeAdapter(AnyTrigger)


@dataclass(frozen=True)
class Checked:
    """What a check found: the flow, if it is one, and all problems, errors and warnings, in the order of the source."""

    flow: Flow | None
    problems: tuple[FlowProblem, ...]

    @property
    def errors(self) -> tuple[FlowProblem, ...]:
        """The problems for which the flow is refused."""
        return tuple(problem for problem in self.problems if problem.severity == "error")

    @property
    def warnings(self) -> tuple[FlowProblem, ...]:
        """The problems that do not stop it."""
        return tuple(problem for problem in self.problems if problem.severity != "error")


def compile_flow(
    source: str, types: TaskTypes, *, revision: int | None = None, defaults: Sequence[Defaults] = (), limits: Limits = Limits()
) -> Flow:
    """The flow in `source`; `defaults` are those of its namespace and of the instance. Raises `InvalidFlow`."""
    return _flow_of(check_flow(source, types, revision=revision, defaults=defaults, limits=limits))


def check_flow(
    source: str, types: TaskTypes, *, revision: int | None = None, defaults: Sequence[Defaults] = (), limits: Limits = Limits()
) -> Checked:
    """All problems of `source`, and its flow if there is no error."""
    try:
        document = read_yaml(source, limits)
    except InvalidFlow as error:
        return Checked(None, error.problems)
    checked = _check(document.value, types, revision, defaults)
    return Checked(checked.flow, _in_order(_place(problem, document) for problem in checked.problems))


def flow_from_json(
    document: Mapping[str, Any], types: TaskTypes, *, revision: int | None = None, defaults: Sequence[Defaults] = ()
) -> Flow:
    """The flow that a JSON document is; raises `InvalidFlow`."""
    checked = _check(dict(document), types, revision, defaults)
    return _flow_of(Checked(checked.flow, _in_order(checked.problems)))


def check_task_source(source: str, types: TaskTypes, *, limits: Limits = Limits()) -> tuple[FlowProblem, ...]:
    """All problems of one task by itself, as the editor's forms send it."""
    return _check_fragment(source, types, limits, trigger=False)


def check_trigger_source(source: str, types: TaskTypes, *, limits: Limits = Limits()) -> tuple[FlowProblem, ...]:
    """All problems of one trigger by itself."""
    return _check_fragment(source, types, limits, trigger=True)


def read_task(raw: Mapping[str, Any], types: TaskTypes) -> Task:
    """The task that a raw map is, as a templated or dynamic task is read; raises `InvalidFlow`."""
    data = dict(raw)
    problems = [*_model_problems(_TASK, data), *(found for task in walk_task(data) for found in _check_type(task, types))]
    if problems:
        raise InvalidFlow(problems)
    return _TASK.validate_python(data)


def _flow_of(checked: Checked) -> Flow:
    if checked.flow is None:
        raise InvalidFlow(checked.errors)
    return checked.flow


def _check(raw: Any, types: TaskTypes, revision: int | None, defaults: Sequence[Defaults]) -> Checked:
    if not isinstance(raw, dict):
        return Checked(None, (FlowProblem("a flow is a map with at least id, namespace and tasks"),))
    written = {key: value for key, value in raw.items() if key not in STORED_KEYS}
    if revision is not None or written.get("revision", 0) is None:
        written["revision"] = revision or 1
    merged = merge_defaults(written, defaults)
    problems = [*_model_problems(Flow, merged), *check_document(merged), *_check_types(merged, types), *find_outdated(raw, types)]
    if any(problem.severity == "error" for problem in problems):
        return Checked(None, tuple(problems))
    return Checked(_build(written, merged), tuple(problems))


def _build(written: dict[str, Any], merged: dict[str, Any]) -> Flow:
    """The flow as written; as merged where a flowable lives on what its plugin default gives."""
    try:
        return Flow.model_validate(written)
    except ValidationError:
        return Flow.model_validate(merged)


def _model_problems(model: Any, data: Any) -> Iterator[FlowProblem]:
    try:
        model.validate_python(data) if isinstance(model, TypeAdapter) else model.model_validate(data)
    except ValidationError as error:
        yield from problems_of(error, Flow, data)


def _check_types(document: dict[str, Any], types: TaskTypes) -> Iterator[FlowProblem]:
    for task in walk_tasks(document):
        yield from _check_type(task, types)
    raw = document.get("triggers")
    for index, trigger in enumerate(raw if isinstance(raw, list) else ()):
        if isinstance(trigger, dict):
            yield from _check_trigger_type(trigger, ("triggers", index), types)


def _check_type(task: RawTask, types: TaskTypes) -> Iterator[FlowProblem]:
    """A task's type exists, is one of tasks, and takes the properties given."""
    name = task.type_name
    if not isinstance(name, str) or not name or task.model is not None:
        return
    if name in triggers.BY_TYPE or name in conditions.BY_TYPE:
        yield _wrong_kind(name, "trigger" if name in triggers.BY_TYPE else "condition", task.path)
        return
    found = types.find(name)
    if found is None:
        yield _unknown_type(name, task.path, [*types.ids(), *(model.type_names[0] for model in BY_TYPE.values())])
    elif found.kind != "task":
        yield _wrong_kind(name, found.kind, task.path)
    else:
        properties = {key: value for key, value in task.data.items() if key not in COMMON_KEYS}
        for problem in found.problems(properties):
            yield _of_type(problem.message, task, problem.path)


def _of_type(message: str, task: RawTask, path: Path) -> FlowProblem:
    short = ""
    if message.endswith("is required"):
        shown = FlowProblem("", path).path_text
        short = f"{task.data.get('id')}.{shown}: must not be null" if task.path else f"{shown}: must not be null"
    return FlowProblem(message, (*task.path, *path), short=short)


def _check_trigger_type(trigger: dict[str, Any], path: Path, types: TaskTypes) -> Iterator[FlowProblem]:
    name = trigger.get("type")
    yield from _check_conditions(trigger, path)
    if not isinstance(name, str) or not name or name in triggers.BY_TYPE:
        return
    found = types.find(name)
    if name in BY_TYPE or (found is not None and found.kind != "trigger"):
        yield _wrong_kind(name, "task", path)
    elif found is None:
        yield _unknown_type(name, path, [*types.ids(), *(model.type_names[0] for model in triggers.TRIGGERS)])
    else:
        properties = {key: value for key, value in trigger.items() if key not in triggers.COMMON_KEYS or key == "interval"}
        for problem in found.problems(properties):
            yield FlowProblem(problem.message, (*path, *problem.path))


def _check_conditions(holder: dict[str, Any], path: Path) -> Iterator[FlowProblem]:
    """Every condition below a trigger is of a known type."""
    raw = holder.get("conditions", holder.get("scheduleConditions"))
    key = "conditions" if "conditions" in holder else "scheduleConditions"
    items = raw.items() if isinstance(raw, dict) else enumerate(raw) if isinstance(raw, list) else ()
    for step, item in items:
        if isinstance(item, dict):
            name = item.get("type")
            if isinstance(name, str) and name not in conditions.BY_TYPE:
                known = [model.type_names[0] for model in conditions.CONDITIONS]
                yield _unknown_type(name, (*path, key, step), known)
            yield from _check_conditions(item, (*path, key, step))


def _unknown_type(name: str, path: Path, known: Iterable[str]) -> FlowProblem:
    message = f"Invalid type: {name}; there is no such type{nearest_type(name, list(known))}"
    return FlowProblem(message, (*path, "type"), short=f"Invalid type: {name}")


def _wrong_kind(name: str, kind: str, path: Path) -> FlowProblem:
    return FlowProblem(f"Invalid type: {name} is a type of {kind}; {BELONGS.get(kind, 'it cannot stand here')}", (*path, "type"))


def _check_fragment(source: str, types: TaskTypes, limits: Limits, *, trigger: bool) -> tuple[FlowProblem, ...]:
    try:
        document = read_yaml(source, limits)
    except InvalidFlow as error:
        return error.problems
    raw = document.value
    if not isinstance(raw, dict):
        return (FlowProblem(f"a {'trigger' if trigger else 'task'} is a map with at least id and type", (), 1, 1),)
    found = [*_model_problems(_TRIGGER if trigger else _TASK, raw)]
    if trigger:
        found += [*check_trigger(raw, ()), *_check_trigger_type(raw, (), types)]
    else:
        found += [problem for task in walk_task(raw) for problem in (*check_task(task), *_check_type(task, types))]
    return _in_order(_place(problem, document) for problem in found)


def _place(problem: FlowProblem, document: Document) -> FlowProblem:
    """`problem` with its place in the source: the key for unknown and outdated properties, else the value."""
    if problem.line is not None:
        return problem
    at_key = problem.severity != "error" or problem.message.startswith("unknown property")
    mark = document.at_key(problem.path) if at_key else document.at(problem.path)
    return replace(problem, line=mark.line, column=mark.column, end_line=mark.end_line, end_column=mark.end_column)


def _in_order(problems: Iterable[FlowProblem]) -> tuple[FlowProblem, ...]:
    """By place, each path and message once where two checks found the same thing, and no more than people read."""
    kept: dict[tuple[Path, str], FlowProblem] = {}
    for problem in problems:
        kept.setdefault((problem.path, problem.message), problem)
    ordered = sorted(kept.values(), key=lambda problem: (problem.line or 0, problem.column or 0))
    errors = [problem for problem in ordered if problem.severity == "error"]
    others = [problem for problem in ordered if problem.severity != "error"][:MAX_TOLD]
    if len(errors) > MAX_TOLD:
        more = FlowProblem(f"and {len(errors) - MAX_TOLD} more errors", (), errors[MAX_TOLD].line, errors[MAX_TOLD].column)
        errors = [*errors[:MAX_TOLD], more]
    return tuple(sorted([*errors, *others], key=lambda problem: (problem.line or 0, problem.column or 0)))
