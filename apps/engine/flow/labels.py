"""Labels as flows write them: a map, or a list of keys and values; keys may repeat in a list."""

from typing import Annotated, Any

from pydantic import BeforeValidator

from apps.engine.flow.fields import Part, Text


class FlowLabel(Part):
    """A key and a value that may be an expression."""

    key: Text
    value: Text


def _as_list(value: Any) -> Any:
    if value is None:
        return ()
    if isinstance(value, dict):
        return tuple({"key": key, "value": label} for key, label in value.items())
    if not isinstance(value, list | tuple):
        raise ValueError("must be a map, or a list of keys and values")
    return value


LabelList = Annotated[
    tuple[FlowLabel, ...], BeforeValidator(_as_list, json_schema_input_type=dict[str, str | int | float | bool] | list[FlowLabel])
]
