"""A task never runs outside its group; one that no group takes ends with the reason in its log."""

import pytest

from apps.common.database import engine_scope
from apps.engine.messages import Heartbeat
from apps.engine.state import State
from apps.workergroups.routing import forget_groups
from apps.workergroups.services import record_beat
from tests.apps.executions.play import Play

pytestmark = pytest.mark.db


def grouped(key: str, fallback: str) -> str:
    return f"""
id: grouped
tasks:
  - id: a
    type: io.kestra.plugin.core.debug.Return
    workerGroup: {{key: {key}, fallback: {fallback}}}
"""


def test_only_its_group_gets_a_task(play: Play) -> None:
    with engine_scope():
        record_beat(Heartbeat("one", f"g-{play.tenant}", (), threads=1))
    forget_groups()
    execution = play.create(play.flow(grouped(f"g-{play.tenant}", "FAIL")))
    assert play.claim() == []
    [job] = play.claim(group=f"g-{play.tenant}")
    play.finish(play.result(job))
    assert play.read(execution.id).state is State.SUCCESS


@pytest.mark.parametrize(("fallback", "state"), [("FAIL", State.FAILED), ("WAIT", State.FAILED), ("IGNORE", State.RUNNING)])
def test_a_group_that_is_not_there(play: Play, fallback: str, state: State) -> None:
    execution = play.create(play.flow(grouped("nowhere", fallback)))
    assert play.read(execution.id).state is state
    lines = play.sql("select message from log_line where tenant_id = %s and level >= 40", play.tenant)
    assert ("no worker group 'nowhere'" in str(lines)) is (fallback != "IGNORE")
