"""Labels and variables of an execution: set by a user, by a task, by a breach."""

from collections.abc import Mapping

from apps.engine.decide.events import Event, SetLabels, SetVariables
from apps.engine.decide.turn import Turn
from apps.engine.execution import Label

SYSTEM = "system."


def apply(turn: Turn, event: Event) -> None:
    """Users set labels on executions that have ended; variables at any time."""
    if isinstance(event, SetLabels):
        if not turn.draft.state.terminal:
            turn.refuse("conflict", f"The execution is {turn.draft.state}; labels can be set when it has ended")
            return
        kept = tuple(label for label in turn.draft.labels if label.key.startswith(SYSTEM))
        turn.draft.fields["labels"] = (*(label for label in event.labels if not label.key.startswith(SYSTEM)), *kept)
    elif isinstance(event, SetVariables):
        merged = {**turn.draft.variables, **event.values}
        turn.draft.fields["variables"] = {key: value for key, value in merged.items() if key not in event.remove}


def replace(turn: Turn, values: Mapping[str, str]) -> None:
    """Set labels: each key then has just this value, in its old place if it had one."""
    result: list[Label] = []
    left = dict(values)
    for label in turn.draft.labels:
        if label.key in values:
            if label.key in left:
                result.append(Label(label.key, left.pop(label.key)))
        else:
            result.append(label)
    turn.draft.fields["labels"] = (*result, *(Label(key, value) for key, value in left.items()))
