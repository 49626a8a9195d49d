"""The snapshots of executions that this process works on: kept while hot, brought up to date by what changed since.

A snapshot belongs to whoever holds its `lock`; it is changed only under the row lock of its execution as well. Reading rows that a
version brought costs as much as there are changed rows, so a loop over 100,000 values is not read anew for each of its turns.
"""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from threading import Lock, RLock

from apps.engine.execution import Execution, TaskRun
from apps.executions.ambient import ambient_of
from apps.executions.rows import EXECUTION_COLUMNS, RUN_COLUMNS, execution_from, run_from
from apps.executions.sql import hot_cursor

Key = tuple[str, str]
MAX_EXECUTIONS = 2_000
MAX_RUNS = 300_000

LOAD = f"""
select {", ".join("e." + name.strip() for name in EXECUTION_COLUMNS.split(","))}, e.removed_version from execution e
join unnest(%s::text[], %s::text[]) k(t, i) on e.tenant_id = k.t and e.id = k.i
"""
LOAD_RUNS = f"""
select r.tenant_id, r.execution_id, {", ".join("r." + name.strip() for name in RUN_COLUMNS.split(","))} from task_run r
join unnest(%s::text[], %s::text[], %s::bigint[]) k(t, i, v) on r.tenant_id = k.t and r.execution_id = k.i and r.version > k.v
order by r.position
"""


class Hot:
    """One snapshot and the lock under which it is read and moved on."""

    __slots__ = ("execution", "lock")

    def __init__(self, execution: Execution) -> None:
        self.execution = execution
        self.lock = RLock()


class SnapshotCache:
    """The most recently used snapshots, bounded by number and by task runs."""

    def __init__(self) -> None:
        self._hot: OrderedDict[Key, Hot] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Key) -> Hot | None:
        """The snapshot of an execution, of whatever version."""
        with self._lock:
            hot = self._hot.get(key)
            if hot is not None:
                self._hot.move_to_end(key)
            return hot

    def put(self, key: Key, hot: Hot) -> None:
        """Keep a snapshot, and let go of those not used for the longest time."""
        with self._lock:
            self._hot[key] = hot
            self._hot.move_to_end(key)
            total = sum(len(other.execution.runs) for other in self._hot.values()) if len(self._hot) % 50 == 0 else 0
            while len(self._hot) > MAX_EXECUTIONS or (total > MAX_RUNS and len(self._hot) > 1):
                _, dropped = self._hot.popitem(last=False)
                total -= len(dropped.execution.runs)

    def drop(self, keys: Iterable[Key]) -> None:
        """Forget snapshots: their transaction failed after they had moved on, or they ended."""
        with self._lock:
            for key in keys:
                self._hot.pop(key, None)


cache = SnapshotCache()


def current(wanted: Mapping[Key, int]) -> dict[Key, Hot]:
    """Snapshots by key, of at least the wanted versions; executions that were deleted are left out."""
    found: dict[Key, Hot] = {}
    stale: dict[Key, Hot | None] = {}
    for key, version in wanted.items():
        hot = cache.get(key)
        if hot is not None and hot.execution.version >= version:
            found[key] = hot
        else:
            stale[key] = hot
    if stale:
        found.update(load(stale))
    return found


def load(stale: Mapping[Key, Hot | None], *, keep: bool = True) -> dict[Key, Hot]:
    """Snapshots from rows; for one that is there, only task runs that changed since are read, unless some were taken away."""
    tenants, ids = [key[0] for key in stale], [key[1] for key in stale]
    loaded: dict[Key, Hot] = {}
    with hot_cursor() as sql:
        sql.execute(LOAD, [tenants, ids])
        rows = {(row[0], row[1]): row for row in sql.fetchall()}
        base = {key: _base(stale[key], row[-1]) for key, row in rows.items()}
        since = [hot.execution.version if hot else -1 for hot in base.values()]
        sql.execute(LOAD_RUNS, [[key[0] for key in base], [key[1] for key in base], since])
        changed: dict[Key, list[TaskRun]] = {key: [] for key in base}
        for row in sql.fetchall():
            changed[row[0], row[1]].append(run_from(row[2:]))
    for key, row in rows.items():
        execution = execution_from(row[:-1])
        execution.ambient = ambient_of(execution.tenant_id, execution.namespace)
        loaded[key] = _merged(base[key], execution, changed[key])
        if keep:
            cache.put(key, loaded[key])
    return loaded


def _base(hot: Hot | None, removed_version: int) -> Hot | None:
    return hot if hot is not None and hot.execution.version >= removed_version else None


def _merged(hot: Hot | None, fresh: Execution, changed: list[TaskRun]) -> Hot:
    """`hot` moved on to `fresh`, unless another thread was quicker; a new one when there was none."""
    hot = hot or Hot(fresh)
    with hot.lock:
        if hot.execution is not fresh:
            if hot.execution.version >= fresh.version:
                return hot
            fresh.runs = hot.execution.runs
            hot.execution = fresh
        for run in changed:
            fresh.runs.put(run)
    return hot
