"""Lines that go into a file, and tries that a directory's child makes within its job."""

from datetime import timedelta
from typing import Any

from apps.engine.messages import ChildJob, JobKind
from apps.engine.state import State
from tests.workers.fake_gateway import FakeGateway

LOG = "io.kestra.plugin.core.log.Log"
SHELL = "io.kestra.plugin.scripts.shell.Commands"
PROCESS = {"type": "io.kestra.plugin.core.runner.Process"}


def test_the_lines_lie_in_a_file_and_not_on_the_server(run: Any, gateway: FakeGateway) -> None:
    result = run({"type": LOG, "message": ["one", "two"], "level": "WARN", "logToFile": True})
    assert (result.state, result.last_log, gateway.lines(result.task_run_id)) == (State.SUCCESS, 0, [])
    lines = gateway.files[result.log_file].decode().splitlines()
    assert [line.split(" ", 1)[1] for line in lines] == ["WARN one", "WARN two"]


def test_without_lines_there_is_no_file(run: Any) -> None:
    assert run({"type": LOG, "message": "x", "logLevel": "ERROR", "logToFile": True}).log_file is None


def directory(run: Any, command: str, **fields: Any) -> Any:
    child = {"id": "c", "type": SHELL, "taskRunner": PROCESS, "commands": [command], **fields}
    children = (ChildJob("child", child),)
    kind = "io.kestra.plugin.core.flow.WorkingDirectory"
    return run({"type": kind}, kind=JobKind.WORKING_DIRECTORY, children=children)


def retry(attempts: int, **fields: Any) -> dict[str, Any]:
    return {"type": "constant", "interval": "PT0.02S", "maxAttempts": attempts, **fields}


def test_a_child_is_tried_again_in_the_same_directory(run: Any) -> None:
    result = directory(run, "echo x >> tries; test $(wc -l < tries) -eq 3", retry=retry(5))
    (child,) = result.children
    assert (result.state, child.state, len(child.earlier)) == (State.SUCCESS, State.SUCCESS, 2)
    assert child.started_at - child.earlier[-1].ended_at >= timedelta(seconds=0.02)


def test_tries_are_bounded_and_may_leave_a_warning(run: Any) -> None:
    failed = directory(run, "exit 1", retry=retry(2))
    assert (failed.state, len(failed.children[0].earlier)) == (State.FAILED, 1)
    warned = directory(run, "test -e there || { touch there; exit 1; }", retry=retry(2, warningOnRetry=True))
    assert (warned.state, warned.children[0].state) == (State.WARNING, State.WARNING)


def test_a_child_without_a_retry_is_tried_once(run: Any) -> None:
    assert directory(run, "exit 1").children[0].earlier == ()
