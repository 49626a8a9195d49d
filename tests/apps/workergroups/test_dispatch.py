"""Tickets as Celery reads them, and who may be sent where."""

import pytest

from apps.common.database import engine_scope
from apps.engine.messages import WORK_TASK, Heartbeat, queue_name
from apps.workergroups import dispatch, hints
from apps.workergroups.models import WorkerGroup
from apps.workergroups.routing import Route, forget_groups, route
from apps.workergroups.services import record_beat, record_stop
from apps.workergroups.tickets import ticket

pytestmark = [pytest.mark.db, pytest.mark.broker]


def beat(worker: str, group: str) -> None:
    with engine_scope():
        record_beat(Heartbeat(worker, group, (), threads=3, host="h", version="1"))
    forget_groups()
    dispatch._capacity.clear()


def sent_to(tenant: str, group: str | None, fallback: str | None = None) -> Route:
    with engine_scope():
        return route(tenant, group, fallback)


def test_celery_reads_a_ticket(database: None) -> None:
    from celery import Celery
    from django.conf import settings

    url = settings.REDIS_URL
    broker = "redis+socket://" + url.removeprefix("unix://") if url.startswith("unix://") else url
    app = Celery(broker=broker, set_as_current=False)
    queue = queue_name("ticket-test")
    hints.client().lpush(queue, ticket("ticket-test"))
    with app.connection_for_read() as connection, connection.SimpleQueue(queue, no_ack=True) as simple:
        message = simple.get(timeout=5)
        arguments, options, _ = message.payload
        assert (message.headers["task"], arguments, options) == (WORK_TASK, [], {"group": "ticket-test"})
        assert message.content_type == "application/json"


def test_rings_only_while_tickets_are_fewer_than_work(database: None) -> None:
    beat("ring-worker", "ring-group")
    queue = queue_name("ring-group")
    hints.client().delete(queue)
    assert dispatch.ring({"ring-group": 2}) == 2
    assert dispatch.ring({"ring-group": 2}) == 0
    assert dispatch.ring({"ring-group": 100}) == 1
    assert dispatch.ring({"ring-group": 0}) == 0
    assert hints.client().llen(queue) == 3


def test_a_dead_worker_is_no_capacity(database: None) -> None:
    beat("gone", "gone-group")
    record_stop("gone")
    dispatch._capacity.clear()
    assert dispatch.capacity("gone-group") == dispatch.COLD_THREADS


def test_routes(database: None) -> None:
    beat("gpu-1", "gpu")
    WorkerGroup.objects.update_or_create(key="empty", defaults={"tenants": []})
    WorkerGroup.objects.update_or_create(key="private", defaults={"tenants": ["one"]})
    forget_groups()
    assert sent_to("t", None) == sent_to("t", "default") == Route("default")
    assert sent_to("t", "gpu", "FAIL") == Route("gpu")
    assert sent_to("t", "empty", "WAIT") == Route("empty")
    assert sent_to("t", "empty", "IGNORE") == Route("default")
    assert "fallback is FAIL" in str(sent_to("t", "empty", "FAIL").refusal)
    assert sent_to("t", "empty", "CANCEL").cancel
    assert "no worker group" in str(sent_to("t", "unknown", "WAIT").refusal)
    assert sent_to("one", "private", "WAIT") == Route("private")
    assert sent_to("two", "private", "WAIT").refusal
