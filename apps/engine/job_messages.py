"""Wire messages of one job's own calls to the gateway (`/worker/job/...`), each authorised by the job's token.

Answers: 200 with the struct named beside each ask; 401 token unknown or its lease gone (the worker stops the task without a word);
403, 404, 409 and 422 carry `Refusal`, whose message a person reads in the task's log. Content of files travels as a raw body:

    GET    /worker/job/file?uri=kestra:///...   the bytes of a stored file
    PUT    /worker/job/file?name=out/report.csv   stores below the run's own prefix; the URI ends with /{name}   -> Stored
    POST   /worker/job/files   FilesAsk   -> FilesAnswer
    GET    /worker/job/namespace-file?namespace=..&path=/a.txt    the bytes of a namespace file
    PUT    /worker/job/namespace-file?namespace=..&path=/a.txt    writes one, making folders   -> Stored
    POST   /worker/job/namespace-files   NamespaceFilesAsk   -> NamespaceFilesAnswer
    GET    /worker/job/cache?name=..&max_age=3600                 the archive a WorkingDirectory cached, 404 when older or absent
    PUT    /worker/job/cache?name=..                              replaces it; the server keys it by namespace, flow and name -> Stored
    POST   /worker/job/secret   SecretAsk   -> SecretAnswer
    POST   /worker/job/kv   KvAsk   -> KvAnswer
    POST   /worker/job/executions   ExecutionsAsk (a tagged union by "op")   -> named beside each
"""

from datetime import datetime
from typing import Any

import msgspec

from apps.engine.execution import Values
from apps.engine.messages import ChildResult


class Refusal(msgspec.Struct, frozen=True):
    """Why a call was refused: what, where, what to do."""

    message: str


class Stored(msgspec.Struct, frozen=True):
    """Where content now lies."""

    uri: str


class SecretAsk(msgspec.Struct, frozen=True, omit_defaults=True):
    """A secret by key, looked up from the namespace (default: the flow's) to the root."""

    key: str
    namespace: str | None = None
    subkey: str | None = None


class SecretAnswer(msgspec.Struct, frozen=True, omit_defaults=True):
    """The value, or not found."""

    found: bool
    value: str = ""


class KvAsk(msgspec.Struct, frozen=True, omit_defaults=True):
    """`op`: get, set, delete, keys or purge, in a namespace (default: the flow's).

    set: `value` is JSON; `type` forces STRING, NUMBER, BOOLEAN, DATETIME, DATE, DURATION or JSON; `ttl` in seconds.
    keys: `prefix` filters. purge: removes expired keys (`pattern` a glob over keys, `behavior` as the task says).
    """

    op: str
    key: str = ""
    namespace: str | None = None
    value: Any = None
    type: str | None = None
    ttl: float | None = None
    overwrite: bool = True
    description: str | None = None
    prefix: str = ""
    pattern: str | None = None
    expired_only: bool = True
    inherit: bool = False


class KvAnswer(msgspec.Struct, frozen=True, omit_defaults=True):
    """get: found, expired, value, type (a DURATION's value is ISO text). set: written False when the key exists and overwrite is off.
    delete: deleted. keys: keys, sorted, without expired ones. purge: count."""

    found: bool = False
    expired: bool = False
    value: Any = None
    type: str | None = None
    written: bool = False
    deleted: bool = False
    keys: tuple[str, ...] = ()
    count: int = 0


class FilesAsk(msgspec.Struct, frozen=True, omit_defaults=True):
    """`op`: exists, size, delete (one `uri`), or purge_execution (all files of the job's own execution)."""

    op: str
    uri: str = ""


class FilesAnswer(msgspec.Struct, frozen=True, omit_defaults=True):
    """exists, size: found and size in bytes. delete: found. purge_execution: the uris deleted."""

    found: bool = False
    size: int = 0
    uris: tuple[str, ...] = ()


class NamespaceFilesAsk(msgspec.Struct, frozen=True, omit_defaults=True):
    """`op`: list (all files of the namespace), exists, size or delete (one `path`, absolute: `/dir/a.txt`)."""

    op: str
    namespace: str | None = None
    path: str = ""


class NamespaceFilesAnswer(msgspec.Struct, frozen=True, omit_defaults=True):
    """list: `paths`, absolute, sorted, files only. exists, size, delete: found, size; `uri` is the file's storage URI."""

    paths: tuple[str, ...] = ()
    found: bool = False
    size: int = 0
    uri: str = ""


class FlowRef(msgspec.Struct, frozen=True):
    """A flow by namespace and id."""

    namespace: str
    flow_id: str


class CountExecutions(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="op", tag="count"):
    """How many executions each flow, or each namespace, has. -> Counts, in the order asked."""

    flows: tuple[FlowRef, ...] = ()
    namespaces: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    start: datetime | None = None
    end: datetime | None = None


class Count(msgspec.Struct, frozen=True, omit_defaults=True):
    """One count; `flow_id` is absent when a namespace was counted."""

    namespace: str
    count: int
    flow_id: str | None = None


class Counts(msgspec.Struct, frozen=True):
    """Answer to CountExecutions."""

    results: tuple[Count, ...]


class ResumeExecution(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="op", tag="resume"):
    """Resumes a paused execution; 404 when there is none of that id, 409 when it is not paused, 422 for its inputs. -> Done"""

    execution_id: str
    namespace: str | None = None
    flow_id: str | None = None
    inputs: Values = {}


class FetchLogs(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="op", tag="logs"):
    """Stored log lines of an execution (default: the job's own). -> LogRows"""

    execution_id: str | None = None
    task_ids: tuple[str, ...] = ()
    level: str = "INFO"


class LogRow(msgspec.Struct, frozen=True, omit_defaults=True):
    """A stored line."""

    timestamp: datetime
    level: str
    message: str
    task_id: str | None = None
    task_run_id: str | None = None
    execution_id: str | None = None
    attempt: int = 0


class LogRows(msgspec.Struct, frozen=True):
    """Answer to FetchLogs, in order of time."""

    lines: tuple[LogRow, ...]


class PurgeExecutions(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="op", tag="purge_executions"):
    """Deletes ended executions of a time before `end`, and what belongs to them. -> Purged"""

    end: datetime
    start: datetime | None = None
    namespace: str | None = None
    flow_id: str | None = None
    states: tuple[str, ...] = ()
    executions: bool = True
    logs: bool = True
    metrics: bool = True
    storage: bool = True


class PurgeLogs(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="op", tag="purge_logs"):
    """Deletes log lines older than `end`. -> Purged"""

    end: datetime
    start: datetime | None = None
    namespace: str | None = None
    flow_id: str | None = None
    levels: tuple[str, ...] = ()


class Purged(msgspec.Struct, frozen=True, omit_defaults=True):
    """How much was deleted."""

    executions: int = 0
    logs: int = 0
    metrics: int = 0
    storages: int = 0


class ToggleTrigger(msgspec.Struct, frozen=True, tag_field="op", tag="toggle_trigger"):
    """Enables or disables a trigger; 404 when there is none. -> Done"""

    namespace: str
    flow_id: str
    trigger: str
    enabled: bool


class Done(msgspec.Struct, frozen=True):
    """It happened."""


ExecutionsAsk = CountExecutions | ResumeExecution | FetchLogs | PurgeExecutions | PurgeLogs | ToggleTrigger
"""What POST /worker/job/executions takes."""


class SetLabels(msgspec.Struct, frozen=True, tag_field="kind", tag="set_labels"):
    """In TaskResult.commands: labels to set on the own execution."""

    labels: dict[str, str]


class SetVariables(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="kind", tag="set_variables"):
    """In TaskResult.commands: execution variables to set (deep merge is not wanted) and to remove."""

    values: Values = {}
    remove: tuple[str, ...] = ()


class ExitExecution(msgspec.Struct, frozen=True, tag_field="kind", tag="exit"):
    """In TaskResult.commands: end the own execution in this state (SUCCESS, WARNING, FAILED, KILLED, CANCELED)."""

    state: str


Command = SetLabels | SetVariables | ExitExecution
"""What TaskResult.commands holds, as JSON objects; applied in the finish transaction."""
TRIGGER_OUTPUT = "trigger"
"""The key of TaskResult.outputs under which a polling trigger that fires puts its variables; absent when it does not fire."""


class Progress(msgspec.Struct, frozen=True):
    """POST /worker/progress, with the worker token: children of a WorkingDirectory that began (RUNNING) or ended, while the job goes on.

    The job's TaskResult repeats them all, so a server may ignore this. -> 204, or 409 when the epoch is stale
    """

    worker: str
    task_run_id: str
    epoch: int
    children: tuple[ChildResult, ...]
