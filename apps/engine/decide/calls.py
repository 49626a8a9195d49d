"""Subflow: starts a child execution, waits for its end, takes over its outputs and state."""

from apps.engine.decide import retry
from apps.engine.decide.allowances import allowed
from apps.engine.decide.attempts import ended_attempt
from apps.engine.decide.events import ChildEnded
from apps.engine.decide.turn import Turn
from apps.engine.execution import ChildStart, TaskRun
from apps.engine.execution.ids import derive_id
from apps.engine.flow.flowables import Subflow
from apps.engine.flowables import subflow
from apps.engine.flowables.asking import PendingError, RefusedError
from apps.engine.state import State


def begin(turn: Turn, task: Subflow, run: TaskRun) -> None:
    """Ask for the child. Like Kestra 0.21, `runIf` of a Subflow is not looked at (golden runif/on-groups)."""
    run = turn.enter_run(run, State.RUNNING)
    if run.memo.get("restart"):
        turn.note_run(run, restart=None)
        turn.restart_children.append((run.id, run.memo["child"]))
        return
    try:
        call = subflow.render_call(task, turn.ask(run))
    except PendingError as pending:
        turn.evaluate(run, pending.evaluation)
        return
    except RefusedError as refused:
        refuse(turn, run, refused.message)
        return
    child_id = derive_id(run.id, "child", turn.draft.generation, len(run.attempts))
    turn.note_run(run, child=child_id, answers=None, target=(call.namespace, call.flow_id))
    turn.children.append(
        ChildStart(
            execution_id=child_id,
            task_run_id=run.id,
            namespace=call.namespace,
            flow_id=call.flow_id,
            revision=call.revision,
            inputs=call.inputs,
            labels=call.labels,
            trigger=subflow.trigger_info(turn.flow, turn.draft, task.id, Subflow.type_names[0]),
            schedule_date=call.schedule_date,
        )
    )


def refuse(turn: Turn, run: TaskRun, reason: str) -> None:
    """The child cannot be created: FAILED, whatever the task allows (semantics.md 2.10)."""
    turn.log("ERROR", reason, run)
    attempt = ended_attempt(run.history[-1].date, turn.now, State.FAILED)
    turn.enter_run(run, State.FAILED, attempts=(*run.attempts, attempt))


def child_started(turn: Turn, task: Subflow, run: TaskRun, child_id: str) -> None:
    """The child exists; without `wait` that is all."""
    namespace, flow_id = run.memo.get("target", ("", ""))
    turn.log("INFO", created_line(child_id, namespace, flow_id), run)
    outputs = subflow.call_outputs(child_id, State.CREATED, {})
    if task.wait:
        turn.draft.update(run, outputs={"executionId": child_id})
        return
    attempt = ended_attempt(run.history[-1].date, turn.now, State.SUCCESS)
    turn.enter_run(run, State.SUCCESS, outputs=outputs, attempts=(*run.attempts, attempt))


def created_line(execution_id: str, namespace: str, flow_id: str) -> str:
    """The log line by which the UI links to the child."""
    return f'Created new execution [[link execution="{execution_id}" flowId="{flow_id}" namespace="{namespace}"]]'


def child_ended(turn: Turn, task: Subflow, run: TaskRun, event: ChildEnded) -> None:
    """The child's end becomes the run's, by transmitFailed and the allowances; a failure may be retried."""
    state = event.state
    own = subflow.own_state(task, state)
    attempt = ended_attempt(run.history[-1].date, turn.now, own)
    run = turn.draft.update(run, outputs=subflow.call_outputs(event.execution_id, state, event.outputs), attempts=(*run.attempts, attempt))
    if own is State.FAILED and retry.plan(turn, run):
        return
    end = allowed(task, own)
    reached = [state] if state.failed or state is State.WARNING else []
    attempts = (*run.attempts[:-1], ended_attempt(run.attempts[-1].history[0].date, turn.now, end))
    turn.enter_run(run, *reached, end, attempts=attempts)
