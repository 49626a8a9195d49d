"""What is wrong with a flow's source: where, what, and what to do about it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class FlowProblem:
    """One thing wrong (error) or outdated (warning); lines and columns count from 1, None when there is no source text."""

    message: str
    path: Path = ()
    line: int | None = None
    column: int | None = None
    end_line: int | None = None
    end_column: int | None = None
    severity: Literal["error", "warning", "info"] = "error"
    short: str = ""
    """The same in the few words that Kestra's API uses, without the way out; empty where the message serves."""

    @property
    def constraint(self) -> str:
        """The line that stands for the problem in `constraints` of the API."""
        return self.short or f"{self.path_text}: {self.message}"

    @property
    def path_text(self) -> str:
        """The path as people write it: tasks[0].message."""
        return show_path(self.path)

    def __str__(self) -> str:
        place = f" (line {self.line}, column {self.column})" if self.line else ""
        return f"{self.path_text}: {self.message}{place}" if self.path else f"{self.message}{place}"


class InvalidFlow(ValueError):
    """A source that is no flow; `problems` has everything that is wrong, in the order of the source."""

    def __init__(self, problems: Iterable[FlowProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


def show_path(path: Path) -> str:
    """`path` as tasks[0].message."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else (f".{step}" if text else str(step))
    return text


def nearest(word: str, known: Sequence[str], count: int = 3) -> str:
    """', did you mean …?' with the known words most like `word`, or an empty text."""
    lowered = {name.lower(): name for name in known}
    matches = [lowered[match] for match in get_close_matches(word.lower()[:200], lowered, count, 0.6)]
    if not matches:
        return ""
    return f", did you mean {' or '.join(repr(match) for match in matches)}?"


def nearest_type(name: str, known: Sequence[str]) -> str:
    """As `nearest`, for type ids: what counts is the last word, as long prefixes are alike everywhere."""
    tails: dict[str, list[str]] = {}
    for candidate in known:
        tails.setdefault(candidate.rsplit(".", 1)[-1].lower(), []).append(candidate)
    tail = name.rsplit(".", 1)[-1].lower()[:200]
    found = [candidate for match in get_close_matches(tail, tails, 3, 0.6) for candidate in tails[match]]
    closest = sorted(found, key=lambda candidate: -_common_words(candidate, name))[:3]
    return f", did you mean {' or '.join(repr(match) for match in closest)}?" if closest else ""


def _common_words(one: str, other: str) -> int:
    return len(set(one.lower().split(".")) & set(other.lower().split(".")))
