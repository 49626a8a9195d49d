"""Functions that work on what they are given and on the variables: rendering, parsing, ranges, extremes."""

from apps.engine.expression.arguments import flag, text
from apps.engine.expression.errors import Fault
from apps.engine.expression.formats import from_ion, from_json, from_yaml
from apps.engine.expression.operators import compare, span
from apps.engine.expression.registry import MISSING, Spec, spec
from apps.engine.expression.scope import Frame
from apps.engine.expression.values import Value, kind


def render(f: Frame, template: Value, recursive: Value) -> Value:
    """The value with its expressions rendered, again and again unless `recursive` is false."""
    return f.rerender(template, recursive=flag(recursive, "'recursive'", default=True))


def render_once(f: Frame, template: Value) -> Value:
    """The value with its expressions rendered one time."""
    return f.rerender(template, recursive=False)


def context(f: Frame) -> Value:
    """All variables."""
    return dict(f.vars)


def from_json_text(f: Frame, content: Value) -> Value:
    """The value of a JSON text; null for null."""
    return None if content is None else from_json(text(content, "The JSON"), f.budget)


def from_yaml_text(f: Frame, content: Value) -> Value:
    """The value of a YAML text."""
    return None if content is None else from_yaml(text(content, "The YAML"), f.budget)


def from_ion_text(f: Frame, content: Value, rows: Value) -> Value:
    """The first value of an Ion text, or all."""
    return None if content is None else from_ion(text(content, "The Ion"), f.budget, every=flag(rows, "'allRows'", default=False))


def _extreme(values: tuple[Value, ...], wanted: int) -> Value:
    best: Value = None
    for value in values:
        if best is None or compare(value, best) == wanted:
            best = value
    return best


def maximum(f: Frame, *values: Value) -> Value:
    """The largest of some numbers."""
    return _extreme(values, 1)


def minimum(f: Frame, *values: Value) -> Value:
    """The smallest of some numbers."""
    return _extreme(values, -1)


def number_range(f: Frame, start: Value, end: Value, increment: Value) -> Value:
    """Numbers or letters from one to another, both included."""
    return span(start, end, None if increment is MISSING else increment, f.budget)


def block(f: Frame, name: Value) -> Value:
    """Always null: blocks are written where they stand."""
    return None


def parent(f: Frame) -> Value:
    """Always null: templates have no parent."""
    return None


def current_each_output(f: Frame, outputs: Value) -> Value:
    """Of a task inside loops, the outputs for the values of the loops around the present task run."""
    if not isinstance(outputs, dict):
        raise Fault(f"'currentEachOutput' needs the outputs of a task, not {kind(outputs)}", "Write currentEachOutput(outputs.task_id).")
    for parent in reversed(f.vars.get("parents") or []):
        value = (parent.get("taskrun") or {}).get("value")
        if value is not None:
            outputs = _level(outputs, value)
    value = (f.vars.get("taskrun") or {}).get("value")
    return outputs.get(value) if isinstance(value, str) else None


def _level(outputs: Value, value: Value) -> dict[str, Value]:
    inner = outputs.get(value)
    if isinstance(inner, dict):
        return inner
    raise Fault(f"The task has no outputs for the value '{value}' of the loop around")


def iteration_output(f: Frame, output: Value, iteration: Value) -> Value:
    """Of a task inside a loop, the outputs of one turn (the present one if none is named)."""
    if not isinstance(output, dict | list):
        raise Fault(f"'iterationOutput' needs the outputs of a task, not {kind(output)}")
    task_run = f.vars.get("taskrun") or {}
    turn = task_run.get("iteration", task_run.get("value")) if iteration is MISSING else iteration
    if isinstance(output, list):
        if isinstance(turn, int) and 0 <= turn < len(output):
            return output[turn]
    elif str(turn) in output:
        return output[str(turn)]
    raise Fault(f"The task has no outputs for turn {turn}")


def loop_outputs(f: Frame, outputs: Value, name: Value) -> Value:
    """One output of every turn of a loop, as a list."""
    if not isinstance(outputs, dict | list):
        raise Fault(f"'loopOutputs' needs the outputs of a task in a loop, not {kind(outputs)}")
    turns = list(outputs.values()) if isinstance(outputs, dict) else outputs
    f.budget.items(len(turns))
    if name is MISSING:
        return turns
    key = text(name, "The name of the output")
    return [turn.get(key) if isinstance(turn, dict) else None for turn in turns]


SPECS: tuple[Spec, ...] = (
    spec(
        "render",
        render,
        "toRender recursive",
        required=1,
        summary="Renders expressions inside a value, again and again.",
        example="{{ render(vars.query) }}",
        whole_context=True,
    ),
    spec(
        "renderOnce",
        render_once,
        "toRender",
        required=1,
        summary="Renders expressions inside a value, one time.",
        example="{{ renderOnce(vars.query) }}",
        whole_context=True,
    ),
    spec("printContext", context, summary="All variables, for looking around.", example="{{ printContext() }}", whole_context=True),
    spec("fetchContext", context, summary="All variables as a map.", example="{{ fetchContext() | keys }}", whole_context=True),
    spec(
        "fromJson", from_json_text, "json", required=1, summary="The value of a JSON text.", example="{{ fromJson(outputs.get.body).id }}"
    ),
    spec(
        "json",
        from_json_text,
        "json",
        required=1,
        summary="The value of a JSON text; the older name of fromJson.",
        example="{{ json(outputs.get.body).id }}",
    ),
    spec(
        "fromIon",
        from_ion_text,
        "ion allRows",
        required=1,
        summary="The first value of an Ion text, or all.",
        example="{{ fromIon(read(outputs.query.uri)).name }}",
    ),
    spec("yaml", from_yaml_text, "yaml", required=1, summary="The value of a YAML text.", example="{{ yaml(read('settings.yaml')).host }}"),
    spec("max", maximum, variadic=True, summary="The largest of some numbers.", example="{{ max(1, 5, 3) }}"),
    spec("min", minimum, variadic=True, summary="The smallest of some numbers.", example="{{ min(4, 2) }}"),
    spec(
        "range",
        number_range,
        "start end increment",
        required=2,
        summary="Numbers or letters from one to another.",
        example="{{ range(1, 10, 2) }}",
    ),
    spec("block", block, "name", required=1, summary="Null; blocks are written where they stand.", example="{{ block('a') }}"),
    spec("parent", parent, summary="Null; templates have no parent.", example="{{ parent() }}"),
    spec(
        "currentEachOutput",
        current_each_output,
        "outputs",
        required=1,
        summary="Outputs of a task for the present turn of the loops around.",
        example="{{ currentEachOutput(outputs.task).value }}",
        whole_context=True,
    ),
    spec(
        "iterationOutput",
        iteration_output,
        "output iteration",
        required=1,
        summary="Outputs of a task for one turn of a loop.",
        example="{{ iterationOutput(outputs.task, 0).value }}",
        whole_context=True,
    ),
    spec(
        "loopOutputs",
        loop_outputs,
        "outputs name",
        required=1,
        summary="One output of every turn of a loop.",
        example="{{ loopOutputs(outputs.task, 'value') }}",
    ),
)
