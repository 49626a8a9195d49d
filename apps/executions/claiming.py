"""Which tenants' task runs a claim takes: those who run least come first, then in turn, so that a long queue delays nobody else's."""

from collections.abc import Sequence
from threading import Lock
from time import monotonic

from apps.executions import leases
from apps.executions.leases import Claimed

LASTS = 0.25
"""Seconds that the list of tenants with ready work is believed."""
MAX_CLAIM = 500

_known: dict[str, tuple[float, list[str]]] = {}
_lock = Lock()


def claim_fairly(worker: str, group: str, capacity: int) -> list[tuple[Claimed, str]]:
    """At most `capacity` leases, shared between the tenants that have ready work."""
    capacity = min(capacity, MAX_CLAIM)
    if capacity <= 0:
        return []
    claimed = leases.claim(worker, group, shares(_tenants(group), capacity))
    missing = capacity - len(claimed)
    if missing > 0:
        tenants = _look(group)
        if tenants:
            claimed += leases.claim(worker, group, shares(tenants, missing))
    return claimed


def _tenants(group: str) -> list[str]:
    """Tenants with ready work as last seen, beginning with another one each time."""
    with _lock:
        seen, tenants = _known.get(group, (0.0, []))
        if monotonic() - seen > LASTS:
            return []
        if len(tenants) > 1:
            tenants.append(tenants.pop(0))
        return list(tenants)


def _look(group: str) -> list[str]:
    tenants = leases.ready_tenants(group)
    with _lock:
        _known[group] = (monotonic(), list(tenants))
    return tenants


def shares(tenants: Sequence[str], capacity: int) -> list[tuple[str, int]]:
    """How many each tenant may have: as equal as it goes, the first ones one more."""
    if not tenants:
        return []
    each, rest = divmod(capacity, len(tenants))
    return [(tenant, each + (index < rest)) for index, tenant in enumerate(tenants) if each or index < rest]
