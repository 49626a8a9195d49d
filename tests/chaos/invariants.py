"""What must hold after the faults, read from the database and from the outside ledger."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from tests.chaos.database import Database
from tests.chaos.flows import NAMESPACE
from tests.chaos.load import Load
from tests.chaos.watching import Watch

TERMINAL = {"SUCCESS", "WARNING", "FAILED", "KILLED", "CANCELLED", "RETRIED", "SKIPPED"}
OF_EXECUTION = (
    "id", "flow_id", "state", "history", "generation", "ended_at", "parent_execution_id", "parent_task_run_id", "trigger",
)  # fmt: skip
OF_TASK_RUN = ("id", "execution_id", "task_id", "state", "history", "outputs", "epoch", "claimed_at")
EXPECTED = {"failing": {"FAILED"}, "killed": {"KILLED"}}
LIMIT = 3
CLOCK = 0.3
"""Seconds by which the moments of two processes may differ: they are taken when a decision begins, not when it is committed."""


@dataclass
class Ledger:
    """Lines of begun, ended and produced effects by task run."""

    begun: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    ended: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    nonces: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))


def read_ledger(path: Path) -> Ledger:
    """The ledger's file."""
    found = Ledger()
    for line in path.read_text().splitlines():
        kind, _, run, said = line.split()
        if kind == "N":
            found.nonces[run].add(said)
        else:
            (found.begun if kind == "B" else found.ended)[run].append(float(said))
    return found


def plain(row: dict[str, Any]) -> dict[str, Any]:
    """A row with its documents read."""
    return row | {name: json.loads(row[name]) for name in ("history", "outputs") if name in row}


@dataclass
class Facts:
    """Everything that is looked at, read once after the load has come to rest."""

    database: Database
    load: Load
    watch: Watch
    ledger: Ledger
    work: Path
    least: int
    executions: dict[str, dict[str, Any]] = field(default_factory=dict)
    runs: dict[str, dict[str, Any]] = field(default_factory=dict)

    def read(self) -> None:
        """The rows."""
        for row in self.database.rows(f"select {', '.join(OF_EXECUTION)} from execution where namespace = %s", [NAMESPACE]):
            self.executions[row[0]] = plain(dict(zip(OF_EXECUTION, row, strict=True)))
        for row in self.database.rows(f"select {', '.join(OF_TASK_RUN)} from task_run"):
            self.runs[row[0]] = plain(dict(zip(OF_TASK_RUN, row, strict=True)))

    def of(self, flow_id: str) -> Iterator[dict[str, Any]]:
        """Executions of a flow."""
        return (row for row in self.executions.values() if row["flow_id"] == flow_id)


def i1_all_end(facts: Facts) -> Iterator[str]:
    """Every execution is terminal, and ended as its flow must."""
    for row in facts.executions.values():
        if row["ended_at"] is None:
            yield f"{row['flow_id']} {row['id']} is {row['state']}"
        elif row["state"] not in EXPECTED.get(row["flow_id"], {"SUCCESS"}):
            yield f"{row['flow_id']} {row['id']} ended {row['state']}"


def i2_end_once(facts: Facts) -> Iterator[str]:
    """One terminal state in each history, at its end."""
    for row in (*facts.executions.values(), *facts.runs.values()):
        states = [entry["state"] for entry in row["history"]]
        ends = [state for state in states if state in TERMINAL]
        if len(ends) != 1 and "RETRYING" not in states and "RETRIED" not in states:
            yield f"{row['id']}: {states}"


def i4_terminal_stays(facts: Facts) -> Iterator[str]:
    """What was seen terminal is so still."""
    yield from facts.watch.changed
    for (id, generation), state in facts.watch.ended.items():
        row = facts.executions.get(id)
        if row is None or (row["generation"] == generation and row["state"] != state):
            yield f"{id} was {state} and is {row and row['state']}"


def i5_effects(facts: Facts) -> Iterator[str]:
    """Every effect happened, and as often as the task run was given out at most; exactly once where it was not given out again."""
    for id, run in facts.runs.items():
        begun, ended = len(facts.ledger.begun[id]), len(facts.ledger.ended[id])
        if run["task_id"] in ("shell", "onerror", "atlast") and run["state"] == "SUCCESS" and not ended:
            yield f"{run['task_id']} {id} succeeded without its effect"
        if begun > run["epoch"] or ended > run["epoch"]:
            yield f"{run['task_id']} {id}: {begun} begun and {ended} ended in {run['epoch']} epochs"
        if run["epoch"] == 1 and run["state"] == "SUCCESS" and begun and (begun, ended) != (1, 1):
            yield f"{run['task_id']} {id}: {begun} begun and {ended} ended, given out once"
    known = set(facts.runs)
    yield from (f"an effect of an unknown task run {id}" for id in facts.ledger.begun if id not in known)


def i6_winner(facts: Facts) -> Iterator[str]:
    """A stored output is one that the ledger saw."""
    for row in facts.of("script"):
        for run in facts.runs.values():
            if run["execution_id"] == row["id"] and run["state"] == "SUCCESS":
                nonce = (run["outputs"].get("vars") or {}).get("nonce")
                if nonce not in facts.ledger.nonces[run["id"]]:
                    yield f"{run['id']}: output {nonce!r} is not in the ledger"


LOG_HOLES = """
select task_run_id, epoch, count(*), max(seq), bool_or(gap) from log_line where epoch > 0 and task_run_id <> ''
group by 1, 2 having count(*) <> max(seq) and not bool_or(gap)
"""
TALKATIVE = """
select r.id, count(l.id) from task_run r join execution e on e.tenant_id = r.tenant_id and e.id = r.execution_id
left join log_line l on l.task_run_id = r.id and l.epoch = r.epoch and l.message like 'line %%'
where e.flow_id = 'talkative' and r.state = 'SUCCESS' group by 1
having count(l.id) <> 200 and not exists (select from log_line g where g.task_run_id = r.id and g.gap)
"""


def i7_logs(facts: Facts) -> Iterator[str]:
    """Lines are numbered without a hole, or a gap says that there is one; what succeeded has all that it said."""
    for run, epoch, count, last, _ in facts.database.rows(LOG_HOLES):
        won = run not in facts.runs or facts.runs[run]["epoch"] == epoch
        if won and facts.runs.get(run, {}).get("state") == "SUCCESS":
            yield f"{run} epoch {epoch}: {count} lines, the last is number {last}"
    for run, count in facts.database.rows(TALKATIVE):
        yield f"{run}: {count} of 200 lines"


def i8_fires(facts: Facts) -> Iterator[str]:
    """Each second fired once, none left out; each end that a flow trigger waits for was heard once."""
    due = [row[0] for row in facts.database.rows("select due_at from trigger_fire where flow_id = 'scheduled' order by due_at")]
    yield from (f"nothing fired between {a} and {b}" for a, b in pairwise(due) if (b - a).total_seconds() != 1)
    fired = {row[0] for row in facts.database.rows("select execution_id from trigger_fire where flow_id = 'scheduled'")}
    started = {row["id"] for row in facts.of("scheduled")}
    if len(fired) != len(due) or fired != started:
        yield f"{len(due)} fires, {len(started)} executions, {len(fired ^ started)} without the other"
    heard = Counter((json.loads(row["trigger"]) or {}).get("variables", {}).get("executionId") for row in facts.of("heard"))
    for row in facts.of("sequential"):
        if row["state"] == "SUCCESS" and heard.pop(row["id"], 0) != 1:
            yield f"the end of {row['id']} was not heard once"
    yield from (f"{id} was heard {count} times" for id, count in heard.items())


def i9_limit(facts: Facts) -> Iterator[str]:
    """Never more than the limit ran, at any sample and by the histories."""
    if facts.watch.most_running > LIMIT:
        yield f"{facts.watch.most_running} ran at one moment"
    moments: list[tuple[float, int]] = []
    for row in facts.of("limited"):
        running = [entry["date"] for entry in row["history"] if entry["state"] == "RUNNING"]
        if running and row["ended_at"]:
            moments += [(datetime.fromisoformat(running[0]).timestamp(), 1), (row["ended_at"].timestamp() - CLOCK, -1)]
    at_once = 0
    for _, step in sorted(moments):
        at_once += step
        if at_once > LIMIT:
            yield f"{at_once} ran at once by their histories"
            return


def i10_slots(facts: Facts) -> Iterator[str]:
    """No slot is held, nobody waits for one."""
    held = facts.database.rows("select flow_id, holder from execution_slot where holder is not null")
    yield from (f"slot of {row[0]} held by {row[1]}" for row in held)
    yield from (f"{row[0]} waits for a slot" for row in facts.database.rows("select execution_id from execution_slot_waiter"))


def i11_killed(facts: Facts) -> Iterator[str]:
    """After KILLED nothing was given out and nothing began."""
    ended = {row["id"]: row["ended_at"] for row in facts.executions.values() if row["state"] == "KILLED" and row["ended_at"]}
    for run in facts.runs.values():
        end = ended.get(run["execution_id"])
        if end is None:
            continue
        if run["task_id"] == "never":
            yield f"{run['id']}: a task after the killed one exists"
        if run["claimed_at"] is not None and run["claimed_at"] > end:
            yield f"{run['id']} was given out after the end"
        if any(moment > end.timestamp() + CLOCK for moment in facts.ledger.begun[run["id"]]):
            yield f"{run['id']} began after the end"


def i12_family(facts: Facts) -> Iterator[str]:
    """A parent's task run ended as its child did; each has one."""
    children = Counter(row["parent_task_run_id"] for row in facts.of("child"))
    for row in facts.of("child"):
        run = facts.runs.get(row["parent_task_run_id"])
        if run is None or run["state"] != row["state"]:
            yield f"child {row['id']} is {row['state']}, its parent's task run {run and run['state']}"
    yield from (f"task run {id} has {count} children" for id, count in children.items() if count != 1)


def i13_promises(facts: Facts) -> Iterator[str]:
    """What the API acknowledged is there."""
    for id, flow_id in facts.load.accepted.items():
        if facts.executions.get(id, {}).get("flow_id") != flow_id:
            yield f"{flow_id} {id} was acknowledged and is not there"


LEFT_OVER = {
    "events": "select count(*) from execution_inbox",
    "timers": "select count(*) from execution_timer",
    "queued or leased task runs": "select count(*) from task_run where dispatch in (1, 2)",
    "open task runs of ended executions": "select count(*) from task_run r join execution e on e.id = r.execution_id "
    "where e.tenant_id = r.tenant_id and e.ended_at is not null and r.state in ('CREATED', 'RUNNING', 'PAUSED', 'RETRYING', 'KILLING')",
    "undelivered news": "select count(*) from outbox_message",
}


def i14_nothing_left(facts: Facts) -> Iterator[str]:
    """No events, timers, leases, news or directories of jobs are left."""
    for what, statement in LEFT_OVER.items():
        count = facts.database.one(statement)
        if count:
            yield f"{count} {what}"
    directories = [path for path in facts.work.glob("*/*") if path.is_dir()]
    if directories:
        yield f"{len(directories)} directories of jobs: {directories[0].name}"


def i17_enough(facts: Facts) -> Iterator[str]:
    """Enough happened for the rest to mean something."""
    for flow_id in {*facts.load.accepted.values(), "scheduled", "heard", "child"}:
        if not any(row["ended_at"] for row in facts.of(flow_id)):
            yield f"no execution of {flow_id} has ended"
    done = sum(1 for row in facts.executions.values() if row["ended_at"])
    if done < facts.least:
        yield f"only {done} executions ended; {facts.least} were expected"


CHECKS: dict[str, Callable[[Facts], Iterator[str]]] = {
    "I1": i1_all_end,
    "I2": i2_end_once,
    "I4": i4_terminal_stays,
    "I5": i5_effects,
    "I6": i6_winner,
    "I7": i7_logs,
    "I8": i8_fires,
    "I9": i9_limit,
    "I10": i10_slots,
    "I11": i11_killed,
    "I12": i12_family,
    "I13": i13_promises,
    "I14": i14_nothing_left,
    "I17": i17_enough,
}
