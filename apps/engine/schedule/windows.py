"""Windows of time within which several conditions must come true: their bounds, and what has come true in them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from apps.engine.flow.conditions import TimeWindow
from apps.engine.flow.triggers import DependencyWindow
from apps.engine.schedule.conditions import read_time

DAY = timedelta(days=1)
TICK = timedelta(milliseconds=1)


@dataclass(frozen=True)
class WindowSpec:
    """The rules of a window, of whichever dialect."""

    kind: Literal["DURATION_WINDOW", "SLIDING_WINDOW", "DAILY_TIME_DEADLINE", "DAILY_TIME_WINDOW"] = "DURATION_WINDOW"
    length: timedelta = DAY
    advance: timedelta = timedelta()
    opens: str = "00:00:00"
    closes: str = "23:59:59.999"
    reset_on_success: bool = True
    """Whether firing empties the window, so that everything must come true anew."""
    fire_once: bool = False
    """Whether it fires at most once per window."""

    @classmethod
    def of(cls, window: TimeWindow, *, reset_on_success: bool = True) -> "WindowSpec":
        """From the 1.x dialect."""
        closes = window.deadline if window.type == "DAILY_TIME_DEADLINE" else window.end_time
        return cls(
            kind=window.type,
            length=window.window if window.window else DAY,
            advance=window.window_advance or timedelta(),
            opens=(window.start_time if window.type == "DAILY_TIME_WINDOW" else None) or "00:00:00",
            closes=closes or "23:59:59.999",
            reset_on_success=reset_on_success,
        )

    @classmethod
    def of_dependencies(cls, window: DependencyWindow | None, *, fire_once: bool = False) -> "WindowSpec":
        """From the 2.0 dialect."""
        if window is None:
            return cls(fire_once=fire_once)
        if window.deadline is not None:
            return cls("DAILY_TIME_DEADLINE", closes=window.deadline, fire_once=fire_once)
        if window.from_ is not None or window.to is not None:
            times = (window.from_ or "00:00:00", window.to or "23:59:59.999")
            return cls("DAILY_TIME_WINDOW", opens=times[0], closes=times[1], fire_once=fire_once)
        if window.lookback is not None:
            return cls("SLIDING_WINDOW", window.lookback, fire_once=fire_once)
        return cls("DURATION_WINDOW", window.every or DAY, window.offset or timedelta(), fire_once=fire_once)


@dataclass(frozen=True)
class WindowState:
    """A window that is open: what came true in it, and when."""

    start: datetime
    end: datetime
    satisfied: Mapping[str, datetime] = field(default_factory=dict)
    fired: bool = False


def advance_window(
    stored: WindowState | None, spec: WindowSpec, wanted: int, hits: Iterable[str], now: datetime, zone: str = "UTC"
) -> tuple[WindowState | None, bool]:
    """The window after `hits` came true, and whether `wanted` conditions are met: then the trigger fires.

    None in place of a window means that there is nothing to keep: it is closed, empty, or used up by firing.
    """
    new = list(hits)
    window = _open_window(stored, spec, now, zone)
    if window is None or not (new or window.satisfied):
        return None, False
    satisfied = {name: at for name, at in window.satisfied.items() if spec.kind != "SLIDING_WINDOW" or now - at <= spec.length}
    satisfied.update(dict.fromkeys(new, now))
    fires = bool(new) and len(satisfied) >= wanted and not window.fired
    if fires and spec.reset_on_success and not spec.fire_once:
        return None, True
    return WindowState(window.start, window.end, satisfied, window.fired or (fires and spec.fire_once)), fires


def _open_window(stored: WindowState | None, spec: WindowSpec, now: datetime, zone: str) -> WindowState | None:
    if spec.kind == "SLIDING_WINDOW":
        return WindowState(now - spec.length, now + spec.length, stored.satisfied if stored else {}, bool(stored and stored.fired))
    if stored is not None and stored.start <= now <= stored.end:
        return stored
    start, end = window_bounds(spec, now, zone)
    return WindowState(start, end) if start <= now <= end else None


def window_bounds(spec: WindowSpec, now: datetime, zone: str = "UTC") -> tuple[datetime, datetime]:
    """First and last moment of the window around `now`; a daily one may be closed at the moment."""
    local = now.astimezone(ZoneInfo(zone))
    if spec.kind in ("DAILY_TIME_DEADLINE", "DAILY_TIME_WINDOW"):
        return _at(local, spec.opens), _at(local, spec.closes)
    if spec.kind == "SLIDING_WINDOW":
        return now - spec.length, now
    return _aligned(local, spec)


def _at(local: datetime, text: str) -> datetime:
    """That time of the local day; an offset written with it is kept."""
    clock, offset = read_time(text, "UTC")
    if offset is None:
        return datetime.combine(local.date(), clock, local.tzinfo)
    utc_day = (local.astimezone(ZoneInfo("UTC")) + offset).date()
    return datetime.combine(utc_day, clock, ZoneInfo("UTC")) - offset


def _aligned(local: datetime, spec: WindowSpec) -> tuple[datetime, datetime]:
    """Windows in a row from midnight, shifted by `advance`; those of whole days begin at midnight."""
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    if spec.length >= DAY:
        start = midnight + spec.advance
        start -= DAY if start > local else timedelta()
    else:
        passed = local - (midnight + spec.advance)
        start = midnight + spec.advance + (passed // spec.length) * spec.length
    return start, start + spec.length - TICK
