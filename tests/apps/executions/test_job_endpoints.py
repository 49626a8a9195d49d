"""What a job's token opens, and what it does not."""

from types import SimpleNamespace

import msgspec
import pytest
from django.test import Client
from django.utils import timezone

from apps.common.database import engine_scope, tenant_scope
from apps.common.http.permissions import SYSTEM
from apps.common.ids import new_id
from apps.engine import job_messages as wire
from apps.executions import jobs
from apps.executions.choices import Dispatched
from apps.executions.models import ExecutionRow, TaskRunRow
from apps.namespaces.services import create_namespace
from apps.secrets.services import put_secret
from apps.storage.services import put_file

pytestmark = pytest.mark.db


@pytest.fixture
def job(tenant: str):
    """A leased task run of flow `a.b / flow`, and its token."""
    now, secret, run, execution = timezone.now(), "s" * 40, new_id(), new_id()
    with engine_scope():
        ExecutionRow.everywhere.create(
            tenant_id=tenant, id=execution, namespace="a.b", flow_id="flow", flow_revision=1, state="RUNNING", history="[]",
            created_at=now, updated_at=now,
        )  # fmt: skip
        TaskRunRow.everywhere.create(
            tenant_id=tenant, id=run, execution_id=execution, task_id="task", position=1, version=1, state="RUNNING", history="[]",
            dispatch=Dispatched.LEASED, epoch=3, token_hash=jobs.secret_hash(secret),
        )  # fmt: skip
    return SimpleNamespace(tenant=tenant, token=f"{run}.{secret}", run=run, execution=execution)


def call(job, method: str, path: str, body: bytes = b"", token: str | None = None):
    headers = {"Authorization": f"Bearer {job.token if token is None else token}"}
    return Client(raise_request_exception=False).generic(method, f"/worker/job/{path}", body, "application/octet-stream", headers=headers)


def ask(job, path: str, message, kind):
    answer = call(job, "POST", path, msgspec.json.encode(message))
    assert answer.status_code == 200, answer.content
    return msgspec.json.decode(answer.content, type=kind)


def stored(job, name: str, content: bytes) -> str:
    answer = call(job, "PUT", f"file?name={name}", content)
    return msgspec.json.decode(answer.content, type=wire.Stored).uri


def test_files_lie_below_the_attempt_under_their_names(job) -> None:
    one, two = stored(job, "out/report.csv", b"1"), stored(job, "../../report.csv", b"2")
    prefix = f"kestra:///a/b/flow/executions/{job.execution}/tasks/task/{job.run}/3/"
    assert (one, two) == (f"{prefix}out/report.csv", f"{prefix}file/file/report.csv")
    assert b"".join(call(job, "GET", f"file?uri={one}").streaming_content) == b"1"
    assert ask(job, "files", wire.FilesAsk("size", two), wire.FilesAnswer).size == 1
    assert ask(job, "files", wire.FilesAsk("delete", two), wire.FilesAnswer).found
    assert not ask(job, "files", wire.FilesAsk("exists", two), wire.FilesAnswer).found
    assert ask(job, "files", wire.FilesAsk("purge_execution"), wire.FilesAnswer).uris == (one,)
    assert call(job, "GET", f"file?uri={one}").status_code == 404


def test_another_namespace_opens_only_when_it_allows(job) -> None:
    for namespace, allowed in (("open", None), ("closed", []), ("closed.one", ["a"])):
        with tenant_scope(job.tenant):
            create_namespace(actor=SYSTEM, namespace=namespace, values={"allowed_namespaces": allowed})
    for place, status in (("open", 200), ("closed", 403), ("closed/two", 403), ("closed/one", 200)):
        uri = f"kestra:///{place}/flow/executions/E/x.txt"
        with open(__file__, "rb") as content:
            put_file(tenant_id=job.tenant, uri=uri, content=content)
        assert call(job, "GET", f"file?uri={uri}").status_code == status
    for path in ("namespace-file?namespace=closed&path=/x", "namespace-file?namespace=closed.two&path=x"):
        assert call(job, "GET", path).status_code == 403
    assert call(job, "POST", "kv", msgspec.json.encode(wire.KvAsk("get", "k", "closed"))).status_code == 403
    assert call(job, "POST", "secret", msgspec.json.encode(wire.SecretAsk("k", "closed"))).status_code == 403


@pytest.mark.parametrize(
    "uri", ["kestra:///../x/_files/y", "file:///etc/passwd", "kestra:///unknown/place", "kestra:///a/%2e%2e/_files/x", ""]
)
def test_no_way_out(job, uri: str) -> None:
    assert call(job, "GET", f"file?uri={uri}").status_code in (400, 404, 422)


@pytest.mark.parametrize("token", ["", "x", "unknown.secret", ".", "a" * 5000])
def test_other_tokens_open_nothing(job, token: str) -> None:
    assert call(job, "GET", "file?uri=kestra:///a/b/_files/x", token=token).status_code == 401
    run = job.token.split(".")[0]
    assert call(job, "POST", "kv", b"{}", token=f"{run}.wrong").status_code == 401


def test_a_lost_lease_closes_everything(job) -> None:
    with engine_scope():
        TaskRunRow.everywhere.filter(id=job.run).update(dispatch=Dispatched.NONE)
    assert call(job, "GET", "file?uri=kestra:///a/b/_files/x").status_code == 401


def test_namespace_files(job) -> None:
    assert call(job, "PUT", "namespace-file?namespace=a.b&path=/dir/a%20b.txt", b"text").status_code == 200
    assert ask(job, "namespace-files", wire.NamespaceFilesAsk("list"), wire.NamespaceFilesAnswer).paths == ("/dir/a b.txt",)
    found = ask(job, "namespace-files", wire.NamespaceFilesAsk("size", path="dir/a b.txt"), wire.NamespaceFilesAnswer)
    assert (found.found, found.size) == (True, 4)
    assert b"".join(call(job, "GET", "namespace-file?path=dir/a%20b.txt").streaming_content) == b"text"
    assert ask(job, "namespace-files", wire.NamespaceFilesAsk("delete", path="dir/a b.txt"), wire.NamespaceFilesAnswer).found
    assert not ask(job, "namespace-files", wire.NamespaceFilesAsk("exists", path="dir/a b.txt"), wire.NamespaceFilesAnswer).found
    assert not ask(job, "namespace-files", wire.NamespaceFilesAsk("exists", path="/"), wire.NamespaceFilesAnswer).found


def test_pairs(job) -> None:
    def kv(*args, **values):
        return ask(job, "kv", wire.KvAsk(*args, **values), wire.KvAnswer)

    assert kv("set", "k", value={"a": 1}).written
    assert kv("get", "k") == wire.KvAnswer(found=True, value={"a": 1}, type="JSON")
    assert not kv("set", "k", value=2, overwrite=False).written
    assert kv("set", "brief", value="x", ttl=0.000001).written
    assert kv("get", "brief").expired
    assert kv("keys").keys == ("k",)
    assert kv("purge").count == 1
    assert kv("delete", "k").deleted
    assert not kv("delete", "k").deleted
    for bad in ({"op": "nonsense"}, {"op": "set", "key": "a b"}, {"op": "set", "key": "k", "type": "NOTHING"}, {"op": 5}, []):
        assert call(job, "POST", "kv", msgspec.json.encode(bad)).status_code in (400, 422)


def test_secrets(job) -> None:
    with tenant_scope(job.tenant):
        put_secret(actor=SYSTEM, namespace="a", key="TOKEN", value='{"user": "u", "n": 1}')
    assert ask(job, "secret", wire.SecretAsk("TOKEN"), wire.SecretAnswer).value == '{"user": "u", "n": 1}'
    assert ask(job, "secret", wire.SecretAsk("TOKEN", subkey="n"), wire.SecretAnswer).value == "1"
    assert not ask(job, "secret", wire.SecretAsk("NOTHING"), wire.SecretAnswer).found
    assert call(job, "POST", "secret", msgspec.json.encode(wire.SecretAsk("TOKEN", subkey="x"))).status_code == 404


def test_caches(job) -> None:
    assert call(job, "GET", "cache?name=pip").status_code == 404
    assert call(job, "PUT", "cache?name=pip", b"archive").status_code == 200
    assert b"".join(call(job, "GET", "cache?name=pip&max_age=3600").streaming_content) == b"archive"
    assert call(job, "GET", "cache?name=pip&max_age=-1").status_code == 404
    assert call(job, "GET", "cache?name=pip&max_age=soon").status_code == 400


def test_counts(job) -> None:
    message = wire.CountExecutions(flows=(wire.FlowRef("a.b", "flow"), wire.FlowRef("a", "flow")), namespaces=("a",))
    found = ask(job, "executions", message, wire.Counts)
    assert [(c.namespace, c.flow_id, c.count) for c in found.results] == [("a.b", "flow", 1), ("a", "flow", 0), ("a", None, 1)]
    assert ask(job, "executions", wire.FetchLogs(), wire.LogRows).lines == ()


def test_purge_takes_ended_executions_of_the_namespace(job) -> None:
    now = timezone.now()
    with engine_scope():
        for name, namespace, ended in (("old", "a.b", now), ("other", "z", now), ("open", "a.b", None)):
            ExecutionRow.everywhere.create(
                tenant_id=job.tenant, id=name + job.execution, namespace=namespace, flow_id="flow", flow_revision=1, state="SUCCESS",
                history="[]", created_at=now, updated_at=now, ended_at=ended,
            )  # fmt: skip
    message = wire.PurgeExecutions(end=timezone.now(), namespace="a")
    assert ask(job, "executions", message, wire.Purged).executions == 1
    assert ask(job, "executions", message, wire.Purged).executions == 0
    with tenant_scope(job.tenant):
        assert ExecutionRow.objects.filter(deleted=False).count() == 3


def test_toggle_and_resume_of_what_there_is_not(job) -> None:
    elsewhere = wire.ResumeExecution(job.execution, namespace="z")
    for message in [wire.ToggleTrigger("a.b", "flow", "t", True), wire.ResumeExecution("nothing"), elsewhere]:
        assert call(job, "POST", "executions", msgspec.json.encode(message)).status_code == 404
    assert call(job, "POST", "executions", b'{"op": "nonsense"}').status_code == 400
