"""What requests about pairs carry in their query."""

from django.http import QueryDict

from apps.common.exceptions import ErrorDetail, Invalid

MAX_SIZE = 10_000


def search_text(query: QueryDict) -> str:
    """What is searched for, in the older and in the newer grammar."""
    return str(query.get("q") or query.get("filters[q][EQUALS]") or query.get("filters[query][EQUALS]") or "")


def page(query: QueryDict) -> slice:
    """The rows of the page."""
    number, size = whole(query, "page", 1), min(whole(query, "size", 10), MAX_SIZE)
    return slice((number - 1) * size, number * size)


def whole(query: QueryDict, name: str, default: int) -> int:
    """A whole number from 1 on."""
    text = str(query.get(name) or default)
    if not (text.isascii() and text.isdigit() and 0 < len(text) < 10 and int(text) > 0):
        message = f"Invalid value '{text[:50]}' for the parameter '{name}': use a whole number from 1 on."
        raise Invalid(message, [ErrorDetail(message, name)])
    return int(text)
