"""The seeded actor that breaks things one after another, and measures how long until work goes on."""

import contextlib
import random
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec
import psycopg
import redis
import requests

from apps.cli.local.supervisor import socket_directory
from apps.engine.messages import Claim, Finish, Finished, Job, Jobs, TaskResult, encode
from apps.engine.state import State
from tests.chaos.database import Database
from tests.chaos.load import Client
from tests.chaos.processes import SecondWorker, child, send, wait_for
from tests.product import Product

TTL = 5.0
PATIENCE = 60.0


@dataclass
class Fault:
    """One fault and what was seen after it, in seconds; None: not within the patience."""

    kind: str
    at: float
    back: float = 0.0
    """Until what was ended runs again."""
    progress: float | None = None
    """From then until an execution that was started after the fault has ended."""
    redelivered: float | None = None
    """From the death of a worker until every task run that it held has been given out again or has ended."""
    held: int = 0


@dataclass
class Late:
    """Results that a worker hands in after its leases were given to others."""

    sent: int = 0
    refused: int = 0


class Actor:
    """Does every kind of fault in a random order, again and again until the time is over."""

    def __init__(self, product: Product, second: SecondWorker, seed: int) -> None:
        self.product, self.second = product, second
        self.random = random.Random(seed)
        self.client = Client(product)
        self.database = Database(product)
        self.faults: list[Fault] = []
        self.late = Late()
        self.ghosts: list[threading.Thread] = []
        self.watches: list[threading.Thread] = []
        self.kinds: dict[str, Callable[[Fault], None]] = {
            "kill web": lambda fault: self.kill("web", signal.SIGKILL, fault),
            "kill executor": lambda fault: self.kill("executor", signal.SIGKILL, fault),
            "kill scheduler": lambda fault: self.kill("scheduler", signal.SIGKILL, fault),
            "kill worker": lambda fault: self.kill("worker", signal.SIGKILL, fault),
            "kill second worker": self.kill_second,
            "stop worker": lambda fault: self.freeze(child(self.product, "worker"), fault),
            "kill valkey": lambda fault: self.kill("valkey-server", signal.SIGKILL, fault),
            "wipe valkey": lambda _: self.wipe(),
            "stop postgres at once": lambda fault: self.kill("postgres", signal.SIGQUIT, fault),
            "late worker": lambda _: self.haunt(),
        }

    def run(self, until: float) -> None:
        """Rounds of all kinds; the last fault begins before `until` on the monotonic clock."""
        while True:
            for kind in self.random.sample(sorted(self.kinds), len(self.kinds)):
                if time.monotonic() >= until:
                    return
                self.strike(kind)
                time.sleep(self.random.uniform(0.5, 2.0))

    def strike(self, kind: str) -> None:
        """One fault, and the look at what follows."""
        held = self.held_by_victim(kind)
        fault = Fault(kind, time.monotonic(), held=len(held))
        self.faults.append(fault)
        self.kinds[kind](fault)
        fault.back = time.monotonic() - fault.at
        self.second.keep()
        watch = threading.Thread(target=self.watch_held, args=(fault, held), daemon=True)
        watch.start()
        fault.progress = self.canary()
        self.watches.append(watch)

    def held_by_victim(self, kind: str) -> set[tuple[str, int]]:
        """The task runs of the worker that is about to be hurt; none for other faults."""
        second = self.second.process.pid if self.second.process is not None else None
        pid = {
            "kill worker": child(self.product, "worker"),
            "stop worker": child(self.product, "worker"),
            "kill second worker": second,
        }.get(kind)
        rows = self.database.patient("select id, epoch from task_run where dispatch = 2 and worker_id like %s", [f"%-{pid}-%"])
        return {tuple(row) for row in rows}

    def kill(self, name: str, number: signal.Signals, fault: Fault) -> None:
        """Ends a supervised process and waits until its successor is there."""
        pid = child(self.product, name) or wait_for(self.product, name, None)
        send(pid, number)
        wait_for(self.product, name, pid)
        if name == "postgres":
            self.database.close()
            self.database.patient("select 1")

    def kill_second(self, fault: Fault) -> None:
        """Ends the worker that is not supervised."""
        if self.second.process is not None:
            send(self.second.process.pid, signal.SIGKILL)
            self.second.process.wait()

    def freeze(self, pid: int | None, fault: Fault) -> None:
        """A worker that stands still for twice the length of its leases, then goes on as if nothing had been."""
        send(pid, signal.SIGSTOP)
        try:
            time.sleep(2 * TTL)
        finally:
            send(pid, signal.SIGCONT)

    def wipe(self) -> None:
        """Valkey forgets everything."""
        path = socket_directory(self.product.directory / "data") / "valkey.sock"
        with contextlib.suppress(redis.RedisError):
            redis.Redis(unix_socket_path=str(path)).flushall()

    def haunt(self) -> None:
        """A worker takes jobs, is silent for twice the length of their leases, and then says that they failed."""
        ghost = threading.Thread(target=self._haunt, args=(f"ghost-{len(self.ghosts)}",), daemon=True)
        ghost.start()
        self.ghosts.append(ghost)

    def _haunt(self, name: str) -> None:
        jobs = self.claim(name)
        self.outlive({(job.task_run_id, job.epoch) for job in jobs})
        now = datetime.now(UTC)
        results = tuple(TaskResult(job.task_run_id, job.epoch, State.FAILED, now, now, error="a late write") for job in jobs)
        while jobs:
            answer = self.gateway("finish", encode(Finish(name, "default", results)))
            if answer is not None:
                self.late.sent += len(results)
                self.late.refused += len(msgspec.json.decode(answer, type=Finished).fenced)
                return
            time.sleep(0.5)

    def outlive(self, leases: set[tuple[str, int]]) -> None:
        """Until twice the length of a lease is over and none of these is good any more."""
        time.sleep(2 * TTL)
        database, deadline = Database(self.product), time.monotonic() + PATIENCE
        while leases & {tuple(row) for row in database.patient("select id, epoch from task_run where dispatch = 2")}:
            assert time.monotonic() < deadline, "a lease that nobody renews does not end"
            time.sleep(0.1)
        database.close()

    def claim(self, name: str) -> tuple[Job, ...]:
        """Up to two jobs, asked for until there are some."""
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            answer = self.gateway("claim", encode(Claim(name, "default", 2)))
            jobs = msgspec.json.decode(answer, type=Jobs).jobs if answer else ()
            if jobs:
                return jobs
            time.sleep(0.01)
        return ()

    def gateway(self, call: str, body: bytes) -> bytes | None:
        """A call as workers make it."""
        headers = {"Authorization": f"Bearer {self.second.keys['PENSTOCK_WORKER_TOKEN']}", "Content-Type": "application/json"}
        try:
            answer = requests.post(f"{self.product.url}/worker/{call}", data=body, headers=headers, timeout=10)
        except requests.RequestException:
            return None
        return answer.content if answer.status_code == 200 else None

    def canary(self) -> float | None:
        """Seconds until an execution started from now on has ended."""
        began, execution = time.monotonic(), None
        while time.monotonic() - began < PATIENCE:
            execution = execution or self.client.start("canary")
            with contextlib.suppress(psycopg.OperationalError):
                if execution and self.database.rows("select 1 from execution where id = %s and ended_at is not null", [execution]):
                    return time.monotonic() - began
            time.sleep(0.05)
        return None

    def watch_held(self, fault: Fault, held: set[tuple[str, int]]) -> None:
        """Notes when no worker that held something at the fault still does."""
        database = Database(self.product)
        while held and time.monotonic() - fault.at < PATIENCE:
            with contextlib.suppress(psycopg.OperationalError):
                held &= {tuple(row) for row in database.rows("select id, epoch from task_run where dispatch = 2")}
            time.sleep(0.1)
        if not held:
            fault.redelivered = time.monotonic() - fault.at
        database.close()

    def finish(self) -> None:
        """Waits for the late ones."""
        for thread in (*self.ghosts, *self.watches):
            thread.join(PATIENCE)
        self.database.close()
