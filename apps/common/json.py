"""JSON of any value of ours: by orjson, and where a whole number is wider than 64 bits, which orjson refuses, by msgspec."""

from collections.abc import Callable
from typing import Any

import msgspec
import orjson


def dumps(value: Any, default: Callable[[Any], Any] = str) -> bytes:
    """Compact UTF-8; dates in UTC with `Z`; `default` turns what JSON does not know into what it does."""
    try:
        return orjson.dumps(value, default=default, option=orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS)
    except TypeError:
        return msgspec.json.encode(value, enc_hook=default)


def loads(body: bytes | str) -> Any:
    """The value; whole numbers of any width stay exact."""
    return msgspec.json.decode(body)
