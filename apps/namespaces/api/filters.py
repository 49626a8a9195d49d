"""What requests about namespaces carry in their query."""

import re
from typing import Any

from django.http import QueryDict

from apps.common.exceptions import BadRequest, ErrorDetail, Invalid

MAX_SIZE = 10_000


def required(query: QueryDict, name: str) -> str:
    """A parameter that must be there; it may be empty."""
    value = query.get(name)
    if value is None:
        raise BadRequest(f"Bad Request: Required QueryValue [{name}] not specified")
    return str(value)


def whole(query: QueryDict, name: str, default: int) -> int:
    """A whole number from 1 on."""
    text = str(query.get(name) or default)
    if not re.fullmatch(r"-?[0-9]{1,9}", text):
        message = f"Invalid value '{text[:50]}' for the parameter '{name}': use a whole number."
        raise Invalid(message, [ErrorDetail(message, name)])
    if int(text) < 1:
        message = "must be greater than or equal to 1"
        raise Invalid(f"Invalid entity: find.{name}: {message}", [ErrorDetail(message, f"find.{name}")])
    return int(text)


def page(query: QueryDict, items: list[Any]) -> list[Any]:
    """The page of `items` that the query asks for."""
    number, size = whole(query, "page", 1), min(whole(query, "size", 10), MAX_SIZE)
    return items[(number - 1) * size : number * size]


def text_filter(query: QueryDict) -> str:
    """What is searched for, in the older and in the newer grammar."""
    return str(query.get("q") or query.get("filters[q][EQUALS]") or query.get("filters[query][EQUALS]") or "")


def backwards(query: QueryDict) -> bool:
    """Whether the list is sorted from the end; only `id` can be sorted by."""
    sort = query.get("sort")
    if sort is None:
        return False
    column, colon, direction = sort.partition(":")
    if not colon:
        raise Invalid("Unprocessable Entity: Invalid sort parameter")
    if column != "id":
        raise Invalid(f"Namespaces can't be sorted by '{column[:50]}': sort by id.", [ErrorDetail("unknown column", "sort")])
    return direction.lower() != "asc"
