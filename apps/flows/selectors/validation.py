"""The check of flows, tasks and triggers without saving: Kestra's constraint objects, with markers for an editor."""

from collections.abc import Iterable
from typing import Any

from apps.engine.flow.compile import check_task_source, check_trigger_source
from apps.engine.flow.problems import FlowProblem
from apps.flows.models import FlowRow
from apps.flows.selectors.reading import check_source, fields_of
from apps.flows.source_text import check_size, split_documents
from apps.plugins.registry import registry


def validate_sources(source: str) -> list[dict[str, Any]]:
    """One answer for each document of a stream."""
    documents = split_documents(check_size(source)) or [(0, source)]
    return [_validate(index, offset, text) for index, (offset, text) in enumerate(documents)]


def _validate(index: int, offset: int, text: str) -> dict[str, Any]:
    checked = check_source(text)
    fields = checked.flow.model_dump(include={"id", "namespace", "revision"}, exclude_unset=True) if checked.flow else fields_of(text)
    answer: dict[str, Any] = {
        "index": index,
        "outdated": is_outdated(fields),
        "deprecationPaths": [p.path_text for p in checked.problems if p.severity == "warning" and "deprecated" in p.message],
        "warnings": [f"{p.path_text}: {p.message}" for p in checked.problems if p.severity == "warning" and "deprecated" not in p.message],
        "infos": [p.message for p in checked.problems if p.severity == "info"],
    }
    answer.update({key: str(fields[name]) for key, name in (("flow", "id"), ("namespace", "namespace")) if fields.get(name)})
    if checked.errors:
        answer["constraints"] = constraints(checked.errors)
    if checked.problems:
        answer["markers"] = [marker(problem, offset) for problem in checked.problems]
    return answer


def is_outdated(fields: dict[str, Any]) -> bool:
    """Whether the source names a revision that is not the latest one any more."""
    revision = fields.get("revision")
    if not isinstance(revision, int) or "revision" not in fields:
        return False
    rows = FlowRow.objects.filter(namespace=str(fields.get("namespace")), id=str(fields.get("id")))
    latest = rows.values_list("revision", flat=True).first()
    return latest is not None and revision != latest + 1


def constraints(problems: Iterable[FlowProblem]) -> str:
    """The problems as lines."""
    return "".join(f"{problem.constraint}\n" for problem in problems)


def marker(problem: FlowProblem, offset: int = 0) -> dict[str, Any]:
    """Where an editor underlines a problem; lines count from the start of the whole text."""
    line, end_line = problem.line or 1, problem.end_line or problem.line or 1
    return {
        "message": problem.message,
        "path": problem.path_text,
        "severity": problem.severity,
        "line": line + offset,
        "column": problem.column or 1,
        "endLine": end_line + offset,
        "endColumn": problem.end_column or (problem.column or 1) + 1,
    }


def validate_fragment(source: str, *, trigger: bool) -> dict[str, Any]:
    """The check of one task or trigger by itself."""
    check = check_trigger_source if trigger else check_task_source
    errors = [problem for problem in check(check_size(source), registry()) if problem.severity == "error"]
    return {"index": 0, "outdated": False, **({"constraints": constraints(errors)} if errors else {})}
