"""News of flows for the apps above: triggers resync on them."""

import msgspec


class FlowSaved(msgspec.Struct, frozen=True):
    """A revision was written: created, changed, enabled or disabled."""

    tenant_id: str
    namespace: str
    flow_id: str
    revision: int
    disabled: bool = False
    previous_revision: int | None = None
    """None: the flow is new, or was deleted before."""


class FlowDeleted(msgspec.Struct, frozen=True):
    """A flow was deleted; `revision` is the one that says so."""

    tenant_id: str
    namespace: str
    flow_id: str
    revision: int
