"""What one rendering sees (`Scope`) and what it does at the moment (`Frame`)."""

from collections.abc import Callable, Mapping
from datetime import datetime

from apps.engine.expression.budget import Budget
from apps.engine.expression.environment import NO_PORTS, ExpressionPorts
from apps.engine.expression.values import Value

Renderer = Callable[[Value, "Frame", bool], Value]
"""How `render()` renders; handed down, because templates are built on functions and not the other way round."""


class Scope:
    """Variables, ports, clock, zone and locale of renderings; built once per task run and cheap."""

    __slots__ = ("_now", "locale", "namespace", "ports", "variables", "zone")

    def __init__(
        self,
        variables: Mapping[str, Value],
        *,
        ports: ExpressionPorts = NO_PORTS,
        now: datetime | None = None,
        zone: str = "UTC",
        locale: str = "en_US",
        namespace: str = "",
    ) -> None:
        self.variables = variables if isinstance(variables, dict) else dict(variables)
        self.ports = ports
        self._now = now
        self.zone = zone
        self.locale = locale
        self.namespace = namespace

    @property
    def now(self) -> datetime:
        """The moment of the rendering: the one given, or the port's."""
        return self._now if self._now is not None else self.ports.now()


class Frame:
    """The state of one evaluation: loop cells, assigned names and what is left of the budget."""

    __slots__ = ("budget", "cells", "names", "renderer", "scope", "vars")

    def __init__(self, scope: Scope, budget: Budget, cells: int, renderer: Renderer) -> None:
        self.scope = scope
        self.budget = budget
        self.vars: dict[str, Value] = scope.variables
        self.cells: list[Value] = [None] * cells if cells else []
        self.names: list[dict[str, Value]] = [{}]
        self.renderer = renderer

    def rerender(self, value: Value, *, recursive: bool) -> Value:
        """`value` with its expressions rendered under this frame's budget."""
        return self.renderer(value, self, recursive)
