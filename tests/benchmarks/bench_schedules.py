"""`python -m tests.benchmarks.bench_schedules`: how late schedules fire among 10,000, what these cost at rest, a thousand at once."""

import os
import statistics
import time
from datetime import UTC, datetime, timedelta

from rich.console import Console
from rich.table import Table

from tests.triggers_chaos.instance import instance
from tests.triggers_chaos.schedulers import kill, start

ENABLED, BUSY, AT_ONCE = 10_000, 20, 1_000
TARGETS = {"due to created, p95": 0.2, "scheduler at rest": 0.01, "1,000 due at one instant": 3.0}
UNITS = {"due to created, p95": "s", "scheduler at rest": "of a core", "1,000 due at one instant": "s"}
NEVER = "0 0 0 1 1 *"
SEEN = "select flow_id, schedule_date from execution where schedule_date > %s"


def main() -> None:
    """The three measures as a table."""
    with instance():
        found = measured()
    table = Table(title=f"Schedules, {ENABLED:,} enabled")
    for name in ("measure", "found", "goal", "unit"):
        table.add_column(name)
    for name, value in found.items():
        table.add_row(name, f"{value:.4f}", f"{TARGETS[name]}", UNITS[name])
    Console().print(table)


def measured() -> dict[str, float]:
    """All measures, on one database."""
    from tests.triggers_chaos.schedules import many, query

    many(ENABLED, NEVER)
    query("analyze trigger")
    return {
        "scheduler at rest": at_rest(),
        "due to created, p95": lateness(),
        "1,000 due at one instant": at_once(),
    }


def at_rest(seconds: float = 20.0) -> float:
    """The share of a core that one scheduler takes with nothing to do."""
    pid = start()
    try:
        time.sleep(3)
        began, used = time.monotonic(), cpu_seconds(pid)
        time.sleep(seconds)
        return (cpu_seconds(pid) - used) / (time.monotonic() - began)
    finally:
        kill(pid)


def cpu_seconds(pid: int) -> float:
    """What a process has used so far."""
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def lateness(seconds: float = 15.0) -> float:
    """The 95th percentile of the time from a date until its execution can be seen by others, with twenty dates a second."""
    from tests.triggers_chaos.schedules import many, query

    many(BUSY, "* * * * * *", "b")
    pid = start()
    try:
        time.sleep(2)
        began, seen, late = datetime.now(UTC), set(), []
        while datetime.now(UTC) < began + timedelta(seconds=seconds):
            rows = set(query(SEEN, began)) - seen
            moment = datetime.now(UTC)
            late += [(moment - date).total_seconds() for _, date in rows]
            seen |= rows
            time.sleep(0.01)
    finally:
        kill(pid)
    query("update trigger set disabled = true where flow_id like 'b%%'")
    return statistics.quantiles(late, n=20)[-1]


def at_once() -> float:
    """Seconds from the instant at which a thousand of the schedules are due until the last execution is there."""
    from tests.triggers_chaos.schedules import query

    pid = start()
    try:
        time.sleep(2)
        due = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=3)
        query("update trigger set next_at = %s where flow_id >= 'f00100' and flow_id < %s", due, f"f{100 + AT_ONCE:05}")
        while query("select count(*) from execution where schedule_date = %s", due)[0][0] < AT_ONCE:
            if datetime.now(UTC) > due + timedelta(seconds=60):
                raise RuntimeError("a thousand schedules have not fired within a minute")
            time.sleep(0.02)
        return (datetime.now(UTC) - due).total_seconds()
    finally:
        kill(pid)


if __name__ == "__main__":
    main()
