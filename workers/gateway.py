"""Calls to the gateway over HTTP; finishes and claims of one process go out together while another call is in flight."""

import http.client
import logging
import random
import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import BinaryIO, TypeVar
from urllib.parse import urlsplit

import msgspec

from apps.engine.job_messages import Progress
from apps.engine.messages import (
    MAX_MESSAGE,
    Claim,
    Finish,
    Finished,
    Heartbeat,
    HeartbeatAnswer,
    Job,
    Jobs,
    LogBatch,
    LogLine,
    TaskResult,
    encode,
)
from apps.engine.state import State

log = logging.getLogger("penstock.worker")
T = TypeVar("T")
CALL_SECONDS = 30.0
FINISH_PATIENCE = 120.0
"""How long a result is offered to a server that does not answer; by then the lease is long gone."""
BATCH = 200
TELL_AFTER = 8.0


class GatewayDown(Exception):
    """The server did not answer, or answered 5xx."""


class CallRefused(Exception):
    """The server answered 4xx: the status and what it says."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message or f"the server answered {status}")
        self.status = status


class Connection:
    """One kept-alive connection; not for several threads at once."""

    def __init__(self, url: str, timeout: float = CALL_SECONDS) -> None:
        parts = urlsplit(url)
        self._host, self._port, self._secure = parts.hostname or "127.0.0.1", parts.port, parts.scheme == "https"
        self._base = parts.path.rstrip("/")
        self._timeout = timeout
        self._http: http.client.HTTPConnection | None = None

    def _open(self) -> http.client.HTTPConnection:
        if self._secure:
            return http.client.HTTPSConnection(self._host, self._port, timeout=self._timeout, context=ssl.create_default_context())
        return http.client.HTTPConnection(self._host, self._port, timeout=self._timeout)

    def send(self, method: str, path: str, token: str, body: bytes | BinaryIO | None = None, kind: str = "application/json") -> "Answer":
        """The answer with its body unread; a kept-alive connection that went stale is opened anew once."""
        headers = {"Authorization": f"Bearer {token}", "Content-Type": kind, "Accept": "application/json"}
        for attempt in (1, 2):
            fresh = self._http is None
            try:
                self._http = self._http or self._open()
                self._http.request(method, self._base + path, body=body, headers=headers)
                return Answer(self, self._http.getresponse())
            except (OSError, http.client.HTTPException) as error:
                self.close()
                if fresh or attempt == 2 or not (body is None or isinstance(body, bytes)):
                    raise GatewayDown(f"{method} {path}: {error or type(error).__name__}") from error
        raise GatewayDown(f"{method} {path}")

    def call(self, method: str, path: str, token: str, body: bytes | None = None) -> bytes:
        """The whole body of a 2xx answer."""
        with self.send(method, path, token, body) as answer:
            return answer.read()

    def close(self) -> None:
        """Drops the connection; the next call opens another."""
        if self._http is not None:
            self._http.close()
            self._http = None


class Answer:
    """A 2xx answer, to be read once; anything else raises when entered."""

    def __init__(self, connection: Connection, response: http.client.HTTPResponse) -> None:
        self._connection = connection
        self.response = response

    def __enter__(self) -> "Answer":
        status = self.response.status
        if status >= 300:
            text = self.read()
            if status >= 500:
                raise GatewayDown(f"the server answered {status}")
            raise CallRefused(status, _message(text))
        return self

    def __exit__(self, *_: object) -> None:
        if not self.response.isclosed():
            self._connection.close()

    def read(self) -> bytes:
        """All of the body."""
        try:
            return self.response.read()
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            raise GatewayDown(f"the answer broke off: {error}") from error


def _message(body: bytes) -> str:
    try:
        found = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return body[:300].decode(errors="replace")
    return str(found.get("message", "")) if isinstance(found, dict) else ""


@dataclass
class _Entry:
    """One thread's wish: a result to hand in, and how many jobs it wants next."""

    capacity: int
    result: TaskResult | None = None
    logs: tuple[LogLine, ...] = ()
    jobs: list[Job] = field(default_factory=list)
    sent_at: float = 0.0
    done: bool = False
    given_up: bool = False


class Outage:
    """Says once that the server is away, and once that it is back; short absences, as at start-up, are not worth a line."""

    def __init__(self) -> None:
        self._since: float | None = None
        self._told = False

    def failed(self, error: Exception) -> None:
        """A call found nobody."""
        now = time.monotonic()
        self._since = self._since or now
        if not self._told and now - self._since > TELL_AFTER:
            self._told = True
            log.warning("The server has not answered for %d s; its worker keeps trying: %s", now - self._since, error)

    def answered(self) -> None:
        """A call was answered."""
        if self._told:
            log.warning("The server answers again")
        self._since, self._told = None, False


class Gateway:
    """The worker's own calls."""

    def __init__(self, url: str, token: str, worker: str, group: str) -> None:
        self.url = url
        self._token, self._worker, self._group = token, worker, group
        self._pending: list[_Entry] = []
        self._turn = threading.Condition()
        self._busy = False
        self._exchange_line = Connection(url)
        self._others = threading.local()
        self.stopping = threading.Event()
        self.outage = Outage()

    def exchange(self, capacity: int, result: TaskResult | None = None, logs: Iterable[LogLine] = ()) -> tuple[list[Job], float]:
        """Hands in a result and takes up to `capacity` jobs; also the monotonic moment before the call, from which leases count."""
        entry = _Entry(capacity, result, tuple(logs))
        with self._turn:
            self._pending.append(entry)
        while True:
            with self._turn:
                while self._busy and not entry.done:
                    self._turn.wait()
                if entry.done:
                    return entry.jobs, entry.sent_at
                self._busy = True
                batch, self._pending = self._pending[:BATCH], self._pending[BATCH:]
            with self._sending(batch):
                self._send(batch)

    @contextmanager
    def _sending(self, batch: list[_Entry]) -> Iterator[None]:
        try:
            yield
        finally:
            with self._turn:
                self._busy = False
                for entry in batch:
                    entry.done = True
                self._turn.notify_all()

    def _send(self, batch: list[_Entry]) -> None:
        """One call for all of them; entry by entry when together they are too large or one of them is refused."""
        if not any(entry.result is not None for entry in batch):
            self._claim_for(batch)
            return
        body = encode(self._message(batch))
        if len(body) > MAX_MESSAGE // 2 and len(batch) > 1:
            self._each(batch)
            return
        try:
            answer, sent_at = self._finish(body)
        except CallRefused as error:
            if len(batch) > 1:
                self._each(batch)
            else:
                self._refused(batch[0], error)
        except (GatewayDown, msgspec.MsgspecError) as error:
            log.error("No answer to %d results: they are dropped, and their tasks will be given out again: %s", len(batch), error)
        else:
            _share(answer.jobs, batch, sent_at)

    def _each(self, batch: list[_Entry]) -> None:
        for entry in batch:
            self._send([entry])

    def _message(self, batch: list[_Entry]) -> Finish:
        results = tuple(entry.result for entry in batch if entry.result is not None)
        logs = tuple(line for entry in batch for line in entry.logs)
        return Finish(self._worker, self._group, results, logs, self._capacity(batch))

    def _capacity(self, batch: list[_Entry]) -> int:
        return 0 if self.stopping.is_set() else sum(entry.capacity for entry in batch)

    def _refused(self, entry: _Entry, error: CallRefused) -> None:
        """A result that the server does not take ends as a failure that says so, once; else it would run again and again."""
        log.error("No answer to a result: %s", error)
        if entry.result is None or error.status == 401 or entry.given_up:
            return
        said = f"The server refused the result of this task run: {error}"
        entry.result = msgspec.structs.replace(
            entry.result, state=State.FAILED, outputs={}, metrics=(), children=(), dynamic=(), commands=(), error=said, retry=False
        )
        entry.logs, entry.given_up = (), True
        self._send([entry])

    def _claim_for(self, batch: list[_Entry]) -> None:
        capacity, sent_at = self._capacity(batch), time.monotonic()
        if not capacity:
            return
        body = encode(Claim(self._worker, self._group, capacity))
        try:
            jobs = msgspec.json.decode(self._exchange_line.call("POST", "/worker/claim", self._token, body), type=Jobs).jobs
        except GatewayDown as error:
            self.outage.failed(error)
        except (CallRefused, msgspec.MsgspecError) as error:
            log.warning("No answer to a claim of %d: %s", capacity, error)
        else:
            self.outage.answered()
            _share(jobs, batch, sent_at)

    def _finish(self, body: bytes) -> tuple[Finished, float]:
        began, pause = time.monotonic(), 0.1
        while True:
            sent_at = time.monotonic()
            try:
                answer = msgspec.json.decode(self._exchange_line.call("POST", "/worker/finish", self._token, body), type=Finished)
                break
            except GatewayDown as error:
                self.outage.failed(error)
                if time.monotonic() - began > FINISH_PATIENCE:
                    raise
                time.sleep(pause * random.uniform(0.7, 1.3))
                pause = min(pause * 2, 2.0)
        self.outage.answered()
        for task_run_id in answer.fenced:
            log.info("Task run %s was given to another worker; what this one did with it does not count", task_run_id)
        return answer, sent_at

    def heartbeat(self, message: Heartbeat) -> HeartbeatAnswer:
        """Renews leases."""
        return msgspec.json.decode(self._line().call("POST", "/worker/heartbeat", self._token, encode(message)), type=HeartbeatAnswer)

    def logs(self, lines: Iterable[LogLine]) -> None:
        """Sends log lines."""
        self._line().call("POST", "/worker/logs", self._token, encode(LogBatch(self._worker, tuple(lines))))

    def progress(self, message: Progress) -> None:
        """Tells how far a WorkingDirectory is."""
        self._line().call("POST", "/worker/progress", self._token, encode(message))

    def _line(self) -> Connection:
        found: Connection | None = getattr(self._others, "line", None)
        if found is None:
            found = self._others.line = Connection(self.url)
        return found


def _share(jobs: Iterable[Job], batch: list[_Entry], sent_at: float) -> None:
    """Gives each thread what it asked for; a job too many goes to the last, which runs them in turn."""
    wanting = [entry for entry in batch for _ in range(entry.capacity)]
    for index, job in enumerate(jobs):
        entry = wanting[index] if index < len(wanting) else batch[-1]
        entry.jobs.append(job)
        entry.sent_at = sent_at
