"""A gateway in memory: a small threaded HTTP server that hands out jobs, keeps files, keys and secrets, and records all it is sent."""

import threading
import time
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec

from apps.engine.job_messages import (
    Count,
    CountExecutions,
    Counts,
    Done,
    ExecutionsAsk,
    FetchLogs,
    FilesAnswer,
    FilesAsk,
    KvAnswer,
    KvAsk,
    LogRows,
    NamespaceFilesAnswer,
    NamespaceFilesAsk,
    Progress,
    Purged,
    Refusal,
    ResumeExecution,
    SecretAnswer,
    SecretAsk,
    Stored,
)
from apps.engine.messages import Claim, Finish, Finished, Heartbeat, HeartbeatAnswer, Job, JobKind, Jobs, LogBatch, LogLine, TaskResult

WORKER_TOKEN = "worker-token"


class FakeGateway:
    """All state of the server, guarded by one lock."""

    def __init__(self) -> None:
        self.queue: deque[Job] = deque()
        self.results: dict[str, TaskResult] = {}
        self.logs: dict[str, dict[int, LogLine]] = {}
        self.files: dict[str, bytes] = {}
        self.namespace_files: dict[tuple[str, str], bytes] = {}
        self.kv: dict[tuple[str, str], tuple[Any, str | None]] = {}
        self.secrets: dict[str, str] = {}
        self.cache: dict[str, bytes] = {}
        self.executions: dict[str, str] = {}
        self.asked: list[Any] = []
        self.heartbeats: list[Heartbeat] = []
        self.progress: list[Progress] = []
        self.kill: set[str] = set()
        self.lost: set[str] = set()
        self.calls: list[tuple[str, str]] = []
        self.slow_seconds = 0.0
        self.down = False
        self.most_bytes = 16 * 1024 * 1024
        self.raw_answers: dict[str, bytes] = {}
        self._changed = threading.Condition()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def add(self, task: dict[str, Any], variables: dict[str, Any] | None = None, **fields: Any) -> str:
        """Queues a job; answers its task run id."""
        run_id = fields.pop("task_run_id", f"run{len(self.results) + len(self.queue)}{task.get('id', '')}")
        defaults = {
            "kind": JobKind.TASK,
            "tenant_id": "main",
            "namespace": "company.team",
            "flow_id": "main",
            "execution_id": "exec1",
            "epoch": 1,
            "token": f"job-{run_id}",
        }
        known = {"flow": {"id": "main", "namespace": "company.team"}, "execution": {"id": "exec1"}}
        job = Job(task_run_id=run_id, task=task, variables={**known, **(variables or {})}, **{**defaults, **fields})
        with self._changed:
            self.queue.append(job)
        return run_id

    def wait_result(self, run_id: str, timeout: float = 20) -> TaskResult:
        with self._changed:
            assert self._changed.wait_for(lambda: run_id in self.results, timeout), f"no result for {run_id}"
            return self.results[run_id]

    def wait_for(self, condition: Any, timeout: float = 20) -> None:
        with self._changed:
            assert self._changed.wait_for(condition, timeout), "waited in vain"

    def lines(self, run_id: str) -> list[tuple[str, str]]:
        return [(line.level, line.message) for _, line in sorted(self.logs.get(run_id, {}).items())]

    def answer(self, method: str, path: str, query: dict[str, str], token: str, body: bytes) -> tuple[int, bytes]:
        if self.down:
            return 503, b""
        with self._changed:
            self.calls.append((method, path))
        if path == "/worker/finish" and len(body) > self.most_bytes:
            return 413, b'{"message": "the message is too large"}'
        if path in self.raw_answers:
            return 200, self.raw_answers.pop(path)
        if path.startswith("/worker/job/"):
            if not token.startswith("job-"):
                return 401, b""
            return self._job_call(method, path.removeprefix("/worker/job/"), query, body)
        if token != WORKER_TOKEN:
            return 401, b'{"message": "unknown worker token"}'
        if self.slow_seconds and path in ("/worker/claim", "/worker/finish"):
            time.sleep(self.slow_seconds)
        with self._changed:
            answer = self._worker_call(path.removeprefix("/worker/"), body)
            self._changed.notify_all()
        return answer

    def _worker_call(self, call: str, body: bytes) -> tuple[int, bytes]:
        decode, encode = msgspec.json.decode, msgspec.json.encode
        if call == "claim":
            return 200, encode(Jobs(self._take(decode(body, type=Claim).capacity)))
        if call == "finish":
            finish = decode(body, type=Finish)
            self._keep(finish.logs)
            for result in finish.results:
                self.results[result.task_run_id] = result
            return 200, encode(Finished((), self._take(finish.capacity)))
        if call == "heartbeat":
            self.heartbeats.append(decode(body, type=Heartbeat))
            return 200, encode(HeartbeatAnswer(tuple(self.lost), tuple(self.kill)))
        if call == "logs":
            self._keep(decode(body, type=LogBatch).lines)
            return 204, b""
        self.progress.append(decode(body, type=Progress))
        return 204, b""

    def _take(self, capacity: int) -> tuple[Job, ...]:
        return tuple(self.queue.popleft() for _ in range(min(capacity, len(self.queue))))

    def _keep(self, lines: tuple[LogLine, ...]) -> None:
        for line in lines:
            self.logs.setdefault(line.task_run_id, {}).setdefault(line.seq, line)

    def _job_call(self, method: str, call: str, query: dict[str, str], body: bytes) -> tuple[int, bytes]:
        if call == "file":
            return self._file(method, query, body)
        if call == "namespace-file":
            return self._namespace_file(method, query, body)
        if call == "cache":
            if method == "PUT":
                self.cache[query["name"]] = body
                return 200, msgspec.json.encode(Stored("cache"))
            return (200, self.cache[query["name"]]) if query["name"] in self.cache else (404, b"")
        answer = getattr(self, "_" + call.replace("-", "_"))(body)
        if isinstance(answer, Refusal):
            return 404, msgspec.json.encode(answer)
        return 200, msgspec.json.encode(answer)

    def _file(self, method: str, query: dict[str, str], body: bytes) -> tuple[int, bytes]:
        if method == "PUT":
            uri = f"kestra:///company/team/main/executions/exec1/{query['name']}"
            self.files[uri] = body
            return 200, msgspec.json.encode(Stored(uri))
        content = self.files.get(query["uri"])
        return (404, b'{"message": "no such file"}') if content is None else (200, content)

    def _namespace_file(self, method: str, query: dict[str, str], body: bytes) -> tuple[int, bytes]:
        key = (query["namespace"], query["path"])
        if method == "PUT":
            self.namespace_files[key] = body
            return 200, msgspec.json.encode(Stored(f"kestra:///{key[0]}/_files{key[1]}"))
        content = self.namespace_files.get(key)
        return (404, b'{"message": "no such file"}') if content is None else (200, content)

    def _files(self, body: bytes) -> FilesAnswer:
        ask = msgspec.json.decode(body, type=FilesAsk)
        if ask.op == "purge_execution":
            gone, self.files = tuple(self.files), {}
            return FilesAnswer(True, uris=gone)
        found = ask.uri in self.files
        size = len(self.files.get(ask.uri, b""))
        if ask.op == "delete":
            self.files.pop(ask.uri, None)
        return FilesAnswer(found, size)

    def _namespace_files(self, body: bytes) -> NamespaceFilesAnswer:
        ask = msgspec.json.decode(body, type=NamespaceFilesAsk)
        key = (ask.namespace or "company.team", ask.path)
        if ask.op == "list":
            return NamespaceFilesAnswer(tuple(sorted(path for namespace, path in self.namespace_files if namespace == key[0])))
        found, size = key in self.namespace_files, len(self.namespace_files.get(key, b""))
        if ask.op == "delete":
            self.namespace_files.pop(key, None)
        return NamespaceFilesAnswer(found=found, size=size, uri=f"kestra:///{key[0]}/_files{key[1]}" if found else "")

    def _kv(self, body: bytes) -> KvAnswer:
        ask = msgspec.json.decode(body, type=KvAsk)
        self.asked.append(ask)
        key = (ask.namespace or "", ask.key)
        found = key in self.kv
        if ask.op == "get":
            return KvAnswer(found, value=self.kv[key][0], type=self.kv[key][1]) if found else KvAnswer()
        if ask.op == "set":
            if found and not ask.overwrite:
                return KvAnswer(written=False)
            self.kv[key] = (ask.value, ask.type)
            return KvAnswer(written=True)
        if ask.op == "delete":
            return KvAnswer(deleted=self.kv.pop(key, None) is not None)
        return KvAnswer(keys=tuple(sorted(name for space, name in self.kv if space == key[0] and name.startswith(ask.prefix))))

    def _secret(self, body: bytes) -> SecretAnswer:
        ask = msgspec.json.decode(body, type=SecretAsk)
        return SecretAnswer(ask.key in self.secrets, self.secrets.get(ask.key, ""))

    def _executions(self, body: bytes) -> Any:
        ask = msgspec.json.decode(body, type=ExecutionsAsk)
        self.asked.append(ask)
        if isinstance(ask, CountExecutions):
            flows = tuple(Count(flow.namespace, len(self.executions), flow.flow_id) for flow in ask.flows)
            return Counts(flows + tuple(Count(namespace, len(self.executions)) for namespace in ask.namespaces))
        if isinstance(ask, FetchLogs):
            return LogRows(())
        if isinstance(ask, ResumeExecution) and ask.execution_id not in self.executions:
            return Refusal(f"No execution found for execution id {ask.execution_id}")
        return Done() if not type(ask).__name__.startswith("Purge") else Purged(1, 2, 3, 4)


def _handler(gateway: FakeGateway) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1

        def log_message(self, *_: Any) -> None: ...

        def _serve(self) -> None:
            body = self._body()
            parts = urlsplit(self.path)
            token = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
            status, answer = gateway.answer(self.command, parts.path, dict(parse_qsl(parts.query)), token, body)
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def _body(self) -> bytes:
            if (self.headers.get("Transfer-Encoding") or "").lower() != "chunked":
                return self.rfile.read(int(self.headers.get("Content-Length") or 0))
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return body

        do_GET = do_POST = do_PUT = do_DELETE = _serve

    return Handler
