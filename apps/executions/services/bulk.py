"""One action on many executions: all of them, or none and the reason for each that can't."""

from collections.abc import Callable, Iterable
from typing import Any

from apps.common.exceptions import ErrorDetail, Invalid, PenstockError


def act_on_all(execution_ids: Iterable[str], action: Callable[[str], Any]) -> int:
    """Calls `action` for each id; gives how many. Invalid, naming each refusal: the caller's transaction must then fail."""
    ids = list(dict.fromkeys(execution_ids))
    problems: list[ErrorDetail] = []
    for execution_id in ids:
        try:
            action(execution_id)
        except PenstockError as error:
            problems.append(ErrorDetail(error.message, path=execution_id))
    if problems:
        raise Invalid(f"{len(problems)} of {len(ids)} executions don't allow this; nothing was changed.", problems)
    return len(ids)
