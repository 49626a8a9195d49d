"""Cuts a Java date pattern into letters with counts, literal texts and optional sections."""

from dataclasses import dataclass
from functools import lru_cache

from apps.engine.expression.errors import Fault

MAX_PATTERN = 500
LIMITS = {
    "G": 5, "u": 19, "y": 19, "D": 3, "M": 5, "L": 5, "d": 2, "g": 19, "Q": 5, "q": 5, "Y": 19, "w": 2, "W": 1, "E": 5, "e": 5, "c": 5,
    "F": 1, "a": 1, "B": 5, "h": 2, "K": 2, "k": 2, "H": 2, "m": 2, "s": 2, "S": 9, "A": 19, "n": 19, "N": 19, "V": 2, "v": 4, "z": 4,
    "O": 4, "X": 5, "x": 5, "Z": 5,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Field:
    """A letter repeated `count` times, in a field padded to `width` if that is more."""

    letter: str
    count: int
    width: int = 0


Part = str | Field | tuple["Part", ...]
"""A literal text, a field, or an optional section of parts."""


@lru_cache(maxsize=1024)
def parts_of(pattern: str) -> tuple[Part, ...]:
    """The parts of a pattern."""
    if len(pattern) > MAX_PATTERN:
        raise Fault(f"A date format has at most {MAX_PATTERN} characters")
    stack: list[list[Part]] = [[]]
    at = 0
    while at < len(pattern):
        at = _next(pattern, at, stack)
        if len(stack) > 16:
            raise Fault("The date format nests too many optional sections")
    while len(stack) > 1:
        section = stack.pop()
        stack[-1].append(tuple(section))
    return tuple(stack[0])


def _next(pattern: str, at: int, stack: list[list[Part]]) -> int:
    letter = pattern[at]
    if letter == "'":
        return _quoted(pattern, at, stack[-1])
    if letter == "[":
        stack.append([])
        return at + 1
    if letter == "]":
        if len(stack) == 1:
            raise _bad(pattern, "']' without '['")
        section = stack.pop()
        stack[-1].append(tuple(section))
        return at + 1
    if letter in "{}#":
        raise _bad(pattern, f"'{letter}' is reserved")
    if letter.isascii() and letter.isalpha():
        return _field(pattern, at, stack[-1])
    stack[-1].append(letter)
    return at + 1


def _field(pattern: str, at: int, parts: list[Part]) -> int:
    letter, end = pattern[at], _run(pattern, at)
    width = 0
    if letter == "p":
        width = end - at
        if end >= len(pattern) or not (pattern[end].isascii() and pattern[end].isalpha()):
            raise _bad(pattern, "a padding 'p' must stand before a letter")
        at, letter = end, pattern[end]
        end = _run(pattern, at)
    count = end - at
    if letter not in LIMITS:
        raise _bad(pattern, f"there is no letter '{letter}'")
    if count > LIMITS[letter] or (letter == "V" and count != 2) or (letter in "vO" and count not in (1, 4)):
        raise _bad(pattern, f"'{letter * count}' has the wrong number of letters")
    parts.append(Field(letter, count, width))
    return end


def _run(pattern: str, at: int) -> int:
    end = at
    while end < len(pattern) and pattern[end] == pattern[at]:
        end += 1
    return end


def _quoted(pattern: str, at: int, parts: list[Part]) -> int:
    text, end = "", at + 1
    while True:
        close = pattern.find("'", end)
        if close < 0:
            raise _bad(pattern, "a quote is not closed")
        text += pattern[end:close]
        if pattern[close + 1 : close + 2] != "'":
            break
        text += "'"
        end = close + 2
    parts.append(text if close > at + 1 else "'")
    return close + 1


def _bad(pattern: str, why: str) -> Fault:
    return Fault(f"'{pattern}' is no date format: {why}", "Formats look like yyyy-MM-dd HH:mm:ss; other letters go between single quotes.")
