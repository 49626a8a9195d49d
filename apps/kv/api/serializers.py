"""Pairs as the API shows them."""

from typing import Any

from apps.common.http.renderers import instant
from apps.kv.models import KvPair


def value_json(pair: KvPair) -> dict[str, Any]:
    """Type and value; a null value is left out, as in Kestra."""
    return {"type": pair.type} if pair.value is None else {"type": pair.type, "value": pair.value}


def entry_json(pair: KvPair) -> dict[str, Any]:
    """A line of the list, without the value."""
    shown: dict[str, Any] = {
        "namespace": pair.namespace,
        "key": pair.key,
        "revision": pair.revision,
        "creationDate": instant(pair.created_at),
        "updateDate": instant(pair.updated_at),
    }
    if pair.expires_at:
        shown["expirationDate"] = instant(pair.expires_at)
    return {**shown, "description": pair.description} if pair.description else shown
