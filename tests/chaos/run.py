"""One run: product, second worker, load, faults, rest, checks."""

import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.chaos.database import Database
from tests.chaos.faults import PATIENCE, TTL, Actor, Fault
from tests.chaos.invariants import CHECKS, Facts, read_ledger
from tests.chaos.load import Load
from tests.chaos.processes import SecondWorker
from tests.chaos.watching import Watch
from tests.product import Product, running

LEAST_A_MINUTE = 40
REST_SECONDS = 120.0
OPEN = "select count(*) from execution where ended_at is null and not deleted"
LEFT = "select (select count(*) from execution_inbox) + (select count(*) from outbox_message)"
SHOWN = 5


@dataclass
class Report:
    """What came of it."""

    seed: int
    counts: dict[str, int]
    faults: list[Fault]
    violations: dict[str, list[str]] = field(default_factory=dict)

    def plain(self) -> dict[str, Any]:
        """For a file."""
        return {"seed": self.seed, "counts": self.counts, "violations": self.violations, "faults": [vars(fault) for fault in self.faults]}

    def show(self, console: Console) -> None:
        """Three tables: invariants, counts, recovery by kind of fault."""
        console.print(f"seed {self.seed}")
        table = Table("", "holds", "", box=None)
        for name, check in CHECKS.items():
            found = self.violations.get(name, [])
            table.add_row(name, "NO" if found else "yes", "\n".join(found[:SHOWN]) if found else str(check.__doc__))
        console.print(table)
        counts = Table("count", "", box=None)
        for name, count in self.counts.items():
            counts.add_row(name, str(count))
        console.print(counts)
        console.print(self.recovery())

    def recovery(self) -> Table:
        """Worst seconds by kind."""
        table = Table(
            "fault", "times", "until it is back", "then until progress", "until its task runs go on", "task runs held by it", box=None
        )
        for kind in sorted({fault.kind for fault in self.faults}):
            these = [fault for fault in self.faults if fault.kind == kind]
            held = [fault.redelivered for fault in these]
            table.add_row(
                kind,
                str(len(these)),
                worst([fault.back for fault in these]),
                worst([fault.progress for fault in these]),
                worst(held),
                str(sum(fault.held for fault in these)),
            )
        return table


def worst(seconds: list[float | None]) -> str:
    """The largest; `never` when one did not come."""
    return "never" if None in seconds else f"{max(found for found in seconds if found is not None):.1f} s"


def run(minutes: float, seed: int, keep: Path | None = None) -> Report:
    """Everything; the product and its directory are gone afterwards."""
    with work_directory() as work, running(PENSTOCK_LEASE_SECONDS=str(TTL), PENSTOCK_WORK_DIR=str(work)) as product:
        (product.directory / "ledger").touch()
        second, load, watch = SecondWorker(product), Load(product, seed), Watch(product)
        actor = Actor(product, second, seed)
        try:
            return _run(product, second, load, watch, actor, minutes * 60)
        finally:
            load.stopping.set()
            watch.stopping.set()
            second.stop()
            if keep is not None:
                keep.mkdir(parents=True, exist_ok=True)
                for path in (*product.directory.glob("*.log"), product.directory / "ledger", *product.directory.glob("data/*.log")):
                    shutil.copy(path, keep)


@contextmanager
def work_directory() -> Iterator[Path]:
    """Where the workers keep the directories of their jobs."""
    work = Path(tempfile.mkdtemp(prefix="pst-work-", dir="/tmp"))
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _run(product: Product, second: SecondWorker, load: Load, watch: Watch, actor: Actor, seconds: float) -> Report:
    second.keep()
    load.prepare()
    load.thread.start()
    watch.thread.start()
    actor.run(time.monotonic() + seconds)
    second.keep()
    load.stop()
    actor.finish()
    facts = rest(product, load, watch, seconds)
    found = {name: list(check(facts)) for name, check in CHECKS.items()}
    violations = {name: list(lines) for name, lines in found.items() if lines}
    slow = [f"{fault.kind}: no progress within {PATIENCE:g} s" for fault in actor.faults if fault.progress is None]
    late = actor.late.sent - actor.late.refused
    if slow or late:
        violations["I17"] = [*violations.get("I17", []), *slow, *([f"{late} late writes were taken"] if late else [])]
    return Report(load.seed, counts(facts, actor, found), actor.faults, violations)


def rest(product: Product, load: Load, watch: Watch, seconds: float) -> Facts:
    """Waits until nothing moves any more, without new schedules; then reads everything."""
    database = Database(product)
    deadline = time.monotonic() + REST_SECONDS
    load.client.call("POST", "/triggers/set-disabled/by-triggers", json=disabling())
    while time.monotonic() < deadline:
        load.serve_due()
        resume_unknown(load, database)
        if not load.later and not database.patient(OPEN)[0][0] and not database.patient(LEFT)[0][0]:
            break
        time.sleep(0.5)
    watch.stop()
    facts = Facts(
        database,
        load,
        watch,
        read_ledger(product.directory / "ledger"),
        Path(product.settings["PENSTOCK_WORK_DIR"]),
        int(LEAST_A_MINUTE * seconds / 60),
    )
    facts.read()
    return facts


def disabling() -> dict[str, Any]:
    """Switches the schedule off."""
    return {"triggers": [{"namespace": "chaos.load", "flowId": "scheduled", "triggerId": "tick"}], "disabled": True}


def resume_unknown(load: Load, database: Database) -> None:
    """Executions whose acknowledgement was lost are there all the same: they are resumed and killed like the others."""
    known = {execution for _, _, execution in load.later}
    rows = database.patient("select id, flow_id, state from execution where ended_at is null and flow_id in ('paused', 'killed')")
    for id, flow_id, state in rows:
        if id not in known and id not in load.accepted and (flow_id == "killed" or state == "PAUSED") and state != "KILLING":
            load.act(flow_id, id)


def counts(facts: Facts, actor: Actor, found: dict[str, list[str]]) -> dict[str, int]:
    """The numbers of the report."""
    lost = facts.database.one("select coalesce(sum(lost_count), 0) from task_run")
    states = Counter(row["state"] for row in facts.executions.values())
    return {
        "accepted by the API": len(facts.load.accepted),
        "calls without an answer": sum(facts.load.unanswered.values()),
        "answers 5xx": sum(count for status, count in facts.load.statuses.items() if status >= 500),
        "executions": len(facts.executions),
        "ended": sum(1 for row in facts.executions.values() if row["ended_at"]),
        **{f"ended {state}": count for state, count in sorted(states.items())},
        "task runs": len(facts.runs),
        "effects in the ledger": sum(len(lines) for lines in facts.ledger.ended.values()),
        "task runs given out again": int(lost),
        "stuck": sum(1 for row in facts.executions.values() if row["ended_at"] is None),
        "doubled": len(found["I2"]) + len(found["I5"]),
        "slots leaked": len(found["I10"]),
        "late writes": actor.late.sent,
        "late writes refused": actor.late.refused,
        "samples of the limit": facts.watch.samples,
        "faults": len(actor.faults),
    }
