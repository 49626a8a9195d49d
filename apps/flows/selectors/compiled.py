"""The compiled flow that executions run: read once a process, never parsed from YAML."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from time import monotonic

from apps.common.database import cursor
from apps.common.exceptions import NotFound
from apps.engine.expression import storage_order
from apps.engine.flow.defaults import Defaults
from apps.engine.flow.document import load_compiled
from apps.engine.flow.model import Flow, PluginDefault
from apps.flows.models import FlowRevisionRow, FlowRow
from apps.namespaces.selectors import inherited_rows
from config.environment import environment

CACHED = 2_000
SCOPES_LAST = 1.0
"""Seconds; spares a query for every compiled flow that is asked for."""

Key = tuple[str, str, str, int]
TOGETHER = """
select tenant_id, namespace, flow_id, revision, compiled, disabled, deleted from flow_revision
where (tenant_id, namespace, flow_id, revision) in (select * from unnest(%s::text[], %s::text[], %s::text[], %s::int[]))
"""


@dataclass(frozen=True)
class CompiledFlow:
    """One revision of a flow with the plugin defaults of flow, namespace and instance merged in; as old as its revision."""

    tenant_id: str
    namespace: str
    flow_id: str
    revision: int
    flow: Flow
    disabled: bool
    deleted: bool
    scopes: tuple[Defaults, ...] = ()
    """The plugin defaults of namespace and instance, for tasks that are made while the execution runs."""


class CompiledCache:
    """The most recently used compiled revisions; safe as revisions never change."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._found: OrderedDict[Key, tuple[tuple[Defaults, ...], CompiledFlow]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Key, scopes: tuple[Defaults, ...]) -> CompiledFlow | None:
        """The entry, unless the plugin defaults around it have changed since."""
        with self._lock:
            entry = self._found.get(key)
            if entry is None or entry[0] != scopes:
                return None
            self._found.move_to_end(key)
            return entry[1]

    def put(self, key: Key, scopes: tuple[Defaults, ...], flow: CompiledFlow) -> None:
        """Adds an entry, and drops the one that was not used for the longest time."""
        with self._lock:
            self._found[key] = (scopes, flow)
            self._found.move_to_end(key)
            while len(self._found) > self._size:
                self._found.popitem(last=False)


_cache = CompiledCache(CACHED)
_scopes: dict[tuple[str, str], tuple[float, tuple[Defaults, ...]]] = {}


def compiled_flow(tenant_id: str, namespace: str, flow_id: str, revision: int | None = None) -> CompiledFlow:
    """The flow at `revision`, or the latest one that is no draft; raises NotFound. A given revision costs no query when cached."""
    wanted = latest_revision(tenant_id, namespace, flow_id) if revision is None else revision
    scopes = plugin_default_scopes(tenant_id, namespace)
    key = (tenant_id, namespace, flow_id, wanted)
    found = _cache.get(key, scopes)
    if found is None:
        found = _load(key, scopes)
        _cache.put(key, scopes, found)
    return found


def latest_revision(tenant_id: str, namespace: str, flow_id: str) -> int:
    """The number of the latest revision that is no draft; raises NotFound for a flow that is deleted or never was."""
    rows = FlowRow.everywhere.filter(tenant_id=tenant_id, namespace=namespace, id=flow_id, deleted=False)
    found = rows.values_list("published").first()
    if found is None:
        raise NotFound(f"There is no flow '{flow_id}' in namespace '{namespace}'.")
    if found[0] is None:
        why = "is a draft so far: save it without `draft: true`, or execute a revision of it by its number"
        raise NotFound(f"Flow '{flow_id}' in namespace '{namespace}' {why}.")
    return int(found[0])


def _load(key: Key, scopes: tuple[Defaults, ...]) -> CompiledFlow:
    tenant_id, namespace, flow_id, revision = key
    rows = FlowRevisionRow.everywhere.filter(tenant_id=tenant_id, namespace=namespace, flow_id=flow_id, revision=revision)
    row = rows.only("compiled", "disabled", "deleted").first()
    if row is None:
        raise NotFound(f"Flow '{flow_id}' in namespace '{namespace}' has no revision {revision}.")
    return _made(key, scopes, bytes(row.compiled), row.disabled, row.deleted)


def _made(key: Key, scopes: tuple[Defaults, ...], compiled: bytes, disabled: bool, deleted: bool) -> CompiledFlow:
    flow = load_compiled(compiled, scopes)
    flow = flow.model_copy(update={"variables": storage_order(flow.variables)})
    return CompiledFlow(*key, flow, disabled, deleted, scopes)


def prepare_flows(keys: Sequence[Key]) -> None:
    """Reads those of the revisions that are not cached in one query, for a caller who is about to ask for each of them."""
    scopes = {key: plugin_default_scopes(*key[:2]) for key in keys}
    missing = [key for key in keys if _cache.get(key, scopes[key]) is None]
    if not missing:
        return
    with cursor() as sql:
        sql.execute(TOGETHER, [list(column) for column in zip(*missing, strict=True)])
        rows = sql.fetchall()
    for *key, compiled, disabled, deleted in rows:
        found = (key[0], key[1], key[2], key[3])
        _cache.put(found, scopes[found], _made(found, scopes[found], bytes(compiled), disabled, deleted))


def plugin_default_scopes(tenant_id: str, namespace: str) -> tuple[Defaults, ...]:
    """The plugin defaults around a flow of `namespace`, nearest scope first; a change is seen after a second at most."""
    now = monotonic()
    expires, scopes = _scopes.get((tenant_id, namespace), (0.0, ()))
    if now >= expires:
        scopes = _read_scopes(tenant_id, namespace)
        if len(_scopes) > CACHED:
            _scopes.clear()
        _scopes[tenant_id, namespace] = (now + SCOPES_LAST, scopes)
    return scopes


def _read_scopes(tenant_id: str, namespace: str) -> tuple[Defaults, ...]:
    rows = inherited_rows(tenant_id, namespace)
    configured = [*(row.plugin_defaults for row in reversed(rows)), environment().plugin_defaults]
    return tuple(tuple(PluginDefault.model_validate(entry) for entry in entries) for entries in configured if entries)
