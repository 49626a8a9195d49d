"""YAML to plain values with the place of every node, built from libyaml's events so that no input can exhaust anything.

libyaml's own composer recurses (100 kB of `[` end the process); its events do not, and every limit is checked per event.
"""

import re
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml._yaml import CParser

from apps.engine.flow.problems import FlowProblem, InvalidFlow, Path
from apps.engine.flow.scalars import BadScalar, plain_scalar

MERGE_KEY = "<<"
MAX_PROBLEMS = 100
UNREADABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Control characters, NUL, halves of surrogate pairs: what YAML has no room for."""
HINTS = {
    "mapping values are not allowed": "put a text that has ': ' in it in quotes, and look at the indentation",
    "cannot start any token": "indent with spaces, not tabs, and quote a text that begins with @, ` or %",
    "expected key": "look at the indentation: keys of one map begin in the same column",
    "could not find expected ':'": "every line of a map is 'key: value'",
    "did not find expected ',' or": "close every bracket, and put commas between the items",
    "found unexpected end of stream": "close every quote",
}


@dataclass(frozen=True)
class Limits:
    """How large a document may be; `nodes` counts what aliases repeat, each time."""

    bytes: int = 1024 * 1024
    depth: int = 64
    nodes: int = 100_000


@dataclass(slots=True)
class Mark:
    """Where a node begins and ends (from 1), and the marks of what is in it."""

    line: int
    column: int
    end_line: int
    end_column: int
    children: "dict[str, Mark] | list[Mark] | None" = None
    keys: "dict[str, Mark] | None" = None
    size: int = 1
    depth: int = 0


@dataclass(frozen=True)
class Document:
    """The value of a document and the places of its nodes."""

    value: Any
    marks: Mark

    def at(self, path: Path) -> Mark:
        """The place of the node at `path`, or of the nearest node above it that the source has."""
        mark = self.marks
        for step in path:
            child = _child(mark, step)
            if child is None:
                break
            mark = child
        return mark

    def at_key(self, path: Path) -> Mark:
        """The place of the key that `path` ends with; else as `at`."""
        parent = self.at(path[:-1]) if path else self.marks
        key = path[-1] if path else None
        found = parent.keys.get(key) if parent.keys is not None and isinstance(key, str) else None
        return found or self.at(path)


def _child(mark: Mark, step: str | int) -> Mark | None:
    if isinstance(mark.children, dict):
        return mark.children.get(str(step))
    if isinstance(mark.children, list) and isinstance(step, int) and step < len(mark.children):
        return mark.children[step]
    return None


def read_yaml(text: str, limits: Limits = Limits()) -> Document:
    """The one document in `text`; raises `InvalidFlow` with all that is wrong with it as YAML."""
    _check_characters(text, limits)
    builder = _Builder(limits)
    try:
        parser = CParser(text)
        while True:
            event = parser.get_event()
            if event is None or not builder.take(event):
                break
    except yaml.YAMLError as error:
        builder.problems.append(_syntax_problem(error))
    if builder.problems:
        raise InvalidFlow(builder.problems)
    if builder.root is None:
        raise InvalidFlow([FlowProblem("the source is empty; write at least id, namespace and tasks", (), 1, 1, 1, 1)])
    return Document(*builder.root)


def _check_characters(text: str, limits: Limits) -> None:
    """Refuse what no store can hold, before libyaml sees it."""
    if (bad := UNREADABLE.search(text)) is not None:
        shown = f"the character U+{ord(bad.group()):04X} is not allowed in a source; remove it"
        raise InvalidFlow([_at_offset(text, bad.start(), shown)])
    size = len(text.encode())
    if size > limits.bytes:
        raise InvalidFlow([FlowProblem(f"the source has {size} bytes, at most {limits.bytes} are allowed; split it into subflows")])


def _at_offset(text: str, offset: int, message: str) -> FlowProblem:
    line = text.count("\n", 0, offset) + 1
    column = offset - text.rfind("\n", 0, offset)
    return FlowProblem(message, (), line, column, line, column + 1)


def _syntax_problem(error: yaml.YAMLError) -> FlowProblem:
    """libyaml's complaint with its place; some errors of its reader have none."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    said = ", ".join(part for part in (getattr(error, "context", None), getattr(error, "problem", None)) if part)
    hint = next((f"; {advice}" for words, advice in HINTS.items() if words in said), "")
    message = f"this is not valid YAML: {said or getattr(error, 'reason', None) or 'unreadable text'}{hint}"
    if mark is None:
        return FlowProblem(message, (), 1, 1, 1, 1)
    return FlowProblem(message, (), mark.line + 1, mark.column + 1, mark.line + 1, mark.column + 2)


@dataclass(slots=True)
class _Frame:
    """A mapping or sequence that is still open."""

    value: Any
    mark: Mark
    anchor: str | None
    key: str | None = None
    key_mark: Mark | None = None
    merged: "list[tuple[dict[str, Any], Mark]]" = field(default_factory=list)


class _Builder:
    """Takes events one at a time and builds values and marks with an explicit stack."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.problems: list[FlowProblem] = []
        self.root: tuple[Any, Mark] | None = None
        self.stack: list[_Frame] = []
        self.anchors: dict[str, tuple[Any, Mark]] = {}
        self.nodes = 0
        self.documents = 0

    def take(self, event: Any) -> bool:
        """Build on with `event`; False when there is no use in going on."""
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event)
        elif isinstance(event, yaml.MappingStartEvent):
            self._open(event, {})
        elif isinstance(event, yaml.SequenceStartEvent):
            self._open(event, [])
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            self._close(event)
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event)
        elif isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                return self._stop(event, "the source holds a second document after '---'; a flow is one document")
        return not self._too_large(event)

    def _scalar(self, event: Any) -> None:
        mark = _mark_of(event)
        self._refuse_tag(event)
        if "\0" in event.value:
            self._problem(mark, "the text has the character U+0000, written as an escape; remove it")
        if self._wants_key():
            return self._key(event.value, mark, event)
        try:
            plain = event.implicit[0] and not event.style
            value = plain_scalar(event.value) if plain else event.value
        except BadScalar as error:
            self._problem(mark, str(error))
            value = None
        return self._put(value, mark, event.anchor)

    def _open(self, event: Any, value: Any) -> None:
        self._refuse_tag(event)
        mark = _mark_of(event)
        if self._wants_key():
            self._problem(mark, "a key must be a text, not a list or a map")
            self._key(f"?{len(self.problems)}", mark, event)
            # The key's own content still follows as events: swallow it as the value of a key nobody asks for.
        is_map = isinstance(value, dict)
        mark.children, mark.keys = ({}, {}) if is_map else ([], None)
        self.stack.append(_Frame(value, mark, event.anchor))

    def _close(self, event: Any) -> None:
        frame = self.stack.pop()
        frame.mark.end_line, frame.mark.end_column = event.end_mark.line + 1, event.end_mark.column + 1
        for merged, marks in frame.merged:
            _merge(frame, merged, marks)
        self._put(frame.value, frame.mark, frame.anchor)

    def _alias(self, event: Any) -> None:
        mark = _mark_of(event)
        found = self.anchors.get(event.anchor)
        if found is None:
            self._problem(mark, f"the alias *{event.anchor} has no anchor &{event.anchor} before it")
            found = (None, mark)
        value, origin = found
        if self._wants_key():
            return self._key(str(value), mark, event)
        self.nodes += origin.size
        copy = Mark(mark.line, mark.column, mark.end_line, mark.end_column, origin.children, origin.keys, origin.size, origin.depth)
        return self._put(value, copy, None)

    def _wants_key(self) -> bool:
        return bool(self.stack) and isinstance(self.stack[-1].value, dict) and self.stack[-1].key is None

    def _key(self, text: str, mark: Mark, event: Any) -> None:
        frame = self.stack[-1]
        assert frame.mark.keys is not None
        if event.__class__ is yaml.ScalarEvent and text == "" and not event.style:
            self._problem(mark, "a key is missing before ':'")
        first = frame.mark.keys.get(text)
        if first is not None and text != MERGE_KEY:
            self._problem(mark, f"the key '{text[:100]}' is already there on line {first.line}; remove one of the two")
        frame.key, frame.key_mark = text, mark

    def _put(self, value: Any, mark: Mark, anchor: str | None) -> None:
        self.nodes += 1
        if anchor is not None:
            self.anchors[anchor] = (value, mark)
        if not self.stack:
            self.root = (value, mark)
            return
        frame = self.stack[-1]
        frame.mark.size += mark.size
        frame.mark.depth = max(frame.mark.depth, mark.depth + 1)
        if isinstance(frame.value, list):
            frame.value.append(value)
            assert isinstance(frame.mark.children, list)
            frame.mark.children.append(mark)
        else:
            self._put_in_map(frame, value, mark)

    def _put_in_map(self, frame: _Frame, value: Any, mark: Mark) -> None:
        key, key_mark = frame.key, frame.key_mark
        frame.key = frame.key_mark = None
        assert key is not None and key_mark is not None and isinstance(frame.mark.children, dict) and frame.mark.keys is not None
        sources = _merge_sources(value, mark) if key == MERGE_KEY else None
        if sources is not None:
            frame.merged.extend(sources)
            return
        frame.value[key] = value
        frame.mark.children[key] = mark
        frame.mark.keys[key] = key_mark

    def _refuse_tag(self, event: Any) -> None:
        if event.tag is not None and event.tag != "!":
            self._problem(
                _mark_of(event), f"the YAML tag {event.tag[:60]} is not allowed; remove it, and quote a text that looks like a number"
            )

    def _too_large(self, event: Any) -> bool:
        deepest = len(self.stack)
        if deepest and isinstance(event, yaml.AliasEvent) and event.anchor in self.anchors:
            deepest += self.anchors[event.anchor][1].depth
        if deepest > self.limits.depth:
            return not self._stop(event, f"the source is nested deeper than {self.limits.depth} levels")
        if self.nodes > self.limits.nodes:
            return not self._stop(
                event, f"the source has more than {self.limits.nodes} values, repeated aliases counted; split it into subflows"
            )
        return len(self.problems) >= MAX_PROBLEMS

    def _stop(self, event: Any, message: str) -> bool:
        self._problem(_mark_of(event), message)
        return False

    def _problem(self, mark: Mark, message: str) -> None:
        self.problems.append(FlowProblem(message, self._path(), mark.line, mark.column, mark.end_line, mark.end_column))

    def _path(self) -> Path:
        steps = (len(frame.value) if isinstance(frame.value, list) else frame.key for frame in self.stack)
        return tuple(step for step in steps if step is not None)


def _mark_of(event: Any) -> Mark:
    start, end = event.start_mark, event.end_mark
    return Mark(start.line + 1, start.column + 1, end.line + 1, end.column + 1)


def _merge_sources(value: Any, mark: Mark) -> "list[tuple[dict[str, Any], Mark]] | None":
    """The maps that a `<<` takes in, or None when its value is nothing that can be merged."""
    if isinstance(value, dict):
        return [(value, mark)]
    if isinstance(value, list) and value and isinstance(mark.children, list) and all(isinstance(item, dict) for item in value):
        return list(zip(value, mark.children, strict=True))
    return None


def _merge(frame: _Frame, merged: dict[str, Any], marks: Mark) -> None:
    """Add the keys of `merged` that the map has not itself; earlier sources win."""
    assert isinstance(frame.mark.children, dict) and isinstance(marks.children, dict) and frame.mark.keys is not None
    for key, value in merged.items():
        if key not in frame.value:
            frame.value[key] = value
            frame.mark.children[key] = marks.children[key]
            frame.mark.keys[key] = (marks.keys or {})[key]
