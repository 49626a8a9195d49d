"""How a flowable gets its expressions evaluated: at once, or by the shell when they need I/O."""

from datetime import datetime
from functools import lru_cache
from typing import Any, Literal

from apps.engine.execution import Evaluation, TaskRun
from apps.engine.execution.draft import Draft
from apps.engine.execution.stored import holds_stored
from apps.engine.expression import ExpressionError, Names, Scope, analyze, render, render_value
from apps.engine.flow.model import Flow
from apps.engine.flowables.context import variables_for
from apps.engine.flowables.io import ENGINE_PORTS, ShellNeeded
from apps.engine.flowables.own_turn import own_turn_only

FALSE_TEXTS = frozenset({"", "false", "0", "-0"})
"""Only these are false, to the letter: ' ' and ' false ' are true (golden flowable/if-truthiness)."""

Mode = Literal["text", "value", "condition"]


class RefusedError(Exception):
    """A flowable that cannot go on: its run is FAILED, with this line in its log and these outputs."""

    def __init__(self, message: str, *, level: str = "ERROR", outputs: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.level = level
        self.outputs = outputs


class PendingError(Exception):
    """The shell was asked for an evaluation; the answer comes as an event."""

    def __init__(self, evaluation: Evaluation) -> None:
        super().__init__(evaluation.key)
        self.evaluation = evaluation


class Ask:
    """Evaluates expressions with the variables of one task run, or of the execution for None."""

    def __init__(self, flow: Flow, draft: Draft, run: TaskRun | None, now: datetime) -> None:
        self.flow = flow
        self.draft = draft
        self.run = run
        self.now = now

    def text(self, key: str, raw: str) -> str:
        """`raw` rendered to a text."""
        return str(self._evaluate(key, raw, "text"))

    def value(self, key: str, raw: Any) -> Any:
        """`raw` with every text inside rendered."""
        return self._evaluate(key, raw, "value")

    def condition(self, key: str, raw: str) -> bool:
        """Whether `raw` holds."""
        return bool(self._evaluate(key, raw, "condition"))

    def _answers(self) -> dict[str, Any]:
        memo = self.run.memo if self.run is not None else self.draft.memo
        answers: dict[str, Any] = memo.get("answers", {})
        return answers

    def _evaluate(self, key: str, raw: Any, mode: Mode) -> Any:
        answer = self._answers().get(key)
        if answer is not None:
            if answer.get("error"):
                raise RefusedError(answer["error"])
            return answer.get("value")
        if not needs_rendering(raw, mode):
            return raw
        variables = variables_for(self.flow, self.draft, self.run, only=names_of(raw), own=own_turn_only(raw))
        scope = Scope(variables, ports=ENGINE_PORTS, now=self.now, namespace=self.flow.namespace)
        try:
            if holds_stored(variables.get("outputs")):
                raise ShellNeeded
            return _render(raw, mode, scope)
        except ExpressionError as error:
            raise RefusedError(error.message) from error
        except ShellNeeded:
            run_id = self.run.id if self.run else None
            raise PendingError(Evaluation(key, run_id, raw, variables, mode)) from None


@lru_cache(maxsize=4096)
def _names_of_text(text: str) -> Names:
    return analyze(text)


def names_of(raw: Any) -> Names:
    """What `raw` names."""
    return _names_of_text(raw) if isinstance(raw, str) else analyze(raw)


def _render(raw: Any, mode: Mode, scope: Scope) -> Any:
    if mode == "condition":
        return render(raw, scope) not in FALSE_TEXTS
    return render(raw, scope) if mode == "text" else render_value(raw, scope)


def needs_rendering(raw: Any, mode: Mode) -> bool:
    """Whether there is anything to render; a plain condition still has to be judged."""
    return mode == "condition" or (isinstance(raw, list | dict | tuple)) or (isinstance(raw, str) and "{" in raw)
