"""Which tasks a template reads only in its own turn of a loop: `outputs.first[taskrun.value]` and the like.

In a loop of a hundred thousand values all outputs of a task are far too many to hand to each job; those of the own turn are few.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from apps.engine.execution import TaskRun, Values
from apps.engine.execution.draft import Draft
from apps.engine.expression import ExpressionError, compile_template
from apps.engine.expression.nodes import Arguments, Call, Literal, Member, Name, Node
from apps.engine.expression.syntax import children
from apps.engine.flow.flowables import EachParallel, EachSequential, ForEach, Loop
from apps.engine.flowables.plan import Plan

NOTHING: frozenset[str] = frozenset()
OWN_FUNCTION = "currentEachOutput"


def own_turn_only(value: Any) -> frozenset[str]:
    """The ids of tasks of which every template in `value` reads only the outputs of the own turn."""
    own: set[str] = set()
    whole: set[str] = set()
    for text in _texts(value):
        if "outputs" in text:
            each_own, each_whole = _of_text(text)
            own |= each_own
            whole |= each_whole
    return frozenset(own - whole)


def _texts(value: Any) -> Iterator[str]:
    stack = [value]
    while stack:
        each = stack.pop()
        if isinstance(each, str):
            yield each
        elif isinstance(each, Mapping):
            stack.extend([*each.keys(), *each.values()])
        elif isinstance(each, list | tuple):
            stack.extend(each)


@lru_cache(maxsize=4096)
def _of_text(text: str) -> tuple[frozenset[str], frozenset[str]]:
    """Tasks read in the own turn only, and tasks read otherwise, too."""
    try:
        body = compile_template(text).body
    except ExpressionError:
        return NOTHING, NOTHING
    own: set[str] = set()
    whole: set[str] = set()
    stack: list[Any] = [body]
    while stack:
        node = stack.pop()
        keys = _output_keys(node)
        if isinstance(node, Call) and node.name == OWN_FUNCTION:
            task_id = _argument(node.arguments)
            if task_id is not None:
                own.add(task_id)
                continue
        if keys is None:
            stack.extend(children(node))
            continue
        stack.extend(key for key in keys if not isinstance(key, Literal))
        if keys and isinstance(keys[0], Literal) and isinstance(keys[0].value, str):
            (own if len(keys) > 1 and _is_own_value(keys[1]) else whole).add(keys[0].value)
    return frozenset(own), frozenset(whole)


def _output_keys(node: Any) -> list[Node] | None:
    """The keys of a chain of members that begins with `outputs`, first key first."""
    keys: list[Node] = []
    while isinstance(node, Member):
        keys.append(node.key)
        node = node.target
    return keys[::-1] if keys and isinstance(node, Name) and node.name == "outputs" else None


def _argument(arguments: Arguments) -> str | None:
    keys = _output_keys(arguments.positional[0]) if arguments.positional else None
    if keys is None or len(keys) != 1 or not isinstance(keys[0], Literal) or not isinstance(keys[0].value, str):
        return None
    return keys[0].value


def _is_own_value(node: Node) -> bool:
    """`taskrun.value`, `parent.taskrun.value` or `parents[n].taskrun.value`."""
    if not _is_member(node, "value") or not _is_member(node.target, "taskrun", Name):  # type: ignore[attr-defined]
        return False
    above = node.target  # type: ignore[attr-defined]
    if isinstance(above, Name):
        return True
    root = above.target
    if isinstance(root, Member) and isinstance(root.key, Literal):
        root = root.target
    return isinstance(root, Name) and root.name in ("parent", "parents")


def _is_member(node: Any, key: str, alternative: type | None = None) -> bool:
    if alternative is Name and isinstance(node, Name):
        return node.name == key
    return isinstance(node, Member) and isinstance(node.key, Literal) and node.key.value == key


def own_turn_runs(draft: Draft, plan: Plan, run: TaskRun, task_id: str) -> list[TaskRun] | None:
    """The runs of a task in the turns that `run` is part of; None when the task is in no loop around it."""
    place = plan.places.get(task_id)
    path: list[str] = []
    while place is not None:
        path.append(place.task.id)
        parent = place.parent
        if isinstance(parent, ForEach | EachSequential | EachParallel | Loop):
            turn = turn_of(draft, run, parent.id)
            if turn is not None:
                return list(_below(draft, turn, path[::-1]))
        place = plan.places.get(parent.id) if parent is not None else None
    return None


def isolating_loop(plan: Plan, task_id: str) -> Loop | None:
    """The Loop around a task: what is in a turn of it is seen in that turn only."""
    place = plan.places.get(task_id)
    while place is not None:
        if isinstance(place.parent, Loop):
            return place.parent
        place = plan.places.get(place.parent.id) if place.parent is not None else None
    return None


def item_of(loop: TaskRun, index: int) -> Values:
    """`item` in a turn of a Loop: its value, its index, and its key if the items are those of a map."""
    keys = loop.memo.get("keys")
    item: Values = {"value": loop.memo["values"][index], "index": index}
    return item if keys is None else {**item, "key": keys[index]}


def turn_of(draft: Draft, run: TaskRun, loop_id: str) -> TaskRun | None:
    """The run at or above `run` that stands directly in the loop."""
    present: TaskRun | None = run
    while present is not None and present.parent_id is not None:
        parent = draft.run(present.parent_id)
        if parent is not None and parent.task_id == loop_id:
            return present
        present = parent
    return None


def _below(draft: Draft, turn: TaskRun, path: Iterable[str]) -> Iterator[TaskRun]:
    """The runs that `path` leads to, from the loop's list down, in the turn of the given run."""
    first, *rest = path
    start = draft.find((turn.parent_id, first, turn.value, turn.iteration))
    found = [start] if start is not None else []
    for task_id in rest:
        found = [child for above in found for child in draft.children(above.id) if child.task_id == task_id]
    yield from found
