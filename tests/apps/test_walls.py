"""The two walls between tenants: a manager that refuses without a tenant, and a database role that sees one tenant's rows."""

import pytest
from django.db import connections

from apps.accounts.models import TenantAccess
from apps.audit.models import AuditRow
from apps.common.database import NoTenant, engine_scope, tenant_scope
from apps.common.http.permissions import SYSTEM
from apps.tenants.services import create_tenant

pytestmark = pytest.mark.db


def test_a_manager_refuses_to_read_without_a_tenant(database: None) -> None:
    with pytest.raises(NoTenant):
        list(AuditRow.objects.all())


def test_row_level_security_alone_hides_foreign_rows(tenant: str) -> None:
    other = create_tenant(actor=SYSTEM, tenant_id=f"{tenant}-b", name="").id
    with tenant_scope(tenant):
        everything_the_role_sees = set(AuditRow.everywhere.values_list("tenant_id", flat=True))
    assert everything_the_role_sees == {tenant}
    with engine_scope():
        assert other in set(AuditRow.everywhere.values_list("tenant_id", flat=True))


def test_without_a_tenant_the_role_sees_nothing(tenant: str) -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute("select count(*) from audit_row")
        assert cursor.fetchone() == (0,)


def test_a_row_of_another_tenant_cannot_be_written(tenant: str) -> None:
    with pytest.raises(Exception, match="row-level security"), tenant_scope(tenant):
        TenantAccess.everywhere.create(tenant_id="somebody-else", user_id="u")


@pytest.mark.parametrize(
    "statement", ["set role postgres", "create table t (a int)", "copy (select 1) to program 'true'", "select pg_read_file('/etc/passwd')"]
)
def test_the_role_can_do_nothing_beyond_rows(tenant: str, statement: str) -> None:
    with (
        pytest.raises(Exception, match=r"permission denied|must be|does not exist"),
        tenant_scope(tenant),
        connections["default"].cursor() as cursor,
    ):
        cursor.execute(statement)
