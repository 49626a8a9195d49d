"""Turns what pydantic found wrong into problems for people: path without inner tags, plain words, the nearest known names."""

from collections.abc import Iterator
from typing import Any, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from apps.engine.flow.fields import Part
from apps.engine.flow.flowables import TAG
from apps.engine.flow.problems import FlowProblem, Path, nearest
from apps.engine.flow.task import accepted_keys

WANTED = {
    "tuple_type": "must be a list",
    "list_type": "must be a list",
    "dict_type": "must be a map",
    "model_type": "must be a map",
    "model_attributes_type": "must be a map",
    "string_type": "must be a text",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "union_tag_not_found": "needs a type",
}
ID_RULE = "may have letters, digits, '-' and '_' only, and begins with a letter or a digit"
MAX_SHOWN = 80


def problems_of(error: ValidationError, root: type[Part], document: Any) -> Iterator[FlowProblem]:
    """All that pydantic found, each once, without what only follows from something else."""
    seen: set[tuple[Path, str]] = set()
    for detail in error.errors(include_url=False):
        if detail["type"] == "too_short" and detail["input"]:
            continue
        path = path_in(document, detail["loc"], keep_last=detail["type"] == "missing")
        problem = _problem(detail, path, root)
        if (path, problem.message) not in seen:
            seen.add((path, problem.message))
            yield problem


def path_in(document: Any, location: tuple[int | str, ...], *, keep_last: bool) -> Path:
    """A location of pydantic without its tags for members of unions: only steps that the document has."""
    path: list[int | str] = []
    here = document
    for number, step in enumerate(location):
        if _has(here, step):
            here = here[step]
        elif not (keep_last and number == len(location) - 1):
            continue
        path.append(step)
    return tuple(path)


def _has(here: Any, step: int | str) -> bool:
    if isinstance(here, dict):
        return step in here
    return isinstance(here, list | tuple) and isinstance(step, int) and step < len(here)


def _problem(detail: ErrorDetails, path: Path, root: type[Part]) -> FlowProblem:
    kind = detail["type"]
    name = str(path[-1]) if path else ""
    if kind == "missing":
        return FlowProblem(f"'{name}' is missing; add it", path, short=_missing(path))
    if kind == "extra_forbidden":
        return _unknown_property(detail, path, root)
    if kind == "too_short":
        return FlowProblem(f"'{name}' must not be empty", path, short=_must(path, "must not be empty"))
    if kind == "union_tag_invalid":
        return _unknown_kind(detail, path)
    if detail["input"] is None and kind in ("string_type", "model_type", "dict_type", "int_type", "float_type", "union_tag_not_found"):
        return FlowProblem(f"'{name}' has no value; give it one or remove the line", path, short=_must(path, "must not be null"))
    return FlowProblem(f"'{name}' {_reason(detail)}", path)


def _missing(path: Path) -> str:
    if path[-1] == "type" and "outputs" not in path:
        return "Invalid type: <null>"
    return _must(path, "must not be empty" if path == ("tasks",) else "must not be null")


def _must(path: Path, rule: str) -> str:
    return f"{FlowProblem('', path).path_text}: {rule}"


def _reason(detail: ErrorDetails) -> str:
    kind, context = detail["type"], detail.get("ctx", {})
    if kind in WANTED:
        return f"{WANTED[kind]}, not {_shown(detail['input'])}"
    if kind == "value_error":
        return f"{context['error']}"
    if kind in ("literal_error", "enum"):
        return f"must be {context['expected']}, not {_shown(detail['input'])}"
    if kind == "string_pattern_mismatch":
        rule = ID_RULE if "." not in context["pattern"] else ID_RULE.replace("'-' and '_'", "'.', '-' and '_'")
        if "A-Z" not in context["pattern"]:
            rule = rule.replace("letters", "lower-case letters").replace("a letter", "such a letter")
        return f"{rule}: {_shown(detail['input'])} does not"
    if kind in ("greater_than_equal", "greater_than"):
        return f"must be {'at least' if 'ge' in context else 'more than'} {context.get('ge', context.get('gt'))}"
    if kind == "string_too_long":
        return f"is longer than {context['max_length']} characters"
    if kind == "string_too_short":
        return "must not be empty"
    return detail["msg"][0].lower() + detail["msg"][1:]


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return "a map"
    if isinstance(value, list | tuple):
        return "a list"
    if value is None:
        return "empty"
    text = str(value)
    return repr(text if len(text) <= MAX_SHOWN else text[:MAX_SHOWN] + "…")


def _unknown_property(detail: ErrorDetails, path: Path, root: type[Part]) -> FlowProblem:
    """The known properties are those of the classes that the location leads to."""
    name = str(detail["loc"][-1])
    known = sorted({key for model in _models_at(root, detail["loc"][:-1]) for key in accepted_keys(model)})
    way_out = nearest(name, known) or (f"; known are {', '.join(known)}" if known else "")
    return FlowProblem(f"unknown property '{name}'{way_out}", path, short=f'Unrecognized field "{name}"')


def _unknown_kind(detail: ErrorDetails, path: Path) -> FlowProblem:
    """A type of an input or a retry that there is not."""
    context = detail.get("ctx", {})
    known = [word.strip("' ") for word in str(context["expected_tags"]).split(",")]
    written = str(context["tag"])
    way_out = nearest(written, known) or f"; known are {', '.join(known)}"
    return FlowProblem(f"unknown type '{written}'{way_out}", (*path, "type"), short=f"Invalid type: {written}")


def _models_at(root: type[Part], location: tuple[int | str, ...]) -> set[type[Part]]:
    """The classes that may stand at a location of pydantic's."""
    here: set[type[Part]] = {root}
    for step in location:
        if isinstance(step, int):
            continue
        if step.startswith(TAG):
            here = {model for model in _subclasses(Part) if model.__name__ == step.removeprefix(TAG)}
            continue
        here = _below(here, step) or {model for model in here if _has_literal(model, step)} or here
    return here


def _subclasses(model: type[Part]) -> Iterator[type[Part]]:
    for below in model.__subclasses__():
        yield below
        yield from _subclasses(below)


def _below(models: set[type[Part]], key: str) -> set[type[Part]]:
    found: set[type[Part]] = set()
    for model in models:
        for field in model.model_fields.values():
            names = getattr(field.validation_alias, "choices", [field.validation_alias or field.alias])
            if key in names:
                found |= _parts_in(field.annotation)
    return found


def _parts_in(annotation: Any) -> set[type[Part]]:
    if isinstance(annotation, type) and issubclass(annotation, Part):
        return {annotation}
    return {part for argument in get_args(annotation) for part in _parts_in(argument)}


def _has_literal(model: type[Part], word: str) -> bool:
    field = model.model_fields.get("type")
    return field is not None and word in get_args(field.annotation)
