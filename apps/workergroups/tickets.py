"""A ticket as Celery reads it: protocol 2, JSON, on Kombu's Redis transport; made by hand: Celery takes 2 ms for what says nothing."""

import base64
import json
import uuid
from typing import Any

from apps.engine.messages import WORK_TASK, queue_name


def ticket(group: str) -> bytes:
    """One message for the queue of a group."""
    id, queue = str(uuid.uuid4()), queue_name(group)
    body = json.dumps([[], {"group": group}, {"callbacks": None, "errbacks": None, "chain": None, "chord": None}])
    headers: dict[str, Any] = {
        "lang": "py", "task": WORK_TASK, "id": id, "root_id": id, "parent_id": None, "group": None, "meth": None, "shadow": None,
        "eta": None, "expires": None, "retries": 0, "timelimit": [None, None], "argsrepr": "()", "kwargsrepr": "{}", "origin": "penstock",
        "ignore_result": True,
    }  # fmt: skip
    properties: dict[str, Any] = {
        "correlation_id": id, "reply_to": "", "delivery_mode": 2, "delivery_info": {"exchange": "", "routing_key": queue}, "priority": 0,
        "body_encoding": "base64", "delivery_tag": str(uuid.uuid4()),
    }  # fmt: skip
    message = {
        "body": base64.b64encode(body.encode()).decode(),
        "content-encoding": "utf-8",
        "content-type": "application/json",
        "headers": headers,
        "properties": properties,
    }
    return json.dumps(message).encode()
