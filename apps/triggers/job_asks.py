"""What a running task may ask about triggers."""

from apps.engine.job_messages import Done, ToggleTrigger
from apps.executions.api.job import actor_of, check_namespace
from apps.executions.jobs import JobContext
from apps.triggers import services


def toggle(job: JobContext, ask: ToggleTrigger) -> Done:
    """Enables or disables a trigger of a namespace that lets the job in."""
    row = services.locked_row(check_namespace(job, ask.namespace), ask.flow_id, ask.trigger)
    services.set_disabled(actor=actor_of(job), row=row, disabled=not ask.enabled)
    return Done()
