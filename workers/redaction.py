"""Masks secret values in text that leaves the worker, also where a value is cut in two by the border of two chunks."""

import base64
import json
import re
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

MASK = "**masked****"
"""Of fixed length: a mask as long as the value would tell its length."""
SHORTEST = 4
"""Shorter values are not masked: they would blacken ordinary text."""


def variants(value: str) -> set[str]:
    """The spellings in which a value may appear: itself, its lines, base64 at each offset, URL-quoted, JSON-escaped, hexadecimal."""
    raw = value.encode()
    spellings = {value, value.strip(), *(line.strip() for line in value.splitlines()), raw.hex(), raw.hex().upper()}
    spellings |= {quote(value, safe=""), quote_plus(value), json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]}
    spellings |= {spelling for offset in range(3) for spelling in _base64(raw, offset)}
    return {spelling for spelling in spellings if len(spelling) >= SHORTEST}


def _base64(raw: bytes, offset: int) -> Iterable[str]:
    """The part of the encoding that does not depend on what stands before or after."""
    text = base64.b64encode(b"\0" * offset + raw).decode()
    start = (0, 2, 3)[offset]
    end = len(text) - (0, 3, 2)[(offset + len(raw)) % 3] if (offset + len(raw)) % 3 else len(text)
    core = text[start:end]
    if len(core) >= 2 * SHORTEST:
        yield core
        yield core.replace("+", "-").replace("/", "_")


class Redactor:
    """The secrets of one run; it learns while the run goes on."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._spellings: frozenset[str] = frozenset()
        self._pattern: re.Pattern[str] | None = None
        for secret in secrets:
            self.learn(secret)

    def learn(self, secret: str) -> None:
        """Masks this value from now on."""
        found = variants(secret)
        if found <= self._spellings:
            return
        self._spellings = self._spellings | found
        longest_first = sorted(self._spellings, key=lambda spelling: (-len(spelling), spelling))
        self._pattern = re.compile("|".join(map(re.escape, longest_first)))

    def redact(self, text: str) -> str:
        """`text` with every secret masked, at each place the longest that fits."""
        return self._pattern.sub(MASK, text) if self._pattern is not None else text

    def stream(self) -> "RedactionStream":
        """A redaction over chunks."""
        return RedactionStream(self)

    @property
    def pattern(self) -> re.Pattern[str] | None:
        """What is looked for, longest first."""
        return self._pattern

    def undecided(self, text: str, start: int) -> int:
        """The first place at or after `start` where more text could complete a secret; the text's length when there is none."""
        longest = max(map(len, self._spellings), default=0)
        for place in range(max(start, len(text) - longest + 1), len(text)):
            tail = text[place:]
            if any(len(spelling) > len(tail) and spelling.startswith(tail) for spelling in self._spellings):
                return place
        return len(text)


class RedactionStream:
    """Chunks in, masked text out; what could be the beginning of a secret is held back until it is decided."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._held = ""

    def feed(self, chunk: str) -> str:
        """The text that is decided by now."""
        text = self._held + chunk
        return self._emit(text, self._redactor.undecided(text, 0))

    def close(self) -> str:
        """What was held back."""
        return self._emit(self._held, len(self._held))

    def _emit(self, text: str, decided: int) -> str:
        parts, done = [], 0
        closing = decided == len(text)
        while (pattern := self._redactor.pattern) is not None:
            match = pattern.search(text, done)
            if match is None or match.start() >= decided:
                break
            parts += [text[done : match.start()], MASK]
            done = match.end()
            if done > decided and not closing:
                decided = self._redactor.undecided(text, done)
        end = max(decided, done)
        self._held = text[end:]
        return "".join([*parts, text[done:end]])
