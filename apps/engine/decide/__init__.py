"""Decides what follows from an event: `advance(flow, execution, event, now) -> Decision`, the engine's one entry.

Owns: the events, the ordered list of concerns (one file each), the seeds of replays and retries.
May call: every other part of the engine.
Must not: read a clock or a database, draw random numbers, log, or raise for a user's error.
"""

from apps.engine.decide.advance import advance

__all__ = ["advance"]
