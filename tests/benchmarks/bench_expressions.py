"""Renders 20 typical templates here and their equivalents in Jinja2's sandbox, in one run: `python -m tests.benchmarks.bench_expressions`.

Prints microseconds a rendering and the ratio ours / Jinja2 for each; ends with the geometric mean. Exit status 1 when the mean
is above 1.0 or a ratio above 2.0.
"""

import base64
import hashlib
import json
import math
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import jq
from jinja2.sandbox import SandboxedEnvironment

from apps.engine.expression import Scope, render

VARIABLES: dict[str, Any] = {
    "vars": {
        "n": 7,
        "name": "Ann",
        "hosts": [f"host-{n}" for n in range(100)],
        "numbers": list(range(100)),
        "deep": {"a": {"b": {"c": "leaf"}}},
    },
    "inputs": {"user": "ann", "count": 5, "flag": True, "date": "2024-03-10T08:09:10Z", "text": "some text to be changed"},
    "outputs": {
        "a": {"value": "result", "body": json.dumps({"items": [{"id": n, "name": f"item {n}"} for n in range(20)]})},
        "list": {"rows": [{"id": n, "name": f"row {n}", "size": n * 10} for n in range(100)]},
    },
    "flow": {"id": "daily", "namespace": "company.team"},
    "execution": {"id": "4ZBRcnbXMwFqBCzl7Ii1Ko", "startDate": "2024-03-10T08:09:10.123456Z"},
    "taskrun": {"value": "b"},
    "parents": [],
}

ENVIRONMENT = SandboxedEnvironment()


def _day(text: str, days: int, form: str) -> str:
    moment = datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(UTC) + timedelta(days=days)
    return moment.strftime(form)


_programs: dict[str, Any] = {}


def _jq(text: str, program: str) -> list[Any]:
    if program not in _programs:
        _programs[program] = jq.compile(program)
    return list(_programs[program].input_text(text))


ENVIRONMENT.filters |= {
    "day": _day,
    "jq": _jq,
    "sha256": lambda text: hashlib.sha256(text.encode()).hexdigest(),
    "b64": lambda text: base64.b64encode(text.encode()).decode(),
    "split": lambda text, mark: text.split(mark),
    "from_json": json.loads,
}

TEMPLATES: list[tuple[str, str, str]] = [
    ("constant", "a constant text", "a constant text"),
    ("one value", "{{ outputs.a.value }}", "{{ outputs.a.value }}"),
    (
        "text with values",
        "Hello {{ inputs.user }}, {{ flow.namespace }}.{{ flow.id }}!",
        "Hello {{ inputs.user }}, {{ flow.namespace }}.{{ flow.id }}!",
    ),
    ("deep path", "{{ vars.deep.a.b.c }}", "{{ vars.deep.a.b.c }}"),
    ("subscripts", "{{ outputs['list']['rows'][3]['name'] }}", "{{ outputs['list']['rows'][3]['name'] }}"),
    ("arithmetic", "{{ vars.n * 2 + inputs.count - 1 }}", "{{ vars.n * 2 + inputs.count - 1 }}"),
    ("condition", "{{ inputs.count > 3 and inputs.flag }}", "{{ inputs.count > 3 and inputs.flag }}"),
    ("ternary", "{{ inputs.user == 'ann' ? 'yes' : 'no' }}", "{{ 'yes' if inputs.user == 'ann' else 'no' }}"),
    ("missing with default", "{{ inputs.nosuch ?? 'none' }}", "{{ inputs.nosuch | default('none') }}"),
    (
        "filter chain",
        "{{ inputs.text | upper | trim | replace({'TEXT': 'x'}) }}",
        "{{ inputs.text | upper | trim | replace('TEXT', 'x') }}",
    ),
    ("join", "{{ vars.hosts | join(',') }}", "{{ vars.hosts | join(',') }}"),
    (
        "date chain",
        "{{ execution.startDate | dateAdd(-1, 'DAYS') | date('yyyy-MM-dd') }}",
        "{{ execution.startDate | day(-1, '%Y-%m-%d') }}",
    ),
    (
        "if",
        "{% if vars.n > 5 %}big{% elseif vars.n > 3 %}mid{% else %}small{% endif %}",
        "{% if vars.n > 5 %}big{% elif vars.n > 3 %}mid{% else %}small{% endif %}",
    ),
    ("for over 100", "{% for h in vars.hosts %}- {{ h }}\n{% endfor %}", "{% for h in vars.hosts %}- {{ h }}\n{% endfor %}"),
    (
        "for over 100 rows",
        "{% for r in outputs.list.rows %}{{ loop.index }}: {{ r.name }} {{ r.size + 1 }}\n{% endfor %}",
        "{% for r in outputs.list.rows %}{{ loop.index0 }}: {{ r.name }} {{ r.size + 1 }}\n{% endfor %}",
    ),
    (
        "sum in a loop",
        "{% set s = 0 %}{% for x in vars.numbers %}{% set s = s + x %}{% endfor %}{{ s }}",
        "{% set ns = namespace(s=0) %}{% for x in vars.numbers %}{% set ns.s = ns.s + x %}{% endfor %}{{ ns.s }}",
    ),
    ("jq", "{{ outputs.a.body | jq('.items[].name') | first }}", "{{ outputs.a.body | jq('.items[].name') | first }}"),
    (
        "json body",
        '{"user": "{{ inputs.user }}", "rows": {{ outputs.list.rows | toJson }}}',
        '{"user": "{{ inputs.user }}", "rows": {{ outputs.list.rows | tojson }}}',
    ),
    ("from json", "{{ fromJson(outputs.a.body).items[2].name }}", "{{ (outputs.a.body | from_json)['items'][2].name }}"),
    ("hash", "{{ (inputs.user ~ ':' ~ inputs.text) | sha256 }}", "{{ (inputs.user ~ ':' ~ inputs.text) | sha256 }}"),
]


def seconds(*calls: Callable[[], object]) -> list[float]:
    """The best time of one call of each, in seconds; rounds take turns, so that a busy machine treats them alike."""
    counts = [_count(call) for call in calls]
    best = [math.inf] * len(calls)
    for _ in range(9):
        for index, call in enumerate(calls):
            best[index] = min(best[index], _round(call, counts[index]) / counts[index])
    return best


def _count(call: Callable[[], object]) -> int:
    count = 1
    while _round(call, count) < 0.008:
        count *= 4
    return count


def _round(call: Callable[[], object], count: int) -> float:
    begin = time.process_time()
    for _ in range(count):
        call()
    return time.process_time() - begin


def measure() -> list[tuple[str, float, float]]:
    """Name, our seconds and Jinja2's seconds of every template."""
    scope = Scope(VARIABLES)
    results = []
    for name, ours, theirs in TEMPLATES:
        template = ENVIRONMENT.from_string(theirs)
        render(ours, scope)
        mine, other = seconds(lambda text=ours: render(text, scope), lambda t=template: t.render(VARIABLES))
        results.append((name, mine, other))
    return results


def main() -> int:
    """Prints the table; the status tells whether the limits hold."""
    results = measure()
    print(f"{'template':24}{'ours µs':>10}{'jinja2 µs':>11}{'ratio':>8}")
    for name, ours, theirs in results:
        print(f"{name:24}{ours * 1e6:10.2f}{theirs * 1e6:11.2f}{ours / theirs:8.2f}")
    ratios = [ours / theirs for _, ours, theirs in results]
    mean = math.exp(sum(map(math.log, ratios)) / len(ratios))
    print(f"geometric mean {mean:.2f} (limit 1.0), largest {max(ratios):.2f} (limit 2.0)")
    return 0 if mean <= 1.0 and max(ratios) <= 2.0 else 1


if __name__ == "__main__":
    sys.exit(main())
