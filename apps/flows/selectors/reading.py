"""From a source to a flow, with the plugin defaults that surround it."""

from dataclasses import dataclass
from typing import Any

from apps.common.database import current_tenant
from apps.engine.flow.compile import Checked, check_flow, flow_from_json
from apps.engine.flow.model import Flow
from apps.engine.flow.problems import FlowProblem, InvalidFlow, Path
from apps.engine.flow.reader import read_yaml
from apps.engine.flow.walk import walk_tasks
from apps.flows.exceptions import invalid_flow
from apps.flows.selectors.compiled import plugin_default_scopes
from apps.flows.source_text import as_yaml, check_size, replace_block
from apps.plugins.registry import registry


@dataclass(frozen=True)
class ReadFlow:
    """A source that is a flow."""

    flow: Flow
    source: str
    warnings: tuple[FlowProblem, ...] = ()


def check_source(source: str) -> Checked:
    """All problems of a source; a property that only a plugin default of its namespace gives is not missed."""
    checked = check_flow(check_size(source), registry())
    if checked.flow is not None:
        return checked
    scopes = plugin_default_scopes(current_tenant(), namespace_of(source))
    return check_flow(source, registry(), defaults=scopes) if scopes else checked


def namespace_of(source: str) -> str:
    """The namespace that a source names, whatever else is wrong with it; empty when there is none."""
    return str(fields_of(source).get("namespace") or "")


def fields_of(source: str) -> dict[str, Any]:
    """The map that a source is, or an empty one."""
    try:
        found = read_yaml(source).value
    except InvalidFlow:
        return {}
    return found if isinstance(found, dict) else {}


def read_source(source: str) -> ReadFlow:
    """The flow in a source; raises Invalid with every problem and its place."""
    checked = check_source(source)
    if checked.flow is None:
        raise invalid_flow(checked.errors)
    return ReadFlow(checked.flow, source, checked.warnings)


def read_document(document: dict[str, Any]) -> ReadFlow:
    """The flow that a JSON document is, with YAML of it as the source."""
    scopes = plugin_default_scopes(current_tenant(), str(document.get("namespace") or ""))
    try:
        flow = flow_from_json(document, registry(), defaults=scopes)
    except InvalidFlow as error:
        raise invalid_flow(error.problems) from error
    return ReadFlow(flow, check_size(as_yaml({key: value for key, value in document.items() if key not in ("source", "deleted")})))


def replace_task(source: str, task_id: str, task: dict[str, Any]) -> ReadFlow | None:
    """The flow with one task replaced, or None when it has none of that id; the rest of the source stays as it is, comments included."""
    document = read_yaml(source)
    found = next((raw for raw in walk_tasks(document.value) if raw.data.get("id") == task_id), None)
    if found is None:
        return None
    text = replace_block(source, document.at(found.path), task)
    return read_document(_replaced(document.value, found.path, task)) if text is None else read_source(text)


def _replaced(value: Any, path: Path, task: dict[str, Any]) -> Any:
    if not path:
        return task
    if isinstance(value, dict):
        return {key: _replaced(item, path[1:], task) if key == path[0] else item for key, item in value.items()}
    return [_replaced(item, path[1:], task) if index == path[0] else item for index, item in enumerate(value)]
