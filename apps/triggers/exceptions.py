"""Errors of triggers."""


class NotFired(Exception):
    """A trigger was due and yet no execution could be made; the message says why."""
