"""What expressions see besides the execution itself: environment, globals, the instance, and the namespace's variables."""

import os
from functools import cache
from time import monotonic
from typing import Any

from apps.engine.execution import Values
from apps.namespaces.selectors import inherited_variables
from config.environment import environment

LASTS = 1.0
"""Seconds that a namespace's variables are remembered."""
KEPT = 5_000

_namespaces: dict[tuple[str, str], tuple[float, Values]] = {}


def ambient_of(tenant_id: str, namespace: str) -> Values:
    """`envs`, `globals`, `kestra` and `namespace` for an execution of that namespace."""
    return {**instance_values(), "namespace": namespace_values(tenant_id, namespace)}


@cache
def instance_values() -> Values:
    """What the instance gives to every execution."""
    settings = environment()
    prefix = settings.env_prefix_of_flows
    envs = {name[len(prefix) :].lower(): value for name, value in os.environ.items() if prefix and name.startswith(prefix)}
    return {"envs": envs, "globals": settings.globals, "kestra": {"environment": settings.environment_name or None, "url": settings.url}}


def namespace_values(tenant_id: str, namespace: str) -> dict[str, Any]:
    """The variables that a namespace has by itself and from its parents; a change is seen after a second at most."""
    now = monotonic()
    expires, values = _namespaces.get((tenant_id, namespace), (0.0, {}))
    if now >= expires:
        values = inherited_variables(tenant_id, namespace)
        if len(_namespaces) > KEPT:
            _namespaces.clear()
        _namespaces[tenant_id, namespace] = (now + LASTS, values)
    return values
