"""Cuts a template into tokens: text outside of delimiters, and the words of the expressions and tags inside."""

import re
from typing import NamedTuple

from apps.engine.expression.budget import MAX_SOURCE
from apps.engine.expression.errors import Fault

TEXT, PRINT_OPEN, PRINT_CLOSE, TAG_OPEN, TAG_CLOSE = "text", "print open", "print close", "tag open", "tag close"
NAME, NUMBER, LONG, STRING, OPERATOR, PUNCTUATION = "name", "number", "long", "text literal", "operator", "punctuation"
INTERPOLATION_OPEN, INTERPOLATION_CLOSE, END = "interpolation open", "interpolation close", "end"

WORD_OPERATORS = ("is not", "contains", "equals", "and", "not", "is", "or")
SYMBOL_OPERATORS = ("???", "??", "..", "==", "!=", ">=", "<=", ">", "<", "+", "-", "*", "/", "%", "|", "~")
CLOSERS = {"(": ")", "[": "]", "{": "}"}

_OPEN = re.compile(r"\{\{|\{%|\{#")
_RAW = re.compile(r"\{%-*[^\S\n]*raw[^\S\n]*-*%\}([^\n\r]*?)\{%-*[^\S\n]*endraw[^\S\n]*-*%\}")
_VERBATIM = re.compile(r"\{%-?\s*verbatim\s*-?%\}(.*?)\{%(-)?\s*endverbatim\s*(-)?%\}", re.DOTALL)
_TRIM_LEFT = re.compile(r"-\s+")
_SPACE = re.compile(r"\s*")
_TOKEN = re.compile(
    r"(?P<operator>" + "|".join(f"{word}(?![a-zA-Z0-9_])" for word in WORD_OPERATORS)
    + "|" + "|".join(re.escape(symbol) for symbol in SYMBOL_OPERATORS) + r")"
    r"|(?P<name>[^\W\d]\w*)"
    r"|(?P<long>[0-9]+L)"
    r"|(?P<number>[0-9]+(?:\.[0-9]+)?)"
    r"|(?P<punctuation>[()\[\]{}?:.,=])"
    r"|(?P<string>\"[^#\"\\]*(?:\\.[^#\"\\]*)*\"|'[^'\\]*(?:\\.[^'\\]*)*')"
    r"|(?P<quote>\")",
    re.DOTALL,
)  # fmt: skip
_NAME = re.compile(r"[^\W\d]\w*")
_STRING_PART = re.compile(r"[^#\"\\]*(?:(?:\\.|#(?!\{))[^#\"\\]*)*", re.DOTALL)


class Token(NamedTuple):
    """One word of a template; `at` is its offset in the source."""

    kind: str
    value: str
    at: int


class Lexer:
    """One pass over a source; `tokens` is what it found."""

    def __init__(self, source: str) -> None:
        if len(source) > MAX_SOURCE:
            raise Fault(f"The expression is longer than {MAX_SOURCE // 1024} KiB", "Keep long texts in namespace files and use read().")
        self.source = source
        self.at = 0
        self.tokens: list[Token] = []
        self.trim_next = False

    def run(self) -> list[Token]:
        """All tokens, with an end token last."""
        while self.at < len(self.source):
            self._data()
        self._push(END, "", len(self.source))
        return self.tokens

    def _push(self, kind: str, value: str, at: int) -> None:
        self.tokens.append(Token(kind, value, at))

    def _data(self) -> None:
        found = _OPEN.search(self.source, self.at)
        end = found.start() if found else len(self.source)
        text, start = self.source[self.at : end], self.at
        self.at = end
        if self.trim_next:
            text, self.trim_next = text.lstrip(), False
        if found is None:
            self._text(text, start)
            return
        if found.group() == "{%" and self._verbatim(text, start):
            return
        self.at = found.end()
        trim = _TRIM_LEFT.match(self.source, self.at)
        if trim:
            text, self.at = text.rstrip(), trim.end()
        self._text(text, start)
        if found.group() == "{#":
            self._comment(found.start())
        else:
            self._delimited(found.group(), found.start())

    def _text(self, text: str, at: int) -> None:
        if text:
            self._push(TEXT, text, at)

    def _verbatim(self, text: str, start: int) -> bool:
        raw = _RAW.match(self.source, self.at)
        found = raw or _VERBATIM.match(self.source, self.at)
        if found is None:
            return False
        content = found.group(1)
        if raw is None:
            content = content.lstrip()
            content = content.rstrip() if found.group(2) else content
            self.trim_next = bool(found.group(3))
        self._text(text + content, start)
        self.at = found.end()
        return True

    def _comment(self, start: int) -> None:
        end = self.source.find("#}", self.at)
        if end < 0:
            raise Fault("The comment is not closed", "End it with #}.", start)
        self.trim_next = re.search(r"\s-$", self.source[self.at : end]) is not None
        self.at = end + 2

    def _delimited(self, opening: str, start: int) -> None:
        printing = opening == "{{"
        self._push(PRINT_OPEN if printing else TAG_OPEN, opening, start)
        closing = "}}" if printing else "%}"
        brackets: list[tuple[str, int]] = []
        while True:
            self.at = _SPACE.match(self.source, self.at).end()  # type: ignore[union-attr]
            if not brackets and self._closes(closing):
                self._push(PRINT_CLOSE if printing else TAG_CLOSE, closing, self.at)
                return
            if self.at >= len(self.source):
                raise self._unclosed(opening, closing, start, brackets)
            self._word(brackets)

    def _closes(self, closing: str) -> bool:
        for trimming, mark in ((True, "-" + closing), (False, closing)):
            if self.source.startswith(mark, self.at):
                self.at += len(mark)
                self.trim_next = self.trim_next or trimming
                return True
        return False

    def _unclosed(self, opening: str, closing: str, start: int, brackets: list[tuple[str, int]]) -> Fault:
        if brackets:
            bracket, at = brackets[-1]
            return Fault(f"'{bracket}' is not closed", f"Close it with '{CLOSERS.get(bracket, bracket)}'.", at)
        return Fault(f"'{opening}' is not closed", f"Close it with '{closing}'.", start)

    def _word(self, brackets: list[tuple[str, int]]) -> None:
        start = self.at
        found = self._after_dot() or _TOKEN.match(self.source, start)
        if found is None:
            raise Fault(f"Unexpected character '{self.source[start]}'", _hint_for(self.source[start : start + 2]), start)
        self.at = found.end()
        group, value = found.lastgroup or "name", found.group()
        if group == "punctuation":
            _track(brackets, value, start)
            self._push(PUNCTUATION, value, start)
        elif group == "string":
            self._push(STRING, value[1:-1].replace("\\" + value[0], value[0]), start)
        elif group == "quote":
            self._interpolated(start)
        else:
            self._push({"operator": OPERATOR, "name": NAME, "long": LONG, "number": NUMBER}[group], value, start)

    def _after_dot(self) -> re.Match[str] | None:
        """After a dot a word is a key, even if it is spelled like an operator."""
        last = self.tokens[-1]
        return _NAME.match(self.source, self.at) if last.kind == PUNCTUATION and last.value == "." else None

    def _interpolated(self, start: int) -> None:
        """A double-quoted text with `#{…}` in it."""
        while True:
            part = _STRING_PART.match(self.source, self.at)
            if part is not None and part.end() > self.at:
                self._push(STRING, part.group(), self.at)
                self.at = part.end()
            if self.source.startswith('"', self.at):
                self.at += 1
                return
            if not self.source.startswith("#{", self.at):
                raise Fault("The text is not closed", "End it with a double quote.", start)
            self._push(INTERPOLATION_OPEN, "#{", self.at)
            self.at += 2
            self._interpolation(start)

    def _interpolation(self, start: int) -> None:
        brackets: list[tuple[str, int]] = []
        while True:
            self.at = _SPACE.match(self.source, self.at).end()  # type: ignore[union-attr]
            if self.at >= len(self.source):
                raise Fault("'#{' is not closed", "Close it with '}'.", start)
            if not brackets and self.source.startswith("}", self.at):
                self._push(INTERPOLATION_CLOSE, "}", self.at)
                self.at += 1
                return
            self._word(brackets)


def _track(brackets: list[tuple[str, int]], value: str, at: int) -> None:
    if value in CLOSERS:
        brackets.append((value, at))
    elif value in ")]}":
        if not brackets:
            raise Fault(f"Unexpected '{value}'", at=at)
        opened, opened_at = brackets.pop()
        if CLOSERS[opened] != value:
            raise Fault(f"'{opened}' is not closed", f"Close it with '{CLOSERS[opened]}'.", opened_at)


def _hint_for(start: str) -> str:
    hints = {
        "&&": "Use 'and'.",
        "||": "Use 'or'.",
        "!": "Use 'not' or '!='.",
        "'": "The text is not closed.",
        "$": "Variables have no '$'.",
    }
    return hints.get(start, hints.get(start[:1], ""))
