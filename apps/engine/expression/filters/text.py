"""Filters over texts."""

import unicodedata

from apps.engine.expression.arguments import as_text, flag, optional_text, text, whole
from apps.engine.expression.errors import Fault
from apps.engine.expression.operators import charged
from apps.engine.expression.patterns import replace_all, search
from apps.engine.expression.predicates.core import is_empty
from apps.engine.expression.registry import MISSING, Spec, spec
from apps.engine.expression.scope import Frame
from apps.engine.expression.values import Value, hash_map, kind

SLOW_TEXT = 32
"""Characters that cost one step where a filter looks at each."""


def lower(f: Frame, value: Value) -> Value:
    """Lower case."""
    return None if value is None else as_text(value).lower()


def upper(f: Frame, value: Value) -> Value:
    """Upper case."""
    return None if value is None else as_text(value).upper()


def title(f: Frame, value: Value) -> Value:
    """The first letter of every word in upper case, the rest untouched."""
    if value is None:
        return None
    letters, fresh = [], True
    content = text(value, "The value of 'title'")
    f.budget.step(len(content) // SLOW_TEXT)
    for letter in content:
        letters.append(letter.title() if fresh and not letter.isspace() and len(letter.title()) == 1 else letter)
        fresh = letter.isspace()
    return "".join(letters)


def capitalize(f: Frame, value: Value) -> Value:
    """The first letter in upper case, the rest untouched."""
    if value is None:
        return None
    content = text(value, "The value of 'capitalize'")
    return content[:1].upper() + content[1:]


def trim(f: Frame, value: Value) -> Value:
    """Without white space at both ends."""
    return None if value is None else text(value, "The value of 'trim'").strip()


def abbreviate(f: Frame, value: Value, length: Value) -> Value:
    """Cut to a length, with three dots at the end where there is room for them."""
    if value is None:
        return None
    content, width = text(value, "The value of 'abbreviate'"), whole(length, "The length")
    if width < 0:
        raise Fault("The length must not be negative")
    if len(content) < width or len(content) <= 3:
        return content
    return content[:width] if width <= 3 else content[: width - 3] + "..."


def replace(f: Frame, value: Value, pairs: Value, regexp: Value) -> Value:
    """Replaces texts, or regular expressions with `$1` groups, in texts and inside lists and maps."""
    if value is None:
        return None
    if not isinstance(pairs, dict):
        raise Fault(f"'replace' needs a map of replacements, not {kind(pairs)}", "Write replace({'old': 'new'}).")
    patterns = flag(regexp, "'regexp'", default=False)
    return _replaced(f, value, [(as_text(old), as_text(new)) for old, new in pairs.items()], patterns)


def _replaced(f: Frame, value: Value, pairs: list[tuple[str, str]], patterns: bool) -> Value:
    if isinstance(value, dict):
        f.budget.items(len(value))
        return hash_map({key: _replaced(f, item, pairs, patterns) for key, item in value.items()}, 16)
    if isinstance(value, list):
        f.budget.items(len(value))
        return [_replaced(f, item, pairs, patterns) for item in value]
    content = as_text(value)
    for old, new in pairs:
        f.budget.step(1 + len(content) // 256)
        content = replace_all(f.budget, content, old, new) if patterns else _plain_replace(f, content, old, new)
    return content


def _plain_replace(f: Frame, content: str, old: str, new: str) -> str:
    f.budget.allocate(max(0, content.count(old) * (len(new) - len(old))) + len(content))
    return content.replace(old, new)


def _separated(value: Value, separator: Value) -> tuple[str, str]:
    return as_text(value), text(separator, "The separator")


def substring_before(f: Frame, value: Value, separator: Value) -> Value:
    """What stands before the first separator; all of it if there is none."""
    if value is None:
        return None
    content, mark = _separated(value, separator)
    return content.partition(mark)[0] if mark else ""


def substring_before_last(f: Frame, value: Value, separator: Value) -> Value:
    """What stands before the last separator; all of it if there is none."""
    if value is None:
        return None
    content, mark = _separated(value, separator)
    return content.rpartition(mark)[0] if mark and mark in content else content


def substring_after(f: Frame, value: Value, separator: Value) -> Value:
    """What stands after the first separator; nothing if there is none."""
    if value is None:
        return None
    content, mark = _separated(value, separator)
    return content.partition(mark)[2] if mark else content


def substring_after_last(f: Frame, value: Value, separator: Value) -> Value:
    """What stands after the last separator; nothing if there is none."""
    if value is None:
        return None
    content, mark = _separated(value, separator)
    return content.rpartition(mark)[2] if mark and mark in content else ""


def slugify(f: Frame, value: Value) -> Value:
    """A name for URLs: plain letters, digits and single dashes."""
    if value is None:
        return None
    content = as_text(value)
    f.budget.step(len(content) // SLOW_TEXT)
    dashed = "".join("-" if letter in " \t\n\x0b\f\r" else letter for letter in content)
    plain = [letter for letter in unicodedata.normalize("NFD", dashed) if letter.isascii() and (letter.isalnum() or letter in "_-")]
    slug = "".join(plain).replace("_", "-")
    while "--" in slug:
        slug = slug.replace("--", "-")
    return slug.removeprefix("-").removesuffix("-").lower()


def default(f: Frame, value: Value, fallback: Value) -> Value:
    """Another value where this one is missing or empty."""
    if not is_empty(f, value):
        return value
    return None if fallback is MISSING else fallback


def starts_with(f: Frame, value: Value, part: Value) -> bool:
    """Whether a text begins with another."""
    return _present(value, "startsWith").startswith(text(part, "The beginning"))


def ends_with(f: Frame, value: Value, part: Value) -> bool:
    """Whether a text ends with another."""
    return _present(value, "endsWith").endswith(text(part, "The end"))


def _present(value: Value, name: str) -> str:
    if value is None:
        raise Fault(f"'{name}' needs a text, not null")
    return as_text(value)


ESCAPES = {"single": ("'", "\\'"), "double": ('"', '\\"'), "shell": ("'", "'\\''")}


def escape_char(f: Frame, value: Value, style: Value) -> Value:
    """Escapes quotes for a single-quoted, double-quoted or shell text, inside lists and maps too."""
    if value is None:
        return None
    name = text(style, "The type").lower()
    if name not in ESCAPES:
        raise Fault(f"'escapeChar' knows single, double and shell, not '{name}'")
    return _replaced(f, value, [ESCAPES[name]], patterns=False)


def indent(f: Frame, value: Value, amount: Value, prefix: Value) -> Value:
    """Indents every line but the first."""
    return _indented(f, value, amount, prefix, first="")


def nindent(f: Frame, value: Value, amount: Value, prefix: Value) -> Value:
    """Begins a new line and indents every line."""
    return _indented(f, value, amount, prefix, first=None)


def _indented(f: Frame, value: Value, amount: Value, prefix: Value, first: str | None) -> Value:
    if value is None or value == "":
        return value
    content, count = as_text(value), whole(amount, "The amount")
    if count < 0:
        raise Fault("The amount must not be negative")
    mark = optional_text(prefix, "The prefix")
    mark = " " if mark is None else mark
    line = next((each for each in ("\r\n", "\n\r", "\n", "\r") if each in content), "\n")
    content = (line if first is None else first) + content
    f.budget.allocate((content.count(line) + 1) * count * len(mark) + len(content))
    return content.replace(line, line + mark * count)


def string(f: Frame, value: Value) -> Value:
    """Any value as text."""
    return None if value is None else charged(as_text(value), f.budget)


def regex_match(f: Frame, value: Value, pattern: Value) -> Value:
    """Whether a regular expression matches somewhere."""
    return None if value is None else search(as_text(value), text(pattern, "The pattern")) is not None


def regex_replace(f: Frame, value: Value, pattern: Value, replacement: Value) -> Value:
    """Replaces all matches; `$1` stands for a group."""
    if value is None:
        return None
    return replace_all(f.budget, as_text(value), text(pattern, "The pattern"), text(replacement, "The replacement"))


def regex_extract(f: Frame, value: Value, pattern: Value, group: Value) -> Value:
    """The first match or one of its groups; null if nothing matches."""
    if value is None:
        return None
    found = search(as_text(value), text(pattern, "The pattern"))
    if found is None:
        return None
    number = 0 if group is MISSING or group is None else whole(group, "The group")
    if not 0 <= number <= len(found) - 1:
        raise Fault(f"The pattern has {len(found) - 1} groups, so there is no group {number}")
    return found[number]


SPECS: tuple[Spec, ...] = (
    spec("lower", lower, summary="Lower case.", example="{{ 'ABC' | lower }}"),
    spec("upper", upper, summary="Upper case.", example="{{ 'abc' | upper }}"),
    spec("title", title, summary="Upper case for the first letter of every word.", example="{{ 'two words' | title }}"),
    spec("capitalize", capitalize, summary="Upper case for the first letter.", example="{{ 'word' | capitalize }}"),
    spec("trim", trim, summary="Removes white space at both ends.", example="{{ ' x ' | trim }}"),
    spec(
        "abbreviate",
        abbreviate,
        "length",
        required=1,
        summary="Cuts to a length, with an ellipsis.",
        example="{{ 'a long text' | abbreviate(8) }}",
    ),
    spec(
        "replace",
        replace,
        "replace_pairs regexp",
        required=1,
        summary="Replaces texts or patterns.",
        example="{{ 'a-b' | replace({'-': '+'}) }}",
    ),
    spec(
        "substringBefore",
        substring_before,
        "separator",
        required=1,
        summary="What stands before the first separator.",
        example="{{ 'a.b.c' | substringBefore('.') }}",
    ),
    spec(
        "substringBeforeLast",
        substring_before_last,
        "separator",
        required=1,
        summary="What stands before the last separator.",
        example="{{ 'a.b.c' | substringBeforeLast('.') }}",
    ),
    spec(
        "substringAfter",
        substring_after,
        "separator",
        required=1,
        summary="What stands after the first separator.",
        example="{{ 'a.b.c' | substringAfter('.') }}",
    ),
    spec(
        "substringAfterLast",
        substring_after_last,
        "separator",
        required=1,
        summary="What stands after the last separator.",
        example="{{ 'a.b.c' | substringAfterLast('.') }}",
    ),
    spec("slugify", slugify, summary="A name for URLs.", example="{{ 'Two Words!' | slugify }}"),
    spec(
        "default",
        default,
        "default",
        summary="Another value where this one is missing or empty.",
        example="{{ inputs.name | default('nobody') }}",
    ),
    spec(
        "startsWith",
        starts_with,
        "value",
        required=1,
        summary="Whether a text begins with another.",
        example="{{ flow.id | startsWith('daily') }}",
    ),
    spec(
        "endsWith", ends_with, "value", required=1, summary="Whether a text ends with another.", example="{{ 'a.csv' | endsWith('.csv') }}"
    ),
    spec(
        "escapeChar",
        escape_char,
        "type",
        required=1,
        summary="Escapes quotes: single, double or shell.",
        example="{{ inputs.text | escapeChar('shell') }}",
    ),
    spec("indent", indent, "amount prefix", required=1, summary="Indents every line but the first.", example="{{ vars.yaml | indent(2) }}"),
    spec(
        "nindent",
        nindent,
        "amount prefix",
        required=1,
        summary="Begins a new line and indents every line.",
        example="{{ vars.yaml | nindent(2) }}",
    ),
    spec("string", string, summary="Any value as text.", example="{{ 12 | string }}"),
    spec(
        "regexMatch",
        regex_match,
        "regex",
        required=1,
        summary="Whether a regular expression matches.",
        example="{{ 'a1' | regexMatch('[0-9]') }}",
    ),
    spec(
        "regexReplace",
        regex_replace,
        "regex replacement",
        required=2,
        summary="Replaces all matches.",
        example="{{ 'a1b2' | regexReplace('[0-9]', '') }}",
    ),
    spec(
        "regexExtract",
        regex_extract,
        "regex group",
        required=1,
        summary="The first match or one of its groups.",
        example="{{ 'v1.2' | regexExtract('v([0-9])', 1) }}",
    ),
)
