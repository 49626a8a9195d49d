"""Turns what a command writes into log lines, and `::{...}::` lines into outputs, metrics and log lines."""

import codecs
import re
from typing import Any

import msgspec

from apps.plugins.sdk import RunContext

PROTOCOL = re.compile(r"::(\{.*\})::", re.DOTALL)
MAX_LINE = 1024 * 1024
"""A longer line is cut into several: a line is held in memory until it ends."""
DECLARES = "::{"
MAX_DECLARED = 13 * 1024 * 1024
"""Characters of a line that declares outputs: as much as a task may give, and some more, so that the bound of outputs speaks first."""
LEVELS = {"stdout": "INFO", "stderr": "ERROR"}


class LineReader:
    """Collects the lines of both streams; `outputs` are what the commands declared."""

    def __init__(self, context: RunContext) -> None:
        self.outputs: dict[str, Any] = {}
        self.error_lines = 0
        self.problem = ""
        """Why the task must fail, whatever its commands end with."""
        self._skipped: set[str] = set()
        self._context = context
        self._decoders = {stream: codecs.getincrementaldecoder("utf-8")("replace") for stream in LEVELS}
        self._partial = dict.fromkeys(LEVELS, "")

    def write(self, stream: str, chunk: bytes) -> None:
        """Takes a chunk as it was read; lines that it completes are logged."""
        text = self._decoders[stream].decode(chunk)
        if stream in self._skipped:
            _, ended, text = text.partition("\n")
            if not ended:
                return
            self._skipped.discard(stream)
        *lines, rest = (self._partial[stream] + text).split("\n")
        for line in lines:
            self._line(stream, line.removesuffix("\r"))
        self._partial[stream] = self._held(stream, rest)

    def _held(self, stream: str, rest: str) -> str:
        """What of a line that goes on is kept until it ends."""
        if rest.startswith(DECLARES):
            if len(rest) <= MAX_DECLARED:
                return rest
            self._skipped.add(stream)
            most = f"more than {MAX_DECLARED // (1024 * 1024)} MiB"
            self.problem = f"A line of the script declares outputs of {most}; outputs that large belong into a file (outputFiles)"
            return ""
        while len(rest) > MAX_LINE:
            self._line(stream, rest[:MAX_LINE])
            rest = rest[MAX_LINE:]
        return rest

    def close(self) -> None:
        """Logs what came after the last line end."""
        for stream in LEVELS:
            rest = self._partial[stream] + self._decoders[stream].decode(b"", final=True)
            self._partial[stream] = ""
            if rest:
                self._line(stream, rest)

    def _line(self, stream: str, line: str) -> None:
        if stream == "stderr":
            self.error_lines += 1
        found = PROTOCOL.search(line)
        if found is None:
            self._context.logger.log(LEVELS[stream], line)
        else:
            self._declare(found.group(1))

    def _declare(self, text: str) -> None:
        try:
            message = msgspec.json.decode(text, type=_Message)
        except msgspec.MsgspecError as error:
            self._context.logger.warn(f"Invalid outputs '{text[:500]}': {error}")
            return
        self.outputs.update(message.outputs)
        for metric in message.metrics:
            self._context.metric(metric.name, _number(metric.value), kind=metric.type.lower(), tags=metric.tags or {})
        for line in message.logs:
            self._context.logger.log(line.level.upper() if line.level.upper() in _LEVEL_NAMES else "INFO", line.message)


class _Metric(msgspec.Struct):
    name: str
    type: str
    value: float | str
    tags: dict[str, str] | None = None


class _Log(msgspec.Struct):
    message: str
    level: str = "INFO"


class _Message(msgspec.Struct):
    outputs: dict[str, Any] = {}
    metrics: list[_Metric] = []
    logs: list[_Log] = []


_LEVEL_NAMES = frozenset({"TRACE", "DEBUG", "INFO", "WARN", "ERROR"})


def _number(value: float | str) -> float:
    """Timers may be given as ISO text by helpers in other languages."""
    try:
        return float(value)
    except ValueError:
        return 0.0
