"""Which group a task run goes to, and what happens when nobody there can take it."""

from dataclasses import dataclass
from time import monotonic

from apps.engine.messages import DEFAULT_GROUP
from apps.workergroups.models import Worker, WorkerGroup
from apps.workergroups.selectors import live_since

REMEMBERED = 1.0
"""Seconds that groups and their live workers are remembered."""


@dataclass(frozen=True)
class Route:
    """A group to queue for, or the refusal: why, and whether the whole execution is cancelled for it."""

    group: str = DEFAULT_GROUP
    refusal: str | None = None
    cancel: bool = False


@dataclass(frozen=True)
class _Known:
    tenants: dict[str, tuple[str, ...]]
    alive: frozenset[str]


_known: tuple[float, _Known] = (0.0, _Known({}, frozenset()))


def route(tenant_id: str, group: str | None, fallback: str | None) -> Route:
    """Where a task run of a tenant goes that asks for `group`; `fallback` counts while no live worker is in it."""
    if group is None or group == DEFAULT_GROUP:
        return Route()
    known = groups()
    allowed = known.tenants.get(group)
    if allowed is None or (allowed and tenant_id not in allowed):
        if fallback == "IGNORE":
            return Route()
        refusal = f"There is no worker group '{group}' for this tenant: start a worker with --worker-group {group}, or change the key."
        return Route(refusal=refusal)
    if group in known.alive or fallback in (None, "WAIT"):
        return Route(group)
    if fallback == "IGNORE":
        return Route()
    return Route(refusal=f"No live worker is in the group '{group}', and the task's fallback is {fallback}.", cancel=fallback == "CANCEL")


def groups() -> _Known:
    """The groups and those with live workers, at most a second old."""
    global _known
    now = monotonic()
    expires, known = _known
    if now >= expires:
        tenants = {row.key: tuple(row.tenants) for row in WorkerGroup.objects.all()}
        alive = Worker.objects.filter(stopped_at=None, beat_at__gt=live_since()).values_list("group_key", flat=True)
        known = _Known(tenants, frozenset(alive))
        _known = (now + REMEMBERED, known)
    return known


def forget_groups() -> None:
    """Look again at the next question."""
    global _known
    _known = (0.0, _known[1])
