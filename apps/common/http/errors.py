"""Every error as Kestra's clients expect it: `{message, _links, _embedded: {errors: […]}}`."""

import logging
import sys
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation, TooManyFieldsSent
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, JsonResponse
from rest_framework import exceptions as rest
from rest_framework.response import Response

from apps.common.database import check_idle_connections
from apps.common.exceptions import ErrorDetail, PenstockError
from apps.common.http.request_id import current_request_id

log = logging.getLogger("penstock.http")

STATUS = {
    "bad_request": 400,
    "not_authenticated": 401,
    "forbidden": 403,
    "not_found": 404,
    "conflict": 409,
    "gone": 410,
    "too_large": 413,
    "unsupported_media": 415,
    "invalid": 422,
    "too_many": 429,
    "unavailable": 503,
}


def link(path: str) -> dict[str, Any]:
    """A HAL link with its nulls written out."""
    return {
        "href": path,
        "templated": False,
        "profile": None,
        "deprecation": None,
        "title": None,
        "hreflang": None,
        "type": None,
        "name": None,
    }


def body(message: str, path: str, details: tuple[ErrorDetail, ...] = ()) -> dict[str, Any]:
    """The body of an error answer; the request's id stands in its header, because clients compare `logref` with null."""
    embedded = {"errors": [error_of(detail) for detail in details]} if details else {}
    return {"message": message, "logref": None, "path": None, "_links": {"self": link(path)}, "_embedded": embedded}


def error_of(detail: ErrorDetail) -> dict[str, Any]:
    """One embedded error; the place in the YAML is ours, the rest is HAL."""
    found: dict[str, Any] = {"message": detail.message, "path": detail.path, "logref": None, "_links": {}, "_embedded": {}}
    if detail.line is not None:
        found |= {"line": detail.line, "column": detail.column}
    return found


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler."""
    request = context.get("request")
    path = request.get_full_path() if request is not None else "/"
    status, message, details = translate(error)
    if status == 405 and request is not None:
        message = method_refusal(request.method, request.path, context["view"].allowed_methods)
    headers = {"WWW-Authenticate": 'Basic realm="penstock"'} if status == 401 and wants_challenge(request) else None
    if status >= 500:
        log.error("request %s failed", current_request_id(), exc_info=error)
    return Response(body(message, path, details), status=status, headers=headers)


def method_refusal(method: str, path: str, allowed: list[str]) -> str:
    """Which methods would be answered, GET last."""
    names = ["HEAD", *(name for name in ("POST", "PUT", "PATCH", "DELETE") if name in allowed), "GET"] if "GET" in allowed else allowed
    shown = ", ".join(name for name in names if name != "OPTIONS")
    return f"Method Not Allowed: Method [{method}] not allowed for URI [{path}]. Allowed methods: [{shown}]"


def wants_challenge(request: Any) -> bool:
    """Whether a browser's password box would help; our own pages ask to be spared."""
    return request is not None and request.headers.get("X-Requested-With") != "penstock"


def translate(error: Exception) -> tuple[int, str, tuple[ErrorDetail, ...]]:
    """Status, message and details of any exception; only unknown ones are 500."""
    if isinstance(error, PenstockError):
        return STATUS.get(error.code, 400), error.message, error.details
    if isinstance(error, Http404):
        return 404, "Not Found", ()
    if isinstance(error, rest.NotAcceptable):
        return 406, "Not Acceptable: this endpoint answers with application/json only.", ()
    if isinstance(error, rest.APIException):
        return error.status_code, str(getattr(error, "detail", error)), ()
    if isinstance(error, RequestDataTooBig | TooManyFieldsSent):
        return 413, "The request is larger than what is accepted.", ()
    if isinstance(error, SuspiciousOperation):
        return 400, "The request can't be read.", ()
    if isinstance(error, OperationalError | InterfaceError):
        check_idle_connections()
        return 503, "The database does not answer at the moment; nothing was changed, try again.", ()
    return 500, "Internal error: nothing was changed. Give the request id to your administrator.", ()


def not_found(request: HttpRequest, exception: Exception | None = None) -> JsonResponse:
    """For paths that no URL matches."""
    return JsonResponse(body("Not Found", request.get_full_path()), status=404)


def server_error(request: HttpRequest) -> JsonResponse:
    """For what fails outside of DRF."""
    error = sys.exc_info()[1]
    status, message, _ = translate(error if isinstance(error, Exception) else RuntimeError())
    return JsonResponse(body(message, request.get_full_path()), status=max(status, 500))
