"""The order and gaps that Kestra's database gives to stored maps, which printed variables show."""

from typing import Any


def storage_order(value: Any) -> Any:
    """`value` with the keys of its maps ordered by length and then letters, and without members that are null.

    A flow's `variables` and inputs come to expressions in this form: a variable that is null does not exist.
    """
    if isinstance(value, dict):
        kept = {key: storage_order(item) for key, item in value.items() if item is not None}
        return {key: kept[key] for key in sorted(kept, key=lambda key: (len(str(key)), str(key)))}
    if isinstance(value, list | tuple):
        return [storage_order(item) for item in value]
    return value
