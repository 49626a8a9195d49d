"""The scheduler's loop outlives a database that is away, however that shows."""

import threading

import pytest
from django.db import InterfaceError, OperationalError

from apps.triggers import scheduler


@pytest.mark.parametrize("error", [OperationalError("away"), InterfaceError("connection is closed"), RuntimeError("a defect")])
@pytest.mark.parametrize("where", ["recover_missed", "serve_due", "rest"])
def test_what_goes_wrong_in_a_round_is_tried_again(monkeypatch: pytest.MonkeyPatch, where: str, error: Exception) -> None:
    stop, failed = threading.Event(), []

    def stumble(now: object) -> float:
        if not failed:
            failed.append(where)
            raise error
        return 0

    def served(now: object) -> float:
        stop.set()
        return 0

    for name, call in (("recover_missed", lambda now: 0), ("serve_due", lambda now: 0), ("sweep", lambda now: 0), ("rest", served)):
        monkeypatch.setattr(scheduler, name, call)
    monkeypatch.setattr(scheduler, where, lambda now: stumble(now) if not failed else served(now))
    monkeypatch.setattr(stop, "wait", lambda seconds: None)
    monkeypatch.setattr(scheduler.connections, "close_all", lambda: None)
    scheduler.run_scheduler(stop)
    assert failed == [where]
    assert stop.is_set()
