"""All inputs of a flow at once: which are asked for, what they are worth, and everything that is wrong with them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from apps.engine.expression import ExpressionError, Scope, evaluate_condition, render
from apps.engine.flow import casts
from apps.engine.flow.casts import BadValue
from apps.engine.flow.declarations import AnyInput, DependsOn, EnumInput, FileInput, FormInput, MultiselectInput, SecretInput, SelectInput
from apps.engine.flow.fields import has_expression
from apps.engine.inputs.values import Encrypt, Store, typed_value

ScopeFactory = Callable[[Mapping[str, Any]], Scope]
"""Gives the scope in which `inputs` is what has been resolved so far."""
MAX_SHOWN = 1000


@dataclass(frozen=True)
class InputProblem:
    """One input that does not fit; `message` is whole, with the input's name."""

    input_id: str
    message: str


@dataclass(frozen=True)
class InputState:
    """What the run dialog shows of one input; `value` is the typed one, or what was sent if that does not fit."""

    declared: AnyInput
    value: Any
    enabled: bool
    is_default: bool
    errors: tuple[str, ...] = ()
    options: tuple[str, ...] | None = None
    """The values of a SELECT or MULTISELECT, rendered."""


@dataclass(frozen=True)
class Resolved:
    """The outcome: nested values (secrets already encrypted), problems and states in the order of the declarations."""

    values: dict[str, Any]
    problems: tuple[InputProblem, ...]
    states: tuple[InputState, ...]
    secrets: tuple[str, ...] = ()
    """The plain texts of SECRET inputs, for masking."""


class InvalidInputs(ValueError):
    """Inputs that do not fit their declarations, all of them."""

    def __init__(self, problems: Sequence[InputProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{problem.input_id}: {problem.message}" for problem in problems))


def resolve_inputs(
    declared: Sequence[AnyInput],
    sent: Mapping[str, Any],
    scope_factory: ScopeFactory,
    *,
    encrypt: Encrypt | None = None,
    store: Store | None = None,
    check_required: bool = True,
) -> Resolved:
    """The typed values of `declared` inputs from what a caller `sent` (dotted ids or nested maps; unknown keys are ignored).

    `encrypt` turns the text of a SECRET into what is kept; `store` turns what was sent for a FILE into a storage URI.
    """
    leaves = list(_leaves(declared))
    guards = {item.id: found for item, found in leaves}
    return _Resolver([item for item, _ in leaves], guards, sent, scope_factory, encrypt, store, check_required).run()


def _leaves(
    declared: Sequence[AnyInput], prefix: str = "", outer: tuple[DependsOn, ...] = ()
) -> Iterator[tuple[AnyInput, tuple[DependsOn, ...]]]:
    """The inputs below all forms under their whole ids, each with what it and its forms depend on."""
    for item in declared:
        guards = (*outer, item.depends_on) if item.depends_on is not None else outer
        if isinstance(item, FormInput):
            yield from _leaves(item.inputs, f"{prefix}{item.id}.", guards)
        else:
            yield (item.model_copy(update={"id": prefix + item.id}) if prefix else item), guards


def nest(values: Mapping[str, Any]) -> dict[str, Any]:
    """Maps in place of dots: {"db.host": 1} becomes {"db": {"host": 1}}."""
    nested: dict[str, Any] = {}
    for key, value in values.items():
        *parents, last = key.split(".")
        here = nested
        for parent in parents:
            below = here.get(parent)
            if not isinstance(below, dict):
                below = here[parent] = {}
            here = below
        here[last] = value
    return nested


@dataclass
class _Resolver:
    """Resolves by dependencies, each input once."""

    declared: Sequence[AnyInput]
    guards: Mapping[str, tuple[DependsOn, ...]]
    sent: Mapping[str, Any]
    scope_factory: ScopeFactory
    encrypt: Encrypt | None
    store: Store | None
    check_required: bool
    states: dict[str, InputState] = field(default_factory=dict)
    plain: dict[str, Any] = field(default_factory=dict)
    kept: dict[str, Any] = field(default_factory=dict)
    secrets: list[str] = field(default_factory=list)

    def run(self) -> Resolved:
        by_id = {item.id: item for item in self.declared}
        for item in self.declared:
            self._visit(item, by_id)
        states = tuple(self.states[item.id] for item in by_id.values())
        problems = tuple(InputProblem(state.declared.id, message) for state in states for message in state.errors)
        ordered = {item.id: self.kept[item.id] for item in by_id.values() if item.id in self.kept}
        return Resolved(nest(ordered), problems, states, tuple(self.secrets))

    def _visit(self, item: AnyInput, by_id: Mapping[str, AnyInput]) -> None:
        """Resolve `item` after what it depends on; an explicit stack, as chains may be long and may run in circles."""
        stack = [(item, False)]
        waiting: set[str] = set()
        while stack:
            current, ready = stack.pop()
            if current.id in self.states:
                continue
            needed = [by_id[name] for name in self._needs(current) if name in by_id and name not in self.states and name not in waiting]
            if ready or not needed:
                self.states[current.id] = self._resolve(current)
                continue
            waiting.add(current.id)
            stack.append((current, True))
            stack.extend((other, False) for other in reversed(needed) if other.id != current.id)

    def _resolve(self, item: AnyInput) -> InputState:
        raw = _sent_value(self.sent, item.id)
        try:
            if not self._is_enabled(item):
                return InputState(item, None, enabled=False, is_default=False)
            options = self._options(item)
        except (ExpressionError, BadValue) as error:
            return InputState(item, raw, enabled=True, is_default=False, errors=(_message(item, str(error), raw),))
        return self._resolve_enabled(item, raw, options)

    def _resolve_enabled(self, item: AnyInput, raw: Any, options: tuple[str, ...] | None) -> InputState:
        is_default = raw is None and (item.defaults is not None or _selects_first(item, options))
        value = raw if raw is not None else item.defaults
        if value is None and is_default and options:
            value = [options[0]] if isinstance(item, MultiselectInput) else options[0]
        if value is None or value == "":
            return self._resolve_missing(item, options)
        try:
            typed = self._typed(item, value, options, sent=not is_default)
        except (ExpressionError, BadValue) as error:
            return InputState(item, value, True, is_default, (_message(item, str(error), value),), options)
        return InputState(item, typed, True, is_default, (), options)

    def _resolve_missing(self, item: AnyInput, options: tuple[str, ...] | None) -> InputState:
        if item.required and self.check_required:
            return InputState(item, None, True, False, (_message(item, "missing required input", None),), options)
        self.kept[item.id] = self.plain[item.id] = None
        return InputState(item, None, True, False, (), options)

    def _typed(self, item: AnyInput, value: Any, options: tuple[str, ...] | None, *, sent: bool) -> Any:
        if isinstance(item, FileInput) and self.store is not None:
            value = self.store(item, value)
        typed = typed_value(item, value, options, sent=sent)
        self.plain[item.id] = self.kept[item.id] = typed
        if isinstance(item, SecretInput):
            self.secrets.append(typed)
            if self.encrypt is not None:
                self.kept[item.id] = self.encrypt(typed)
        return self.kept[item.id]

    def _is_enabled(self, item: AnyInput) -> bool:
        """Whether all it depends on is there and its condition holds; unknown names and its own are passed over."""
        states = [self.states[name] for name in self._needs(item) if name in self.states]
        if any(not state.enabled or state.errors for state in states):
            return False
        conditions = [guard.condition for guard in self.guards[item.id] if guard.condition is not None]
        return all(evaluate_condition(condition, self._scope()) for condition in conditions)

    def _needs(self, item: AnyInput) -> list[str]:
        """The ids it depends on; one of the same form may be named without the form's id."""
        form = item.id.rpartition(".")[0]
        named = (name for guard in self.guards[item.id] for name in guard.inputs)
        found = (name if name in self.guards or not form else f"{form}.{name}" for name in named)
        return [name for name in found if name != item.id]

    def _options(self, item: AnyInput) -> tuple[str, ...] | None:
        """The values one may choose from, rendered where they are an expression."""
        if isinstance(item, EnumInput):
            return item.values
        if not isinstance(item, SelectInput | MultiselectInput):
            return None
        if item.expression is not None:
            return tuple(_option(value) for value in casts.as_list(render(item.expression, self._scope())))
        values = render(item.values, self._scope()) if has_expression(item.values) else item.values
        return tuple(_option(value) for value in casts.as_list(values or []))

    def _scope(self) -> Scope:
        return self.scope_factory(nest(self.plain))


def _option(value: Any) -> str:
    """A value of a list, also where it is written as a pair of label and value."""
    return casts.as_text(value["value"] if isinstance(value, dict) and "value" in value else value)


def _selects_first(item: AnyInput, options: tuple[str, ...] | None) -> bool:
    return isinstance(item, SelectInput | MultiselectInput) and item.auto_select_first and bool(options)


def _sent_value(sent: Mapping[str, Any], input_id: str) -> Any:
    """What was sent under a dotted id, flat or nested; an empty text counts as nothing."""
    value = sent.get(input_id)
    if value is None and "." in input_id:
        here: Any = sent
        for step in input_id.split("."):
            here = here.get(step) if isinstance(here, Mapping) else None
        value = here
    return None if value == "" else value


def _message(item: AnyInput, reason: str, value: Any) -> str:
    shown = "null" if value is None else "******" if isinstance(item, SecretInput) else str(value)[:MAX_SHOWN]
    return f"Invalid input for `{item.id}`, {reason}, but received `{shown}`"
