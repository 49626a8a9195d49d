"""The gateway that workers call: claim, finish, heartbeat, logs, progress. Plain functions from bytes to bytes, because they are hot.

`gateway.py` calls them from ASGI; the Django views below answer the same where that does not stand in front.
"""

import hmac
import logging
from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from apps.common.database import check_idle_connections
from apps.engine.job_messages import Progress, Refusal
from apps.engine.messages import MAX_MESSAGE, Claim, Finish, Heartbeat, LogBatch, encode
from apps.executions import finishing, reports
from apps.executions.sql import DATABASE_AWAY
from config.environment import environment

log = logging.getLogger("penstock.gateway")


class Reply(NamedTuple):
    """An answer: 200 with a body, 204, or an error that a worker writes into its log."""

    status: int
    body: bytes = b""


class Endpoint(NamedTuple):
    """How to read a call, and what to do with it."""

    decoder: msgspec.json.Decoder[Any]
    call: Callable[[Any], Any]


ENDPOINTS: dict[str, Endpoint] = {
    "claim": Endpoint(msgspec.json.Decoder(Claim), finishing.claim),
    "finish": Endpoint(msgspec.json.Decoder(Finish), finishing.finish),
    "heartbeat": Endpoint(msgspec.json.Decoder(Heartbeat), finishing.beat),
    "logs": Endpoint(msgspec.json.Decoder(LogBatch), lambda message: reports.ingest(message.lines)),
    "progress": Endpoint(msgspec.json.Decoder(Progress), finishing.note_progress),
}


def reply_to(name: str, token: str, body: bytes) -> Reply:
    """The answer to a worker's call; never raises."""
    if not known_worker(token):
        return refusal(401, "The worker token is not valid: start the worker with the server's PENSTOCK_WORKER_TOKEN.")
    if len(body) > MAX_MESSAGE:
        return refusal(413, f"The message is larger than {MAX_MESSAGE} bytes.")
    endpoint = ENDPOINTS[name]
    try:
        message = endpoint.decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return refusal(400, f"The message can't be read: {error}")
    return answered(endpoint, message)


def answered(endpoint: Endpoint, message: Any) -> Reply:
    """What a call gives; a database that is away is the worker's to wait for."""
    try:
        found = endpoint.call(message)
    except DATABASE_AWAY as error:
        log.warning("the database does not answer a worker: %s", error)
        check_idle_connections()
        return refusal(503, "The database does not answer at the moment; nothing was changed, try again.")
    except Exception:
        log.exception("a worker's call failed")
        return refusal(500, "Internal error: nothing was changed.")
    return Reply(204) if found is None else Reply(200, encode(found))


def refusal(status: int, message: str) -> Reply:
    """An error in words."""
    return Reply(status, encode(Refusal(message)))


def known_worker(token: str) -> bool:
    """Whether it is the instance's worker token; an instance without one knows no worker."""
    expected = environment().worker_token
    return bool(expected) and hmac.compare_digest(token.encode("utf-8", "replace"), expected.encode())


def view_of(name: str) -> Callable[[HttpRequest], HttpResponse]:
    """A call as a Django view."""

    @csrf_exempt
    def view(request: HttpRequest) -> HttpResponse:
        if request.method != "POST":
            return HttpResponse(refusal(405, "This endpoint takes POST only.").body, content_type="application/json", status=405)
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        found = reply_to(name, token.strip() if scheme.lower() == "bearer" else "", request.body)
        return HttpResponse(found.body, content_type="application/json", status=found.status)

    view.__name__ = name
    return view
