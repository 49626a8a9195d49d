"""News between apps: `publish` in the change's transaction, delivered to subscribers after commit, re-sent by `sweep`.

An event is a frozen msgspec struct of the sender's `events.py`; its class name is the topic. A subscriber may be called
more than once for one event and must be idempotent.
"""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec
from django.db import connections
from django.utils import timezone

from apps.common.database import ENGINE, as_tenant, current_alias, engine_scope, on_commit
from apps.common.models import OutboxMessage

log = logging.getLogger("penstock.outbox")
Handler = Callable[[Any], None]
_subscribers: dict[str, tuple[type[msgspec.Struct], list[Handler]]] = {}


def subscribe(event_type: type[msgspec.Struct], handler: Handler) -> None:
    """Calls `handler(event)` in an engine scope for every published `event_type`; called at start-up by `apps.py`."""
    _, handlers = _subscribers.setdefault(event_type.__name__, (event_type, []))
    if handler not in handlers:
        handlers.append(handler)


def publish(tenant_id: str, event: msgspec.Struct) -> None:
    """Writes `event` into the present transaction; without a subscriber nothing is written."""
    topic = type(event).__name__
    if topic not in _subscribers:
        return
    message = OutboxMessage(tenant_id=tenant_id, topic=topic, payload=msgspec.json.encode(event))
    message.save(using=current_alias(), force_insert=True)
    on_commit(lambda: deliver(message.pk))


def deliver(message_id: int) -> None:
    """Runs the subscribers of one message and deletes it, in one transaction; a message somebody else delivers is left alone."""
    try:
        with engine_scope():
            row = OutboxMessage.objects.using(ENGINE).select_for_update(skip_locked=True).filter(pk=message_id).first()
            if row is None or row.topic not in _subscribers:
                return
            event_type, handlers = _subscribers[row.topic]
            event = msgspec.json.decode(bytes(row.payload), type=event_type)
            with as_tenant(row.tenant_id):
                for handler in handlers:
                    handler(event)
            row.delete(using=ENGINE)
    except Exception:
        # The row stays, so the sweeper tries again; the sender's change is committed and must not fail for this.
        log.exception("outbox message %s was not delivered", message_id)


def sweep(older_than: timedelta = timedelta(seconds=2), limit: int = 200) -> int:
    """Re-sends what was not delivered, oldest first; gives how many were tried."""
    with connections[ENGINE].cursor() as cursor:
        cursor.execute(
            "select id from outbox_message where created_at < %s order by created_at limit %s", [timezone.now() - older_than, limit]
        )
        ids = [row[0] for row in cursor.fetchall()]
    for message_id in ids:
        deliver(message_id)
    return len(ids)
