"""Comparisons of the search grammar as conditions of a query."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import re2
from django.db.models import Q, QuerySet

from apps.common.exceptions import ErrorDetail, Invalid

SYSTEM_NAMESPACE = "system"
LOOKUPS = {
    "STARTS_WITH": "istartswith",
    "ENDS_WITH": "iendswith",
    "CONTAINS": "icontains",
    "GREATER_THAN": "gt",
    "GREATER_THAN_OR_EQUAL_TO": "gte",
    "LESS_THAN": "lt",
    "LESS_THAN_OR_EQUAL_TO": "lte",
}


def compare(column: str, operation: str, values: Sequence[Any]) -> Q:
    """`column OPERATION values`; several values of a positive operation are alternatives, of a negative one all are excluded."""
    if operation in ("EQUALS", "IN"):
        return Q(**{f"{column}__in": list(values)})
    if operation in ("NOT_EQUALS", "NOT_IN"):
        return ~Q(**{f"{column}__in": list(values)})
    found = Q(pk__in=[]) if not values else Q()
    for value in values:
        found |= _single(column, operation, value)
    return found


def _single(column: str, operation: str, value: Any) -> Q:
    if operation == "PREFIX":
        return within(column, str(value))
    if operation == "REGEX":
        return Q(**{f"{column}__regex": checked_pattern(str(value))})
    if isinstance(value, datetime) and operation in ("STARTS_WITH", "ENDS_WITH", "CONTAINS"):
        raise Invalid(f"Dates can't be compared by {operation}; use GREATER_THAN or LESS_THAN.")
    return Q(**{f"{column}__{LOOKUPS[operation]}": value})


def checked_pattern(pattern: str) -> str:
    """A regular expression without back-references, whose cost is bounded."""
    options = re2.Options()
    options.log_errors = False
    try:
        re2.compile(pattern, options)
    except re2.error:
        message = f"'{pattern[:100]}' is not a regular expression that can be searched for."
        raise Invalid(message, [ErrorDetail(message, "filters")]) from None
    return pattern


def within(column: str, namespace: str) -> Q:
    """The namespace and all below it, by whole segments."""
    return Q(**{column: namespace}) | Q(**{f"{column}__startswith": namespace + "."})


def labelled(pairs: Sequence[tuple[str, str]], column: str = "labels") -> Q:
    """Rows that carry all of these labels."""
    found = Q()
    for key, value in pairs:
        found &= Q(**{f"{column}__contains": [{"key": key, "value": value}]})
    return found


def in_scope(column: str, scopes: Sequence[str]) -> Q:
    """USER: outside of the system namespace; SYSTEM: in it; both or none: everywhere."""
    if len(set(scopes)) != 1:
        return Q()
    system = Q(**{column: SYSTEM_NAMESPACE})
    return system if scopes[0] == "SYSTEM" else ~system


def allowed(column: str, namespaces: list[str] | None) -> Q:
    """Only namespaces that the caller may see; None: all."""
    if namespaces is None:
        return Q()
    found = Q(pk__in=[])
    for namespace in namespaces:
        found |= within(column, namespace)
    return found


def ordered(rows: QuerySet[Any], order: Sequence[str], default: Sequence[str]) -> QuerySet[Any]:
    """Sorted as asked for, then by `default`, so that pages never overlap."""
    names = {name.removeprefix("-") for name in order}
    return rows.order_by(*order, *(name for name in default if name.removeprefix("-") not in names))
