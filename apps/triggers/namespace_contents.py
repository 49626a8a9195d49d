"""What lives in a namespace besides its files: part of its archive, and what keeps it from being deleted.

Namespaces lie below all of this and must not know it, so the topmost app tells them at start-up.
"""

from collections.abc import Iterable

from apps.common.http.permissions import Principal
from apps.flows.models import FlowRow
from apps.flows.services import delete_flow, import_flows
from apps.kv.models import KvPair
from apps.kv.services import delete_pairs
from apps.namespaces.archive import Contribution, contribute
from apps.namespaces.occupants import Occupant, register
from apps.namespaces.paths import FLOWS_FOLDER
from apps.secrets.models import Secret
from apps.secrets.services import delete_secret


def announce() -> None:
    """Registers everything."""
    contribute(Contribution(FLOWS_FOLDER, flow_sources, take_in_flow))
    register(Occupant("flows", having_flows, count_flows, delete_flows))
    register(Occupant("key-value pairs", having_pairs, count_pairs, delete_all_pairs))
    register(Occupant("secrets", having_secrets, count_secrets, delete_secrets))


def flows_in(namespace: str) -> list[FlowRow]:
    """The flows of exactly this namespace."""
    return list(FlowRow.objects.filter(namespace=namespace, deleted=False).order_by("id"))


def flow_sources(namespace: str) -> Iterable[tuple[str, bytes]]:
    """One file a flow."""
    return ((f"{row.id}.yml", row.source.encode()) for row in flows_in(namespace))


def take_in_flow(actor: Principal, namespace: str, name: str, content: bytes) -> None:
    """Saves a flow of an archive; its source names the namespace that it belongs to."""
    import_flows(actor=actor, name=name, content=content, fail_on_error=True)


def having_flows() -> set[str]:
    """The namespaces that flows live in."""
    return set(FlowRow.objects.filter(deleted=False).values_list("namespace", flat=True).distinct())


def count_flows(namespace: str) -> int:
    """How many flows."""
    return len(flows_in(namespace))


def delete_flows(actor: Principal, namespace: str) -> None:
    """All flows."""
    for row in flows_in(namespace):
        delete_flow(actor=actor, namespace=namespace, flow_id=row.id)


def having_pairs() -> set[str]:
    """The namespaces that have pairs."""
    return set(KvPair.objects.values_list("namespace", flat=True).distinct())


def count_pairs(namespace: str) -> int:
    """How many pairs, expired ones too."""
    return int(KvPair.objects.filter(namespace=namespace).count())


def delete_all_pairs(actor: Principal, namespace: str) -> None:
    """All pairs."""
    delete_pairs(actor=actor, namespace=namespace, keys=list(KvPair.objects.filter(namespace=namespace).values_list("key", flat=True)))


def having_secrets() -> set[str]:
    """The namespaces that have secrets."""
    return set(Secret.objects.values_list("namespace", flat=True).distinct())


def count_secrets(namespace: str) -> int:
    """How many secrets."""
    return int(Secret.objects.filter(namespace=namespace).count())


def delete_secrets(actor: Principal, namespace: str) -> None:
    """All secrets."""
    for key in list(Secret.objects.filter(namespace=namespace).values_list("key", flat=True)):
        delete_secret(actor=actor, namespace=namespace, key=key)
