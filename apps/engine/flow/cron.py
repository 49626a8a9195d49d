"""Cron expressions as flows write them: five fields, six with seconds, nicknames; checked and brought into one form."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from cronsim import CronSim, CronSimError

NICKNAMES = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
ANY_MOMENT = datetime(2000, 1, 1, tzinfo=UTC)
QUESTION_MARK = re.compile(r"(?<!\S)\?(?!\S)")


class BadCron(ValueError):
    """A text that is no cron expression; the message says why."""


@dataclass(frozen=True)
class Cron:
    """A cron expression in the form that cronsim reads: five fields, or six with seconds first."""

    expression: str


def parse_cron(text: str, with_seconds: bool = False) -> Cron:
    """The expression in `text`; raises `BadCron`."""
    written = text.strip()
    expression = NICKNAMES.get(written.lower(), written)
    expected = 6 if with_seconds and expression is written else 5
    fields = QUESTION_MARK.sub("*", expression).split()
    if len(fields) != expected:
        raise BadCron(f"invalid cron expression '{text}': Cron expression contains {len(fields)} parts but we expect one of [{expected}]")
    expression = " ".join(fields)
    try:
        CronSim(expression, ANY_MOMENT)
    except CronSimError as error:
        raise BadCron(f"invalid cron expression '{text}': {error}; write for example '0 9 * * 1-5' or '@hourly'") from None
    return Cron(expression)
