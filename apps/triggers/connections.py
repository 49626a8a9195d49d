"""Where triggers are tied to the apps below: the news that they hear, the asks of tasks that they answer."""

from apps.common.outbox import subscribe
from apps.engine.job_messages import ToggleTrigger
from apps.executions.api.job_asks import serve
from apps.executions.api.worker import ENDPOINTS
from apps.executions.events import ExecutionEnded, ExecutionStateChanged, heard_only_if
from apps.executions.jobs import also_for
from apps.flows.events import FlowDeleted, FlowSaved
from apps.triggers import evaluating, gateway, namespace_contents, subscribers
from apps.triggers.job_asks import toggle
from apps.triggers.listening import has_listeners


def connect() -> None:
    """Called once at start-up."""
    subscribe(FlowSaved, subscribers.on_flow_saved)
    subscribe(FlowDeleted, subscribers.on_flow_deleted)
    subscribe(ExecutionStateChanged, subscribers.on_state_changed)
    heard_only_if(ExecutionStateChanged, has_listeners)
    subscribe(ExecutionEnded, subscribers.on_execution_ended)
    serve(ToggleTrigger, toggle)
    namespace_contents.announce()
    also_for(evaluating.PREFIX, evaluating.context_for_token)
    for name, call in {"claim": gateway.claim, "finish": gateway.finish, "heartbeat": gateway.beat, "logs": gateway.logs}.items():
        ENDPOINTS[name] = ENDPOINTS[name]._replace(call=call)
