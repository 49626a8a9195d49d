"""A database that comes back: one caller may be told to try again, nobody is told of an internal error."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import connections

from apps.common.database import ENGINE, engine_scope
from tests.apps.executions.test_crashes import throw_out
from tests.client import ApiClient

pytestmark = pytest.mark.db


@pytest.fixture
def several_connections(api: ApiClient) -> Iterator[None]:
    """The pool of the API has some that idle, all of which are then dead."""
    pool = connections["default"].pool
    taken = [pool.getconn() for _ in range(4)]
    for connection in taken:
        pool.putconn(connection)
    throw_out()
    yield
    connections.close_all()


def test_the_api_answers_503_at_most_once_after_an_outage(several_connections: None, api: ApiClient) -> None:
    connections.close_all()
    answers = [api.get("/flows/search") for _ in range(6)]
    assert [answer.status_code for answer in answers[1:]] == [200] * 5
    assert answers[0].status_code in (200, 503)
    assert answers[0].status_code == 200 or "try again" in answers[0].json()["message"]


def test_a_dead_connection_at_the_door_is_503(api: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any) -> Any:
        raise psycopg.OperationalError("server closed the connection unexpectedly")

    connections.close_all()
    monkeypatch.setattr("apps.common.http.views.tenant_scope", translated(away))
    answer = api.get("/flows/search")
    assert answer.status_code == 503
    assert "try again" in answer.json()["message"]


def translated(call: Any) -> Any:
    """With Django's errors instead of the driver's."""

    def scoped(tenant: str) -> Any:
        with engine_scope(), connections[ENGINE].wrap_database_errors:
            return call(tenant)

    return scoped
