"""The audit chain: rows follow each other, and any change, loss or cut is found."""

import pytest
from django.db import connections

from apps.audit.models import AuditRow
from apps.audit.services import record, verify
from apps.common.database import engine_scope, tenant_scope
from apps.common.http.permissions import SYSTEM

pytestmark = pytest.mark.db


def append(tenant: str, count: int) -> None:
    for number in range(count):
        with tenant_scope(tenant):
            record(actor=SYSTEM, type="CREATE", resource="FLOW", detail={"id": f"f{number}"})


def tamper(sql: str, values: list[object]) -> None:
    """As the owner with its guards off: what an attacker with the database could do."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("alter table audit_row no force row level security")
        cursor.execute("alter table audit_row disable trigger user")
        cursor.execute(sql, values)
        cursor.execute("alter table audit_row enable trigger user")
        cursor.execute("alter table audit_row force row level security")


def problems(tenant: str) -> list[str]:
    with engine_scope():
        return verify(tenant)


def test_a_chain_of_writes_verifies(tenant: str) -> None:
    append(tenant, 5)
    assert problems(tenant) == []
    with tenant_scope(tenant):
        assert AuditRow.objects.count() == 6  # the tenant's own creation is the first


@pytest.mark.parametrize(
    "sql",
    [
        "update audit_row set actor_name = 'someone else' where tenant_id = %s and seq = 3",
        'update audit_row set detail = \'{"id": "other"}\' where tenant_id = %s and seq = 3',
        "delete from audit_row where tenant_id = %s and seq = 3",
        "delete from audit_row where tenant_id = %s and seq = 1",
    ],
)
def test_a_manipulation_is_found(tenant: str, sql: str) -> None:
    append(tenant, 5)
    tamper(sql, [tenant])
    assert problems(tenant)


def test_rows_cannot_be_changed_by_the_product(tenant: str) -> None:
    with pytest.raises(Exception, match="append-only"), tenant_scope(tenant):
        AuditRow.objects.update(actor_name="x")
