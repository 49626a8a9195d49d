"""Five hundred published shapes of template injection: none reaches an import, a file, a socket or a process."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from apps.engine.expression import ExpressionError, Scope, analyze, render

PAYLOADS = Path(__file__).with_name("payloads.txt").read_text(encoding="utf-8").splitlines()
WATCHED = ("import", "open", "socket", "subprocess", "os.", "exec", "compile", "ctypes", "code.", "shutil", "pty", "marshal", "pickle")
VARIABLES: dict[str, Any] = {"vars": {"text": "abc", "list": [1, 2], "map": {"a": 1}, "key": "__class__"}, "inputs": {}}
LEAKS = ("<class", "<function", "<bound", "<module", "object at 0x", "root:x:", "uid=", "SECRET_KEY", "java.lang.Class", "/usr/bin")

_events: list[str] | None = None
_installed: list[bool] = []


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if _events is not None and event.startswith(WATCHED):
        _events.append(f"{event} {arguments[:2]!r}")


@contextmanager
def watched() -> Iterator[list[str]]:
    """The audit events of a block; the hook itself cannot be removed, so it is installed once."""
    global _events
    if not _installed:
        sys.addaudithook(_hook)
        _installed.append(True)
    _events = found = []
    try:
        yield found
    finally:
        _events = None


def shapes(payload: str) -> list[str]:
    """The payload as it is, as an expression, and as text that the author chose to render."""
    inner = payload.strip("{}%#$<>= ")
    return [payload, "{{ " + inner + " }}", "{% set x = " + inner + " %}{{ x }}"]


def outcome(source: str, scope: Scope) -> str:
    try:
        return render(source, scope)
    except ExpressionError as error:
        return f"refused {error.message}"


ALL = [shape for payload in PAYLOADS for shape in shapes(payload)]


@pytest.fixture(scope="module", autouse=True)
def _warm() -> None:
    """Locale data, zones and the jq box are loaded by honest templates first, as in a running worker."""
    for source in ("{{ now() | date('EEEE z', timeZone='Europe/Paris') }}", "{{ 1 | numberFormat('0') }}", "{{ [1] | jq('map(. * 2)') }}"):
        render(source, Scope({}))


def test_there_are_five_hundred() -> None:
    assert len(set(ALL)) >= 500


def test_no_payload_reaches_the_machine() -> None:
    scope = Scope(VARIABLES)
    reached = {}
    for source in ALL:
        with watched() as events:
            text = outcome(source, scope)
            analyze(source)
        if events or any(leak in text for leak in LEAKS):
            reached[source] = (events, text[:200])
    assert reached == {}


def test_payloads_in_data_stay_text() -> None:
    for payload in PAYLOADS:
        scope = Scope({"vars": {"evil": payload}})
        assert render("{{ vars.evil }}", scope) == payload
        assert render("{{ vars.evil | upper | lower }}", scope) == payload.upper().lower()


def test_rendering_a_payload_by_the_authors_will_is_closed_too() -> None:
    for payload in PAYLOADS:
        scope = Scope({**VARIABLES, "evil": payload})
        with watched() as events:
            text = outcome("{{ render(evil) }}", scope)
        assert (events, [leak for leak in LEAKS if leak in text]) == ([], []), payload


def test_the_hook_sees_what_it_should() -> None:
    with watched() as events:
        Path("/dev/null").read_bytes()
    assert events


@pytest.mark.parametrize("value", [object(), lambda: 1, type, Path("/x"), {1, 2}, b"bytes", 1j])
def test_objects_in_the_variables_can_be_neither_printed_nor_entered(value: Any) -> None:
    scope = Scope({"x": value, "m": {"x": [value]}})
    for source in (
        "{{ x }}",
        "{{ x ~ '' }}",
        "{{ m }}",
        "{{ x.__class__ }}",
        "{{ x['a'] }}",
        "{{ x.name }}",
        "{{ x() }}",
        "{{ x.read() }}",
        "{{ m | toJson }}",
    ):
        with pytest.raises(ExpressionError):
            render(source, scope)
