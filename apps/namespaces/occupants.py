"""What lives in namespaces: apps above say what they keep where, which keeps it from being deleted, and delete it when that is forced."""

from collections.abc import Callable
from dataclasses import dataclass

from apps.common.http.permissions import Principal


@dataclass(frozen=True)
class Occupant:
    """One kind of thing that lives in namespaces: in which of the present tenant, how many in one, and how to delete them all."""

    noun: str
    namespaces: Callable[[], set[str]]
    count: Callable[[str], int]
    delete_all: Callable[[Principal, str], None]


_occupants: dict[str, Occupant] = {}


def register(occupant: Occupant) -> None:
    """Adds a kind; called at start-up by the app that owns it."""
    _occupants[occupant.noun] = occupant


def occupied() -> set[str]:
    """The namespaces of the present tenant in which anything lives."""
    return set().union(*(occupant.namespaces() for occupant in _occupants.values()))


def present(namespace: str) -> list[str]:
    """What there is, in words: `3 flows`."""
    counts = ((occupant.count(namespace), occupant.noun) for occupant in _occupants.values())
    return [f"{count} {noun}" for count, noun in counts if count]


def delete_all(actor: Principal, namespace: str) -> None:
    """Deletes everything of every kind."""
    for occupant in _occupants.values():
        if occupant.count(namespace):
            occupant.delete_all(actor, namespace)
