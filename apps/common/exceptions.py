"""Errors for people, with a code that HTTP, the CLI and sockets each translate."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class ErrorDetail:
    """One thing wrong: what, where (path and, for YAML, line and column), with the way out in the message."""

    message: str
    path: str | None = None
    line: int | None = None
    column: int | None = None


class PenstockError(Exception):
    """Base of all expected errors; `message` is a whole sentence for a person."""

    code = "error"

    def __init__(self, message: str, details: Sequence[ErrorDetail] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.details = tuple(details)


class BadRequest(PenstockError):
    """The request can't be read."""

    code = "bad_request"


class NotAuthenticated(PenstockError):
    """Nobody, or nobody we know, asks."""

    code = "not_authenticated"


class Forbidden(PenstockError):
    """Known, but not allowed."""

    code = "forbidden"


class NotFound(PenstockError):
    """It does not exist, or the caller may not know that it does."""

    code = "not_found"


class Conflict(PenstockError):
    """Its present state does not allow this."""

    code = "conflict"


class Gone(PenstockError):
    """It existed and expired."""

    code = "gone"


class TooLarge(PenstockError):
    """More bytes than are accepted."""

    code = "too_large"


class UnsupportedMedia(PenstockError):
    """A content type that this endpoint does not take."""

    code = "unsupported_media"


class Invalid(PenstockError):
    """Well-formed, but its values are wrong; `details` names each."""

    code = "invalid"


class TooMany(PenstockError):
    """A limit of rate or quota."""

    code = "too_many"


class Unavailable(PenstockError):
    """A service that we need is down; trying again may help."""

    code = "unavailable"
