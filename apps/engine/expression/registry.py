"""How functions, filters and tests are declared: name, parameters, one line, an example, and the code, in one row."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from apps.engine.expression.scope import Frame
from apps.engine.expression.values import Value


class _Missing:
    """Stands for an argument that was not given."""

    __slots__ = ()

    def __bool__(self) -> bool:
        return False


MISSING: Any = _Missing()

Code = Callable[..., Value]
"""Takes the frame, for filters and tests the value, then one argument per parameter, MISSING where none was given."""


@dataclass(frozen=True, slots=True)
class Spec:
    """One function, filter or test."""

    name: str
    code: Code
    parameters: tuple[str, ...]
    required: int
    summary: str
    example: str
    pure: bool = True
    """Whether the result follows from variables and the clock alone."""
    variadic: bool = False
    whole_context: bool = False
    """Whether it may read any variable, so that none can be left out."""

    @property
    def signature(self) -> str:
        """`name(a, b=)`, optional parameters with an equals sign."""
        shown = [name if index < self.required else f"{name}=" for index, name in enumerate(self.parameters)]
        return f"{self.name}({', '.join(shown + ['…'] * self.variadic)})"


def spec(
    name: str,
    code: Code,
    parameters: str = "",
    *,
    required: int = 0,
    summary: str,
    example: str,
    pure: bool = True,
    variadic: bool = False,
    whole_context: bool = False,
) -> Spec:
    """A row of the table; `parameters` are names parted by spaces, the first `required` of them needed."""
    return Spec(name, code, tuple(parameters.split()), required, summary, example, pure, variadic, whole_context)


def table(*families: tuple[Spec, ...]) -> dict[str, Spec]:
    """All rows of some families by name; a name may appear once."""
    rows: dict[str, Spec] = {}
    for family in families:
        for row in family:
            if row.name in rows:
                raise ValueError(f"'{row.name}' is declared twice")
            rows[row.name] = row
    return rows


__all__ = ["MISSING", "Code", "Frame", "Spec", "spec", "table"]
