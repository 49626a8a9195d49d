"""Dotted namespace ids: their form, their parents."""

import re

from apps.common.exceptions import Invalid

FORM = re.compile(r"[a-zA-Z0-9](?:[a-zA-Z0-9_-]|\.(?=[a-zA-Z0-9_-]))*")
MAX_LENGTH = 150


def check_namespace(namespace: str) -> str:
    """`namespace` itself; Invalid when it is no namespace id."""
    if len(namespace) > MAX_LENGTH or not FORM.fullmatch(namespace):
        raise Invalid(f"'{namespace[:MAX_LENGTH]}' is no namespace: use letters, digits, '_' and '-' in parts separated by single dots, "
                      f"at most {MAX_LENGTH} characters.")  # fmt: skip
    return namespace


def lineage(namespace: str) -> list[str]:
    """The namespace and its parents, root first: `a.b.c` gives `a`, `a.b`, `a.b.c`."""
    parts = namespace.split(".")
    return [".".join(parts[: end + 1]) for end in range(len(parts))]


def is_within(namespace: str, ancestor: str) -> bool:
    """Whether `namespace` is `ancestor` or below it, by whole parts."""
    return namespace == ancestor or namespace.startswith(f"{ancestor}.")
