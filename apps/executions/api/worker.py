"""The gateway that workers call: claim, finish, heartbeat, logs, progress. Plain views, because they are the hot path."""

import hmac
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from apps.engine.job_messages import Progress, Refusal
from apps.engine.messages import MAX_MESSAGE, Claim, Finish, Heartbeat, LogBatch, encode
from apps.executions import finishing, reports
from config.environment import environment

M = TypeVar("M", bound=msgspec.Struct)
JSON = "application/json"


def worker_endpoint(kind: type[M]) -> Callable[[Callable[[M], Any]], Callable[[HttpRequest], HttpResponse]]:
    """A POST endpoint for workers: checks the token, reads the message, answers with what the call gives, or 204."""
    decoder = msgspec.json.Decoder(kind)

    def wrap(call: Callable[[M], Any]) -> Callable[[HttpRequest], HttpResponse]:
        def view(request: HttpRequest) -> HttpResponse:
            if request.method != "POST":
                return refusal(405, "This endpoint takes POST only.")
            if not known_worker(request):
                return refusal(401, "The worker token is not valid: start the worker with the server's PENSTOCK_WORKER_TOKEN.")
            body = request.body if int(request.headers.get("Content-Length") or 0) <= MAX_MESSAGE else b""
            try:
                message = decoder.decode(body)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
                return refusal(400, f"The message can't be read: {error}")
            return answered(call, message)

        view.__name__, view.__doc__ = call.__name__, call.__doc__
        return csrf_exempt(view)

    return wrap


def answered(call: Callable[[M], Any], message: M) -> HttpResponse:
    """What a call gives as an answer; a database that is away is the worker's to wait for."""
    try:
        found = call(message)
    except OperationalError:
        return refusal(503, "The database does not answer at the moment; nothing was changed, try again.")
    return HttpResponse(status=204) if found is None else HttpResponse(encode(found), content_type=JSON)


def refusal(status: int, message: str) -> HttpResponse:
    """An error that a worker writes into its log."""
    return HttpResponse(encode(Refusal(message)), content_type=JSON, status=status)


def known_worker(request: HttpRequest) -> bool:
    """Whether the request bears the instance's worker token; an instance without one knows no worker."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    expected = environment().worker_token
    return bool(expected) and scheme.lower() == "bearer" and hmac.compare_digest(token.strip().encode(), expected.encode())


@worker_endpoint(Claim)
def claim(message: Claim) -> Any:
    """Jobs for a worker."""
    return finishing.claim(message)


@worker_endpoint(Finish)
def finish(message: Finish) -> Any:
    """Results of a worker, and its next jobs."""
    return finishing.finish(message)


@worker_endpoint(Heartbeat)
def heartbeat(message: Heartbeat) -> Any:
    """Renews a worker's leases."""
    return finishing.beat(message)


@worker_endpoint(LogBatch)
def logs(message: LogBatch) -> None:
    """Stores log lines."""
    reports.ingest(message.lines)


@worker_endpoint(Progress)
def progress(message: Progress) -> None:
    """How far a WorkingDirectory is; its result repeats it all, so it only serves those who watch."""
    finishing.note_progress(message)
