"""Who calls with a job token: the task run that a worker holds under a lease, and what it may see."""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from apps.common.database import engine_scope
from apps.common.exceptions import NotAuthenticated
from apps.executions.sql import hot_cursor

FIND = """
select r.tenant_id, e.namespace, e.flow_id, e.flow_revision, r.execution_id, r.task_id, r.epoch, r.attempt, r.token_hash
from task_run r join execution e on e.tenant_id = r.tenant_id and e.id = r.execution_id
where r.id = %s and r.dispatch = 2
"""


@dataclass(frozen=True)
class JobContext:
    """The task run behind a job token; everything that the token opens lies below these."""

    tenant_id: str
    namespace: str
    flow_id: str
    flow_revision: int
    execution_id: str
    task_run_id: str
    task_id: str
    epoch: int
    attempt: int


_others: dict[str, Callable[[str], JobContext | None]] = {}


def also_for(prefix: str, find: Callable[[str], JobContext | None]) -> None:
    """Has the tokens that begin with `prefix` looked up by an app above; called at start-up."""
    _others[prefix] = find


def new_token() -> tuple[str, bytes]:
    """The secret of one lease's token, and the hash that is stored beside the epoch; the whole token is `<task run id>.<secret>`."""
    secret = secrets.token_urlsafe(32)
    return secret, secret_hash(secret)


def secret_hash(secret: str) -> bytes:
    """What is stored of a secret of 256 random bits."""
    return hashlib.sha256(secret.encode()).digest()


def job_for_token(token: str) -> JobContext:
    """The task run that holds the token's lease; NotAuthenticated once the lease is gone, whoever has the task run then."""
    other = next((find for prefix, find in _others.items() if token.startswith(prefix)), None)
    found = other(token) if other is not None else None
    if found is not None:
        return found
    task_run_id, _, secret = token.partition(".")
    with engine_scope(), hot_cursor() as sql:
        sql.execute(FIND, [task_run_id])
        for tenant_id, namespace, flow_id, revision, execution_id, task_id, epoch, attempt, stored in sql.fetchall():
            if hmac.compare_digest(bytes(stored or b""), secret_hash(secret)):
                return JobContext(tenant_id, namespace, flow_id, revision, execution_id, task_run_id, task_id, epoch, attempt)
    raise NotAuthenticated("The job token is not valid: its task run has ended, or its lease was given to another worker.")
