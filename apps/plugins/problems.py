"""What is wrong with the properties that an author wrote, before anything is rendered; a text with an expression fits everywhere."""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from apps.plugins.properties import Properties

COMMON = frozenset(
    {
        "id",
        "type",
        "description",
        "disabled",
        "version",
        "retry",
        "timeout",
        "allowFailure",
        "allowWarning",
        "logLevel",
        "logToFile",
        "runIf",
        "when",
        "workerGroup",
        "workerSelector",
        "taskCache",
        "assets",
        "policyRefs",
        "conditions",
        "stopAfter",
        "failOnTriggerError",
        "allowConcurrent",
        "labels",
    }
)
"""Properties that every task or trigger has; the flow's model checks them."""


@dataclass
class PropertyProblem:
    """One thing wrong, and where."""

    path: tuple[str | int, ...]
    message: str


def has_expression(value: Any) -> bool:
    """Whether a template is anywhere in `value`."""
    if isinstance(value, str):
        return "{{" in value or "{%" in value
    if isinstance(value, Mapping):
        return any(has_expression(key) or has_expression(item) for key, item in value.items())
    return isinstance(value, list | tuple) and any(has_expression(item) for item in value)


def find_problems(model: type[Properties], properties: Mapping[str, Any]) -> list[PropertyProblem]:
    """Everything wrong with `properties`, own ones only."""
    declared = names_of(model)
    own = {name: value for name, value in properties.items() if name in declared or name not in COMMON}
    try:
        model.model_validate(own)
    except ValidationError as error:
        return describe(error, own, model, excuse=True)
    return []


def describe(error: ValidationError, own: Mapping[str, Any], model: type[Properties], *, excuse: bool = False) -> list[PropertyProblem]:
    """pydantic's complaints in our words; `excuse` lets texts with an expression pass."""
    details = (detail for detail in error.errors(include_url=False) if not (excuse and _excused(detail)))
    return _distinct(_problem(detail, own, names_of(model)) for detail in details)


def names_of(model: type[Properties]) -> dict[str, str]:
    """Names of the properties as written in YAML, to their attribute names."""
    return {field.alias or name: name for name, field in model.model_fields.items()}


def _excused(detail: ErrorDetails) -> bool:
    return detail["type"] not in ("missing", "extra_forbidden") and has_expression(detail["input"])


def _problem(detail: ErrorDetails, own: Mapping[str, Any], declared: Iterable[str]) -> PropertyProblem:
    path = _path(detail, own)
    name = _name(path)
    if detail["type"] == "missing":
        return PropertyProblem(path, f"`{name}` is required")
    if detail["type"] == "extra_forbidden":
        return PropertyProblem(path, _unknown(name, declared if len(path) == 1 else ()))
    return PropertyProblem(path, f"`{name}` {_wording(detail['msg'])}")


def _name(path: tuple[str | int, ...]) -> str:
    """The last name of a path, with the places in lists behind it."""
    name = ""
    for part in path:
        name = f"{name}[{part}]" if isinstance(part, int) else part
    return name


def _unknown(name: str, declared: Iterable[str]) -> str:
    nearest = difflib.get_close_matches(name, list(declared), n=3, cutoff=0.6)
    hint = f"; did you mean {' or '.join(f'`{near}`' for near in nearest)}?" if nearest else ""
    return f"`{name}` is not a property of this type{hint}"


def _wording(message: str) -> str:
    text = message.removeprefix("Value error, ")
    return text.replace("Input should be", "must be", 1) if text.startswith("Input should be") else f"is not valid: {text}"


def _path(detail: ErrorDetails, own: Mapping[str, Any]) -> tuple[str | int, ...]:
    """pydantic's location without the names of union members, which are no keys of what the author wrote."""
    path: list[str | int] = []
    here: Any = own
    last = len(detail["loc"]) - 1
    for index, part in enumerate(detail["loc"]):
        if _holds(here, part):
            here = here[part]
        elif index < last or detail["type"] != "missing":
            continue
        path.append(part)
    return tuple(path)


def _holds(value: Any, part: str | int) -> bool:
    if isinstance(value, Mapping):
        return part in value
    return isinstance(value, list) and isinstance(part, int) and part < len(value)


def _distinct(problems: Iterable[PropertyProblem]) -> list[PropertyProblem]:
    first: dict[tuple[str | int, ...], PropertyProblem] = {}
    for problem in problems:
        first.setdefault(problem.path, problem)
    return list(first.values())
