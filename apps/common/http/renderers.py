"""Answers as JSON by orjson; dates in Kestra's form."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from rest_framework.renderers import BaseRenderer

from apps.common.json import dumps


def fallback(value: Any) -> Any:
    """What orjson does not know: durations as ISO 8601, other objects as text."""
    if isinstance(value, timedelta):
        return f"PT{value.total_seconds():g}S"
    if isinstance(value, set | frozenset):
        return sorted(value)
    return str(value)


def instant(value: datetime) -> str:
    """A date as clients of Kestra read it: UTC, microseconds, `Z`."""
    return value.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


class OrjsonRenderer(BaseRenderer):
    """`application/json`, UTF-8."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None) -> bytes:
        """The bytes of the body; nothing for None."""
        if data is None:
            return b""
        return dumps(data, fallback)
