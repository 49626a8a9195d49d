"""Refusals of flows, in the words that Kestra's clients know, each with its details for people."""

from collections.abc import Iterable

from apps.common.exceptions import ErrorDetail, Invalid, NotFound
from apps.engine.flow.problems import FlowProblem


def invalid_flow(problems: Iterable[FlowProblem]) -> Invalid:
    """All that is wrong with a source, each with its place."""
    found = list(problems)
    lines = "\n".join(problem.constraint.removeprefix(": ") for problem in found)
    return Invalid(f"Invalid entity: {lines}", [detail_of(problem) for problem in found])


def detail_of(problem: FlowProblem) -> ErrorDetail:
    """One problem; what concerns the whole text is under the path `yaml`."""
    return ErrorDetail(problem.message, problem.path_text or "yaml", problem.line, problem.column)


def refused(message: str, path: str = "flow.id") -> Invalid:
    """A flow that is well-formed, but may not be written there."""
    return Invalid(f"Invalid entity: {path}: {message}", [ErrorDetail(message, path)])


def no_flow(namespace: str, flow_id: str, message: str = "Not Found") -> NotFound:
    """There is no such flow, or it is deleted."""
    return NotFound(message, [ErrorDetail(f"There is no flow '{flow_id}' in namespace '{namespace}'.", "flow.id")])
