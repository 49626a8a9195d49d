"""Flow sources as text: cutting a stream into documents, setting `disabled`, writing YAML of a JSON document."""

import re
from typing import Any

import yaml

from apps.common.exceptions import TooLarge
from apps.engine.flow.reader import Mark
from apps.engine.flow.scalars import BadScalar, plain_scalar

MAX_SOURCE = 1024 * 1024
SEPARATOR = re.compile(r"^---[ \t]*(?:#.*)?\r?$", re.MULTILINE)
REVISION = re.compile(r"^revision[ \t]*:.*(?:\n|\Z)", re.MULTILINE)
DISABLED = re.compile(r"^disabled\s*:\s*(?:true|false)\s*$\n?", re.MULTILINE)


class _Dumper(yaml.SafeDumper):
    """Quotes every text that YAML 1.2 would read as something else."""

    def ignore_aliases(self, data: Any) -> bool:
        """Repeated values are written again."""
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Items of a list stand under their key, as people write them."""
        super().increase_indent(flow, False)


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    try:
        is_text = plain_scalar(text) == text
    except BadScalar:
        is_text = False
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style if is_text else '"')


_Dumper.add_representer(str, _represent_text)


def check_size(source: str) -> str:
    """`source` itself; TooLarge beyond 1 MiB."""
    if len(source) > MAX_SOURCE or len(source.encode("utf-8", "replace")) > MAX_SOURCE:
        raise TooLarge("The source of a flow is larger than 1 MiB, the most that is accepted; move data to files and tasks to subflows.")
    return source


def split_documents(source: str) -> list[tuple[int, str]]:
    """The documents of a YAML stream with the number of lines before each; empty ones are left out."""
    found, start = [], 0
    for mark in [*SEPARATOR.finditer(source), None]:
        text = source[start : mark.start() if mark else len(source)]
        if text.strip():
            blank = len(text) - len(text.lstrip("\r\n"))
            found.append((source.count("\n", 0, start + blank), text[blank:]))
        start = mark.end() if mark else len(source)
    return found


def without_revision(source: str) -> str:
    """The source without its `revision:` line, which says nothing about content."""
    return REVISION.sub("", source)


def with_disabled(source: str, disabled: bool) -> str:
    """The source with `disabled` set at its top level."""
    line = f"disabled: {'true' if disabled else 'false'}"
    if DISABLED.search(source):
        return DISABLED.sub(line + "\n", source, count=1)
    return source + ("" if source.endswith("\n") or not source else "\n") + line


def as_yaml(document: Any) -> str:
    """YAML of plain values, keys in their order."""
    text: str = yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=140)
    return text


def replace_block(source: str, mark: Mark, value: Any) -> str | None:
    """The source with the block at `mark` written anew; None where it shares its lines with others, as between braces."""
    lines = source.splitlines(keepends=True)
    before, end = lines[mark.line - 1][: mark.column - 1], mark.end_line
    last = lines[end - 1] if end <= len(lines) else ""
    if not last[: mark.end_column - 1].strip():
        end = _end_of_block(lines, end - 1, len(before))
    elif last[mark.end_column - 1 :].strip():
        return None
    if before.strip(" -"):
        return None
    written = as_yaml(value).rstrip("\n").replace("\n", "\n" + " " * len(before))
    return "".join([*lines[: mark.line - 1], before, written, "\n", *lines[end:]])


def _end_of_block(lines: list[str], end: int, indent: int) -> int:
    """The block ends where the next thing begins: blank lines and comments between them belong to that."""
    while end and (not lines[end - 1].strip() or _is_comment_before(lines[end - 1], indent)):
        end -= 1
    return end


def _is_comment_before(line: str, indent: int) -> bool:
    text = line.lstrip(" ")
    return text.startswith("#") and len(line) - len(text) < indent
