"""Secrets as the API shows them: never with a value."""

from typing import Any

from apps.secrets.models import Secret


def meta_json(secret: Secret) -> dict[str, Any]:
    """What is told about a secret."""
    return {"key": secret.key, "namespace": secret.namespace, "description": secret.description or None, "tags": secret.tags}
