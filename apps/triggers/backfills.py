"""A trigger's backfill as its row keeps it and as the engine walks it."""

from datetime import datetime
from typing import Any

from apps.engine.schedule import Backfill


def backfill_from(stored: dict[str, Any] | None) -> Backfill | None:
    """The engine's value of what a row keeps."""
    if not stored:
        return None
    previous = stored.get("previousNext")
    return Backfill(
        start=datetime.fromisoformat(stored["start"]),
        end=datetime.fromisoformat(stored["end"]),
        current=datetime.fromisoformat(stored["current"]),
        paused=stored["paused"],
        previous_next=datetime.fromisoformat(previous) if previous else None,
        inputs=stored["inputs"],
        labels=tuple((key, value) for key, value in stored["labels"]),
    )


def backfill_json(backfill: Backfill, backfill_id: str) -> dict[str, Any]:
    """What a row keeps; the id makes its firings its own."""
    return {
        "id": backfill_id,
        "start": backfill.start.isoformat(),
        "end": backfill.end.isoformat(),
        "current": backfill.current.isoformat(),
        "paused": backfill.paused,
        "previousNext": backfill.previous_next.isoformat() if backfill.previous_next else None,
        "inputs": dict(backfill.inputs),
        "labels": [list(pair) for pair in backfill.labels],
    }
