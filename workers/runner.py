"""One task run from its job to its result: condition, rendering, the task itself under its timeout, and the state it ends in."""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import msgspec
from pydantic import ValidationError

from apps.engine.execution import Values
from apps.engine.expression import ExpressionError
from apps.engine.flow.duration import BadDuration, parse_duration
from apps.engine.job_messages import TRIGGER_OUTPUT
from apps.engine.messages import Metric
from apps.engine.state import State
from apps.plugins.problems import COMMON, PropertyProblem, describe, names_of
from apps.plugins.properties import Properties
from apps.plugins.registry import registry
from apps.plugins.sdk import Output, Outputs, Task, TaskFailure, Trigger, java_text
from workers.context import Context
from workers.gateway import CallRefused, GatewayDown
from workers.large_outputs import put_aside
from workers.running import Running, StopReason
from workers.task_cache import TaskCache

log = logging.getLogger("penstock.worker")
Work = Callable[[], Outputs]
MOST_OUTPUT = 12 * 1024 * 1024
"""Bytes of outputs that a result may carry; more belongs into a file."""
STOP_PATIENCE = 4.0
"""How long a stopped task may take to come back before its thread is left to itself."""


@dataclass
class Ended:
    """How a task run ended."""

    state: State
    started_at: datetime
    ended_at: datetime
    outputs: Values = field(default_factory=dict)
    metrics: tuple[Metric, ...] = ()
    commands: tuple[Values, ...] = ()
    error: str | None = None
    retry: bool = True
    allow_failure: bool = True
    log_file: str | None = None


class _NoAnswer(Exception):
    """`runIf` could not be rendered."""


def run_task(
    context: Context, definition: Mapping[str, Any], running: Running, redact: Callable[[str], str], work: Work | None = None
) -> Ended:
    """Runs one task, or `work` in its name; whatever goes wrong becomes a state and a log line, never an exception."""
    started = datetime.now(UTC)
    ended = Ended(State.SUCCESS, started, started)
    try:
        context.fetch_outputs()
        if work is None and _skipped(context, definition):
            ended.state = State.SKIPPED
        else:
            _take(ended, context, _timed(context, definition, running, work))
    except _NoAnswer as failure:
        _fail(ended, context, str(failure), running, redact)
        ended.allow_failure = False
    except TaskFailure as failure:
        _fail(ended, context, str(failure), running, redact)
        ended.outputs, ended.retry = _kept(failure, context), failure.retry
    except (ExpressionError, CallRefused, GatewayDown) as failure:
        _fail(ended, context, str(failure), running, redact)
    except Exception as failure:
        log.exception("Task run %s failed in its plugin", context.run.task_run_id)
        _fail(ended, context, f"{type(failure).__name__}: {failure}", running, redact)
    if running.reason is StopReason.KILLED:
        ended.state, ended.error, ended.outputs = State.KILLED, None, {}
    ended.metrics, ended.commands = tuple(context.metrics), tuple(context.commands)
    ended.ended_at = datetime.now(UTC)
    return ended


def _evaluated(trigger: Trigger, context: Context) -> Outputs:
    """One evaluation of a polling trigger; the variables under their key when it fires."""
    found = trigger.evaluate(context)
    return {} if found is None else {TRIGGER_OUTPUT: found}


def run_in_place(context: Context, definition: Mapping[str, Any]) -> Outputs:
    """Runs another task within the same task run."""
    built = _build(context, definition)
    if isinstance(built, Task):
        return built.run(context)
    raise TaskFailure(f"'{definition.get('type')}' is no task that can run on a worker", retry=False)


def _skipped(context: Context, definition: Mapping[str, Any]) -> bool:
    condition = definition.get("runIf", definition.get("when"))
    try:
        return condition is not None and not context.is_true(java_text(condition))
    except ExpressionError as error:
        raise _NoAnswer(str(error)) from error


def _take(ended: Ended, context: Context, found: Outputs) -> None:
    if isinstance(found, Output):
        ended.state, found = found.state, found.values
    ended.outputs = _plain(found or {}, context)


def _kept(failure: TaskFailure, context: Context) -> Values:
    """The outputs of a failed task, unless they are the reason themselves."""
    try:
        return _plain(failure.outputs, context)
    except (TaskFailure, CallRefused, GatewayDown):
        return {}


def _fail(ended: Ended, context: Context, message: str, running: Running, redact: Callable[[str], str]) -> None:
    ended.state, ended.error = State.FAILED, redact(message)
    if running.reason is not StopReason.KILLED:
        context.logger.error(message)


def _timed(context: Context, definition: Mapping[str, Any], running: Running, work: Work | None) -> Outputs:
    """The task, in this thread when it is quick, else in one that can be left behind."""
    seconds = _timeout(context, definition)
    if work is not None:
        return _in_thread(work, seconds, running, patience=3 * STOP_PATIENCE)
    built = _build(context, definition)
    if isinstance(built, Trigger):
        return _in_thread(lambda: _evaluated(built, context), seconds, running)
    if not isinstance(built, Task):
        raise TaskFailure(f"'{definition.get('type')}' is no task that can run on a worker", retry=False)
    cache = TaskCache(context, definition)
    cached = cache.find()
    if cached is not None:
        return cached
    found = built.run(context) if built.quick else _in_thread(lambda: built.run(context), seconds, running)
    cache.keep(found)
    return found


def _timeout(context: Context, definition: Mapping[str, Any]) -> float | None:
    given = definition.get("timeout")
    if given is None or given == "":
        return None
    if isinstance(given, int | float) and not isinstance(given, bool):
        return float(given)
    text = context.render(str(given)).strip()
    try:
        return parse_duration(text).total_seconds()
    except BadDuration as error:
        seconds = _seconds(text)
        if seconds is None:
            raise TaskFailure(f"timeout: {error}", retry=False) from error
        return seconds


def _seconds(text: str) -> float | None:
    """Duration inputs print as seconds."""
    try:
        return float(text)
    except ValueError:
        return None


class _Attempt:
    """`work` in a thread of its own, so that a timeout or a stop ends the wait even if the task does not listen."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._found: Outputs = None
        self._error: BaseException | None = None
        self.over = threading.Event()
        self.attention = threading.Event()
        """Set when the work is over or must stop."""

    def start(self) -> None:
        """Begins."""
        threading.Thread(target=self._run, name="penstock-task", daemon=True).start()

    def _run(self) -> None:
        try:
            self._found = self._work()
        except BaseException as error:
            self._error = error
        finally:
            self.over.set()
            self.attention.set()

    def result(self) -> Outputs:
        """What the work returned, or raises what it raised."""
        if not self.over.is_set():
            raise TaskFailure("The task was stopped")
        if self._error is not None:
            raise self._error
        return self._found

    def declared(self) -> dict[str, Any]:
        """What a script that was cut short had declared."""
        return self._error.outputs if isinstance(self._error, TaskFailure) else {}


def _in_thread(work: Work, seconds: float | None, running: Running, patience: float = STOP_PATIENCE) -> Outputs:
    if running.stopped.is_set():
        raise TaskFailure("The task was stopped before it began")
    attempt = _Attempt(work)
    forget = running.on_stop(attempt.attention.set)
    attempt.start()
    if not attempt.attention.wait(seconds):
        running.stop(StopReason.TIMEOUT)
    if running.stopped.is_set():
        attempt.over.wait(patience)
    forget()
    if running.reason is StopReason.TIMEOUT:
        raise TaskFailure(f"Timeout after {_told(seconds)}", outputs=attempt.declared())
    return attempt.result()


def _told(seconds: float | None) -> str:
    return f"{seconds:g} seconds" if seconds is not None else "its time"


def _build(context: Context, definition: Mapping[str, Any]) -> Properties:
    """The task or trigger with its properties rendered."""
    type_id = str(definition.get("type", ""))
    found = registry().find(type_id)
    if found is None:
        raise TaskFailure(f"This worker knows no type '{type_id}'; is the package that offers it installed here?", retry=False)
    model = found.model
    declared = names_of(model)
    as_written = getattr(model, "not_rendered", ())
    rendered: dict[str, Any] = {}
    for name, value in definition.items():
        if name not in declared and name in COMMON:
            continue
        rendered[name] = value if name in as_written else context.render_value(value)
    try:
        return model.model_validate(rendered)
    except ValidationError as error:
        raise TaskFailure(_all(describe(error, rendered, model)), retry=False) from error


def _all(problems: list[PropertyProblem]) -> str:
    return "; ".join(problem.message for problem in problems)


def _plain(values: Mapping[str, Any], context: Context) -> Values:
    """Outputs as JSON knows them, large ones put aside; keys without a value are left out, as Kestra does."""
    try:
        encoded = msgspec.json.encode(_without_nulls(values), enc_hook=str)
    except (msgspec.MsgspecError, TypeError, ValueError, RecursionError) as error:
        raise TaskFailure(f"The outputs cannot be written as JSON: {error}") from error
    if len(encoded) > MOST_OUTPUT:
        what = f"The outputs are {len(encoded)} bytes long; more than {MOST_OUTPUT} bytes belong into a file (outputFiles)"
        raise TaskFailure(what, retry=False)
    plain: Values = msgspec.json.decode(encoded)
    return plain if TRIGGER_OUTPUT in plain else put_aside(context, plain, len(encoded))


def _without_nulls(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _without_nulls(item) for key, item in value.items() if item is not None}
    if isinstance(value, list | tuple):
        return [_without_nulls(item) for item in value]
    return value
