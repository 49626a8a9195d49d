"""The cost of an event must not grow with the number of task runs: a ForEach of many values costs per task run what a small one does."""

import gc
import time
from datetime import UTC, datetime, timedelta

from apps.engine.decide import advance
from apps.engine.decide.events import Continue, Created, TaskFinished
from apps.engine.execution import Execution
from apps.engine.flow.model import Flow
from apps.engine.messages import TaskResult
from apps.engine.state import State, StateEntry

START = datetime(2026, 1, 1, tzinfo=UTC)


def loop_flow(limit: int) -> Flow:
    body = {"id": "body", "type": "io.kestra.plugin.core.debug.Return", "format": "{{ taskrun.value }}"}
    loop = {"id": "loop", "type": "io.kestra.plugin.core.flow.ForEach", "values": "{{ inputs.values }}", "concurrencyLimit": limit}
    return Flow.model_validate({"id": "f", "namespace": "n", "tasks": [{**loop, "tasks": [body]}]})


def drive(flow: Flow, count: int) -> tuple[Execution, float, float]:
    """Run a loop of `count` values to its end; seconds for opening it, and for all results after that."""
    execution = Execution("e", "main", "n", "f", 1, (StateEntry(State.CREATED, START),))
    execution.inputs = {"values": [str(number) for number in range(count)]}
    begun = time.process_time()
    decision = advance(flow, execution, Created(), START)
    execution.apply(decision)
    waiting = [dispatch.task_run_id for dispatch in decision.dispatch]
    opened = time.process_time()
    now, index = START, 0
    while True:
        while decision.more:
            decision = advance(flow, execution, Continue(), now)
            execution.apply(decision)
            waiting.extend(dispatch.task_run_id for dispatch in decision.dispatch)
        if index == len(waiting):
            break
        now += timedelta(milliseconds=1)
        event = TaskFinished(TaskResult(waiting[index], 1, State.SUCCESS, now, now, {"value": "x"}))
        index += 1
        decision = advance(flow, execution, event, now)
        execution.apply(decision)
        waiting.extend(dispatch.task_run_id for dispatch in decision.dispatch)
    return execution, opened - begun, time.process_time() - opened


def per_run(limit: int, count: int, rounds: int = 1) -> float:
    flow = loop_flow(limit)
    best = float("inf")
    for _ in range(rounds):
        gc.collect()
        execution, opened, spent = drive(flow, count)
        assert execution.state is State.SUCCESS
        assert len(execution.runs) == count + 1
        best = min(best, (opened + spent) / count)
    return best


def main() -> None:
    """Print the curve."""
    for limit in (1, 8, 0):
        for count, rounds in ((100, 20), (1_000, 5), (10_000, 2), (100_000, 1)):
            print(f"limit {limit:2}  {count:7} values  {per_run(limit, count, rounds) * 1e6:7.1f} us per task run")


if __name__ == "__main__":
    main()
