"""Users' regular expressions: RE2, which takes linear time, with Java's notation for groups in replacements."""

import re
from functools import lru_cache
from typing import Any

import re2

from apps.engine.expression.budget import Budget
from apps.engine.expression.errors import Fault

MAX_PATTERN = 4096
_GROUP = re.compile(r"\\(.)|\$\{(\w+)\}|\$(\d+)|([\\$])", re.DOTALL)


def _options() -> Any:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = 2 << 20
    return options


@lru_cache(maxsize=128)
def compiled(pattern: str) -> Any:
    """The compiled pattern."""
    if len(pattern) > MAX_PATTERN:
        raise Fault(f"The regular expression is longer than {MAX_PATTERN} characters")
    try:
        return re2.compile(_encodable(pattern), options=_options())
    except re2.error as error:
        message = error.args[0].decode() if error.args and isinstance(error.args[0], bytes) else str(error)
        raise Fault(f"The regular expression cannot be used: {message}", "Look-around and back-references are not available.") from None


def search(text: str, pattern: str) -> list[str | None] | None:
    """The first match and its groups, or None."""
    found = compiled(pattern).search(_encodable(text))
    return None if found is None else [found.group(0), *found.groups()]


def _encodable(text: str) -> str:
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def replace_all(budget: Budget, text: str, pattern: str, replacement: str) -> str:
    """`text` with every match replaced; paid for as it grows."""
    template = _replacement(replacement)
    pieces: list[str] = []
    end = 0
    content = _encodable(text)
    budget.allocate(len(content))
    for found in compiled(pattern).finditer(content):
        written = "".join(part if isinstance(part, str) else _group(found, part[0]) for part in template)
        budget.step()
        budget.allocate(len(written))
        pieces += [content[end : found.start()], written]
        end = found.end()
    return "".join([*pieces, content[end:]])


def _group(found: Any, key: int | str) -> str:
    try:
        return found.group(key) or ""
    except (IndexError, KeyError, re2.error):
        raise Fault(f"The regular expression has no group {key}") from None


@lru_cache(maxsize=512)
def _replacement(source: str) -> tuple[str | tuple[int | str], ...]:
    parts: list[str | tuple[int | str]] = []
    end = 0
    for found in _GROUP.finditer(source):
        parts.append(source[end : found.start()])
        literal, name, number, stray = found.groups()
        if stray is not None:
            raise Fault(f"'{stray}' has no meaning at this place of the replacement", "Write \\\\$ for a dollar sign, $1 for a group.")
        parts.append(literal if literal is not None else (name,) if name is not None else (int(number),))
        end = found.end()
    return (*parts, source[end:])


def split(text: str, delimiter: str, limit: int, budget: Budget) -> list[str]:
    """`text` cut at every match; a limit of 0 also drops empty parts at the end, a negative one keeps all."""
    budget.items(text.count(delimiter) if delimiter and len(delimiter) == 1 else len(text) // 4)
    parts = _cut_plain(text, delimiter, limit) if len(delimiter) == 1 and delimiter not in ".$|()[{^?*+\\" else _cut(text, delimiter, limit)
    if limit == 0:
        while len(parts) > 1 and parts[-1] == "":
            parts.pop()
        if parts == [""] and text != "":
            parts = []
    return parts


def _cut_plain(text: str, delimiter: str, limit: int) -> list[str]:
    return text.split(delimiter, min(limit - 1, len(text))) if limit > 0 else text.split(delimiter)


def _cut(text: str, delimiter: str, limit: int) -> list[str]:
    parts: list[str] = []
    end = 0
    content = _encodable(text)
    for found in compiled(delimiter).finditer(content):
        if (limit > 0 and len(parts) == limit - 1) or found.end() == 0:
            continue
        if found.start() == found.end() == len(content):
            continue
        parts.append(content[end : found.start()])
        end = found.end()
    return [*parts, content[end:]]
