"""File patterns as Java's globs read them: `*` and `?` stay inside a folder, `**` crosses folders, `{a,b}` and `[a-z]` choose."""

import re
from collections.abc import Iterable
from functools import lru_cache


@lru_cache(maxsize=512)
def glob_pattern(glob: str) -> re.Pattern[str]:
    """The regular expression of a glob; a broken one matches only itself."""
    try:
        return re.compile(_translate(glob), re.DOTALL)
    except re.error:
        return re.compile(re.escape(glob))


def _translate(glob: str) -> str:
    parts: list[str] = []
    index, depth = 0, 0
    while index < len(glob):
        if glob[index] == "\\" and index + 1 < len(glob):
            parts.append(re.escape(glob[index + 1]))
            index += 2
        elif glob[index] == "[" and "]" in glob[index + 1 :]:
            end = glob.index("]", index + 1)
            parts.append(_choice(glob[index + 1 : end]))
            index = end + 1
        elif glob.startswith("**", index):
            parts.append(".*")
            index += 2
        else:
            piece, depth = _character(glob[index], depth)
            parts.append(piece)
            index += 1
    return "".join(parts)


def _choice(inside: str) -> str:
    negated = inside.startswith("!")
    body = (inside[1:] if negated else inside).replace("\\", "\\\\").replace("[", "\\[")
    return f"(?!/)[{'^' if negated else ''}{body}]"


def _character(character: str, depth: int) -> tuple[str, int]:
    if character == "*":
        return "[^/]*", depth
    if character == "?":
        return "[^/]", depth
    if character == "{":
        return "(?:", depth + 1
    if character == "}" and depth:
        return ")", depth - 1
    if character == "," and depth:
        return "|", depth
    return re.escape(character), depth


def matches_any(path: str, globs: Iterable[str]) -> bool:
    """Whether a relative path, or an absolute one, matches one of the globs as it stands."""
    return any(glob_pattern(glob.removeprefix("glob:")).fullmatch(path) for glob in globs)


def namespace_glob(glob: str) -> str:
    """A pattern over namespace files (`/dir/a.txt`): one that begins with a word matches in any folder."""
    if glob.startswith("glob:"):
        return glob.removeprefix("glob:")
    return f"**/{glob}" if re.match(r"\w", glob) else glob


def select_namespace_files(paths: Iterable[str], include: Iterable[str] | None, exclude: Iterable[str] | None) -> list[str]:
    """The paths that `include` (all, when there is none) names and `exclude` does not."""
    wanted = [namespace_glob(glob) for glob in include or ()]
    refused = [namespace_glob(glob) for glob in exclude or ()]
    return [path for path in paths if (not wanted or matches_any(path, wanted)) and not matches_any(path, refused)]
