"""The gateway over HTTP: who may call, what rubbish does, log lines and gaps."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from django.test import Client

from apps.engine.messages import Claim, Finish, Finished, Heartbeat, HeartbeatAnswer, Jobs, Lease, LogBatch, LogLine, encode
from apps.engine.state import State
from apps.executions.jobs import job_for_token
from tests.apps.executions.play import Play
from tests.apps.executions.test_leases import ONE

pytestmark = pytest.mark.db
TOKEN = "test-worker-token"


def post(path: str, body: bytes, token: str = TOKEN) -> Any:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return Client(raise_request_exception=False).generic("POST", path, body, content_type="application/json", headers=headers)


def line(job: Any, seq: int) -> LogLine:
    return LogLine(job.task_run_id, job.epoch, seq, datetime.now(UTC), "INFO", f"line {seq}")


@pytest.mark.parametrize("token", ["", "nothing", "test-worker-toke", "test-worker-token2", "ü"])
def test_only_workers_may_call(database: None, token: str) -> None:
    for name in ("claim", "finish", "heartbeat", "logs", "progress"):
        assert post(f"/worker/{name}", b"{}", token).status_code == 401


RUBBISH = [b"", b"{", b"[]", b"null", b'{"worker": 1}', b"\xff\xfe", b"[" * 100_000, b'{"worker":"\\ud800","group":"g"}']


@pytest.mark.parametrize("body", RUBBISH)
def test_rubbish_is_refused(database: None, body: bytes) -> None:
    for name in ("claim", "finish", "heartbeat", "logs", "progress"):
        assert post(f"/worker/{name}", body).status_code == 400
    assert Client().get("/worker/claim").status_code == 405


def test_the_way_of_a_job(play: Play) -> None:
    execution = play.create(play.flow(ONE))
    jobs = msgspec.json.decode(post("/worker/claim", encode(Claim(play.worker, "default", 400))).content, type=Jobs).jobs
    [job] = [job for job in jobs if job.tenant_id == play.tenant]
    context = job_for_token(job.token)
    assert (context.tenant_id, context.execution_id, context.epoch) == (play.tenant, execution.id, 1)
    assert post("/worker/logs", encode(LogBatch(play.worker, (line(job, 1), line(job, 2))))).status_code == 204
    beat = Heartbeat(play.worker, "default", (Lease(job.task_run_id, job.epoch), Lease("unknown", 1)), 2, "host", "1")
    answer = msgspec.json.decode(post("/worker/heartbeat", encode(beat)).content, type=HeartbeatAnswer)
    assert answer == HeartbeatAnswer(lost=("unknown",))
    finish = Finish(play.worker, "default", (play.result(job, last_log=5),), (line(job, 4),))
    assert msgspec.json.decode(post("/worker/finish", encode(finish)).content, type=Finished) == Finished((), ())
    assert play.read(execution.id).state is State.SUCCESS
    late = LogBatch(play.worker, (line(job, 4), line(job, 5)))
    assert post("/worker/logs", encode(late)).status_code == 204
    rows = play.sql("select seq, gap, message from log_line where tenant_id = %s order by seq", play.tenant)
    assert [row[2] for row in rows if not row[1]] == ["line 1", "line 2", "line 4", "line 5"]
    assert [row[0] for row in rows if row[1]] == [3]


def test_a_token_ends_with_its_lease(play: Play) -> None:
    from apps.common.exceptions import NotAuthenticated

    play.create(play.flow(ONE))
    [job] = play.claim()
    assert job_for_token(job.token).task_run_id == job.task_run_id
    for wrong in ("", ".", job.task_run_id, f"{job.task_run_id}.", job.token[:-1], job.token + "x"):
        with pytest.raises(NotAuthenticated):
            job_for_token(wrong)
    play.lose(job)
    with pytest.raises(NotAuthenticated):
        job_for_token(job.token)


def test_lines_of_nobody_are_dropped(play: Play) -> None:
    stray = LogLine("nobody", 1, 1, datetime.now(UTC), "INFO", "x")
    assert post("/worker/logs", encode(LogBatch("w", (stray,)))).status_code == 204
    assert play.one("select count(*) from log_line where task_run_id = 'nobody'") == 0
