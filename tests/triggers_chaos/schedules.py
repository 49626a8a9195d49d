"""Flows with schedules, written at once, and what has become of them."""

from datetime import UTC, datetime

from apps.common.database import cursor, engine_scope, tenant_scope
from apps.common.http.permissions import SYSTEM
from apps.flows.selectors import read_source
from apps.flows.services import save_flow

TENANT = "main"
NAMESPACE = "chaos.schedules"
FLOW = """
id: {id}
namespace: {namespace}
tasks:
  - {{id: say, type: io.kestra.plugin.core.debug.Return, format: "{{{{ trigger.date }}}}"}}
triggers:
  - {{id: clock, type: io.kestra.plugin.core.trigger.Schedule, cron: "{cron}", withSeconds: true, allowConcurrent: true}}
"""
COLUMNS = "select column_name, data_type from information_schema.columns where table_name = %s order by ordinal_position"
TABLES = {"flow": "id", "flow_revision": "flow_id", "trigger": "flow_id"}


def save(flow_id: str, cron: str) -> None:
    """One flow with one schedule of six fields."""
    with tenant_scope(TENANT):
        save_flow(actor=SYSTEM, read=read_source(FLOW.format(id=flow_id, namespace=NAMESPACE, cron=cron)))


def many(count: int, cron: str, kind: str = "f") -> None:
    """One flow saved as a user would, and its rows copied, so that there are `count` flows with a schedule each."""
    first = f"{kind}00000"
    save(first, cron)
    for table, key in TABLES.items():
        columns = query(COLUMNS, table)
        values = ", ".join(copied(str(name), str(form), first, kind) for name, form in columns)
        names = ", ".join(str(name) for name, _ in columns)
        query(f"insert into {table} ({names}) select {values} from {table}, generate_series(1, %s) n where {key} = %s", count - 1, first)


def copied(name: str, form: str, first: str, kind: str) -> str:
    """A column of a copy, where the copy's id stands in place of the first one's."""
    own = f"'{kind}' || lpad(n::text, 5, '0')"
    if form == "bytea":
        return f"convert_to(replace(convert_from({name}, 'utf8'), '{first}', {own}), 'utf8')"
    return f"replace({name}, '{first}', {own})" if form in ("text", "character varying") else name


def query(statement: str, *parameters: object) -> list[tuple]:
    """Rows of all tenants."""
    with engine_scope(), cursor() as sql:
        sql.execute(statement, parameters)
        return sql.fetchall() if sql.description else []


def now() -> datetime:
    """The clock."""
    return datetime.now(UTC)
