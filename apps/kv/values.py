"""Values of pairs: their types, read from text and from JSON."""

import re
from datetime import date, datetime, timedelta
from typing import Any

import isodate
import orjson

from apps.common.exceptions import Invalid
from apps.kv.choices import KvType

KEY = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9._-]*")
DURATION = re.compile(r"P(?=[^T]|T.)(?:\d+(?:\.\d+)?[YMWD])*(?:T(?:\d+(?:\.\d+)?[HMS])+)?")
MAX_KEY = 300
MAX_VALUE = 1024 * 1024
KEY_RULE = (
    "Illegal argument: Key must start with an alphanumeric character (uppercase or lowercase) and can contain alphanumeric characters "
    "(uppercase or lowercase), dots (.), underscores (_), and hyphens (-) only."
)


def check_key(key: str) -> str:
    """`key` itself; Invalid when it can't be one."""
    if not KEY.fullmatch(key):
        raise Invalid(KEY_RULE)
    if len(key) > MAX_KEY:
        raise Invalid(f"Illegal argument: a key has at most {MAX_KEY} characters.")
    return key


def parse_text(text: str) -> tuple[KvType, Any]:
    """Type and value of a pair as the API's body gives it: JSON, an ISO date or duration, else the text as it is."""
    trimmed = text.strip()
    try:
        return infer(orjson.loads(trimmed), durations=False)
    except orjson.JSONDecodeError as error:
        if trimmed[:1] in ("{", "["):
            raise Invalid(f"Illegal argument: Invalid JSON value for: {trimmed[:1000].strip()} ") from error
    return parse_iso(trimmed)


def parse_iso(text: str) -> tuple[KvType, str]:
    """A text that is no JSON."""
    for kind, matches in ((KvType.DURATION, is_duration), (KvType.DATE, is_date), (KvType.DATETIME, is_datetime)):
        if matches(text):
            return kind, text
    return KvType.STRING, text


def infer(value: Any, durations: bool = True) -> tuple[KvType, Any]:
    """Type and value of a JSON value; `durations`: whether a text like PT5M is one."""
    if isinstance(value, bool):
        return KvType.BOOLEAN, value
    if isinstance(value, int | float):
        return KvType.NUMBER, value
    if isinstance(value, dict | list):
        return KvType.JSON, value
    if durations and isinstance(value, str) and is_duration(value):
        return KvType.DURATION, value
    return KvType.STRING, value


def convert(value: Any, kind: KvType) -> Any:
    """The value as the type that the caller demands; Invalid when it isn't one."""
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    try:
        return CONVERSIONS[kind](value, text)
    except (ValueError, isodate.ISO8601Error) as error:
        raise Invalid(f"The value '{text[:100]}' is no {kind}; give one that is, or another type.") from error


def as_number(value: Any, text: str) -> int | float:
    """A JSON number."""
    number = orjson.loads(text)
    if isinstance(number, bool) or not isinstance(number, int | float):
        raise ValueError(text)
    return number


def as_boolean(value: Any, text: str) -> bool:
    """True or false, whatever the case."""
    return {"true": True, "false": False}[text.strip().lower()] if text.strip().lower() in ("true", "false") else refuse(text)


def refuse(text: str) -> Any:
    """Raises for a text that is not of the type."""
    raise ValueError(text)


CONVERSIONS: dict[KvType, Any] = {
    KvType.STRING: lambda value, text: text,
    KvType.NUMBER: as_number,
    KvType.BOOLEAN: as_boolean,
    KvType.DATETIME: lambda value, text: text if is_datetime(text) else refuse(text),
    KvType.DATE: lambda value, text: text if is_date(text) else refuse(text),
    KvType.DURATION: lambda value, text: text if is_duration(text) else refuse(text),
    KvType.JSON: lambda value, text: orjson.loads(value) if isinstance(value, str) else value,
}


def is_duration(text: str) -> bool:
    """Whether a text is an ISO 8601 duration."""
    return bool(DURATION.fullmatch(text)) and text != "P"


def is_date(text: str) -> bool:
    """Whether a text is a plain ISO date."""
    try:
        return len(text) == 10 and bool(date.fromisoformat(text))
    except ValueError:
        return False


def is_datetime(text: str) -> bool:
    """Whether a text is an ISO date with a time."""
    try:
        return "T" in text and bool(datetime.fromisoformat(text))
    except ValueError:
        return False


def parse_ttl(text: str) -> timedelta:
    """A time to live as an ISO duration; Invalid otherwise."""
    try:
        found = isodate.parse_duration(text.strip())
        ttl = found if isinstance(found, timedelta) else found.totimedelta(start=datetime.now())
    except (ValueError, isodate.ISO8601Error, OverflowError) as error:
        raise Invalid(f"'{text[:50]}' is no duration: write the ttl as ISO 8601, for example PT1H30M or P7D.") from error
    if ttl <= timedelta(0):
        raise Invalid("A ttl must be longer than nothing, for example PT1H.")
    return ttl
