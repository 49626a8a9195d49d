"""Refusals in the words that Kestra's clients know; what is said to people stays in the details."""

from collections.abc import Iterator
from contextlib import contextmanager

from apps.common.exceptions import Conflict, ErrorDetail, Invalid, NotFound, PenstockError

Refusal = tuple[type[PenstockError], str]


@contextmanager
def worded(*, missing: str = "Not Found", refused: Refusal | None = None, keep: type[PenstockError] | None = None) -> Iterator[None]:
    """`missing`: the message of a NotFound; `refused`: what a Conflict or Invalid becomes, unless it is of the kind to `keep`."""
    try:
        yield
    except NotFound as error:
        raise NotFound(missing, error.details or [ErrorDetail(error.message)]) from error
    except (Conflict, Invalid) as error:
        if refused is None or (keep is not None and isinstance(error, keep)):
            raise
        raise refused[0](refused[1], error.details or [ErrorDetail(error.message)]) from error
