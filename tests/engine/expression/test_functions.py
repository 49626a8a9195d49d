"""Every function and test by a table of expressions and what they print; `ERROR` stands for a refusal."""

import pytest

from apps.engine.expression import ExpressionError, PortError, Scope, render
from apps.engine.expression.table import FUNCTIONS, TESTS
from tests.engine.expression.ports import FixedPorts

VARIABLES = {
    "vars": {
        "n": 7,
        "template": "{{ vars.n }}",
        "deep": "{{ vars.template }}",
        "list": ["{{ vars.n }}", 5],
        "map": {"{{ vars.n }}": "{{ vars.n }}"},
        "loop": "x{{ vars.loop }}",
    },
    "outputs": {
        "item": {"a": {"value": "A"}, "b": {"value": "B"}},
        "nested": {"x": {"a": {"value": "XA"}}},
        "turns": [{"value": 1}, {"value": 2}],
    },
    "taskrun": {"value": "a", "iteration": 1},
    "parents": [],
    "null": None,
}
TABLE: dict[str, list[tuple[str, str]]] = {
    "block": [("block('x')", "")],
    "currentEachOutput": [
        ("currentEachOutput(outputs.item).value", "A"),
        ("currentEachOutput(5)", "ERROR"),
        ("currentEachOutput()", "ERROR"),
    ],
    "dayOfMonth": [("dayOfMonth('2024-03-10')", "10"), ("dayOfMonth(null)", "ERROR")],
    "dayOfWeek": [("dayOfWeek('2024-03-10')", "SUNDAY")],
    "decrypt": [("decrypt('k', 'k:x')", "x"), ("decrypt('k')", "ERROR")],
    "encrypt": [("encrypt('k', 'x')", "k:x"), ("encrypt(5, 'x')", "ERROR")],
    "env": [("env('REGION')", "eu"), ("env('X', 'd')", "d"), ("env('X') ?? 'none'", "none")],
    "errorLogs": [("errorLogs()[0].message", "bad")],
    "fetchContext": [("fetchContext().vars.n", "7")],
    "fileExists": [("fileExists('kestra:///a')", "true"), ("fileExists('a')", "false")],
    "fileSize": [("fileSize('abc')", "3")],
    "fileURI": [("fileURI('a.txt')", "kestra:///a.txt")],
    "fromIon": [
        ("fromIon('{a:1,b:\"x\"}')", '{"a":1,"b":"x"}'),
        ("fromIon('{a:1} {a:2}', allRows=true)", '[{"a":1},{"a":2}]'),
        ("fromIon('{')", "ERROR"),
        ("fromIon(null)", ""),
    ],
    "fromJson": [
        ("fromJson('{\"a\": [1]}').a[0]", "1"),
        ("fromJson('NaN')", "ERROR"),
        ("fromJson('')", "ERROR"),
        ("fromJson(5)", "ERROR"),
        ("fromJson(null)", ""),
    ],
    "hourOfDay": [("hourOfDay('2024-03-10T08:09:10Z')", "8")],
    "http": [
        ("http('http://a/', method='post', body={'a': 1}).method", "POST"),
        ("http(uri='http://a/').query", "{}"),
        ("http('x', method='GO')", "ERROR"),
        ("http()", "ERROR"),
    ],
    "id": [("id() | length", "22")],
    "isDayWeekInMonth": [
        ("isDayWeekInMonth('2024-03-10', 'sunday', 'SECOND')", "true"),
        ("isDayWeekInMonth('2024-03-31', 'SUNDAY', 'LAST')", "true"),
        ("isDayWeekInMonth('2024-03-10', 'MONDAY', 'FIRST')", "false"),
        ("isDayWeekInMonth('2024-03-10', 'X', 'FIRST')", "ERROR"),
    ],
    "isFileEmpty": [("isFileEmpty('empty')", "true"), ("isFileEmpty('a')", "false")],
    "isLastWorkingDay": [
        ("isLastWorkingDay('2024-03-29')", "true"),
        ("isLastWorkingDay('2024-03-31')", "false"),
        ("isLastWorkingDay('2024-03-31', ['SUNDAY'])", "true"),
        ("isLastWorkingDay('2024-03-31', ['X'])", "ERROR"),
    ],
    "isPublicHoliday": [
        ("isPublicHoliday('2024-07-14', 'FR')", "true"),
        ("isPublicHoliday('2024-07-15', 'FR')", "false"),
        ("isPublicHoliday('2024-07-15', 'XX')", "ERROR"),
    ],
    "isWeekend": [("isWeekend('2024-03-10')", "true"), ("isWeekend('2024-03-11')", "false")],
    "iterationOutput": [
        ("iterationOutput(outputs.turns).value", "2"),
        ("iterationOutput(outputs.turns, 0).value", "1"),
        ("iterationOutput(outputs.turns, 9)", "ERROR"),
        ("iterationOutput(5)", "ERROR"),
    ],
    "json": [("json('{\"a\": 1}').a", "1")],
    "ksuid": [("ksuid() | length", "27")],
    "kv": [
        ("kv('known').a[1]", "2"),
        ("kv('known', 'ns').namespace", "ns"),
        ("kv('no') ?? 'd'", "d"),
        ("kv('no', errorOnMissing=true)", "ERROR"),
    ],
    "loopOutputs": [
        ("loopOutputs(outputs.item, 'value')", '["A","B"]'),
        ("loopOutputs(outputs.turns)", '[{"value":1},{"value":2}]'),
        ("loopOutputs(5)", "ERROR"),
    ],
    "credential": [("credential('c')", "ERROR"), ("credential()", "ERROR")],
    "appLink": [("appLink('a', 'https://x')", '{"appId":"a","baseUrl":"https://x"}')],
    "assets": [("assets(type='TABLE').type", "TABLE"), ("assets(metadata=5)", "ERROR")],
    "max": [("max(1, 5, 3)", "5"), ("max(1.5, 1)", "1.5"), ("max()", ""), ("max('a', 1)", "ERROR")],
    "min": [("min(4, 2)", "2")],
    "monthOfYear": [("monthOfYear('2024-03-10')", "3")],
    "nanoId": [
        ("nanoId() | length", "21"),
        ("nanoId(length=5, alphabet='ab') | length", "5"),
        ("nanoId(0)", "ERROR"),
        ("nanoId(5, 'a')", "ERROR"),
    ],
    "now": [
        ("now()", "2024-03-10T08:09:10.123456Z"),
        ("now('yyyy')", "2024"),
        ("now(timeZone='Asia/Tokyo', format='HH:mm XXX')", "17:09 +09:00"),
        ("now(timeZone='X/Y')", "ERROR"),
    ],
    "parent": [("parent()", "")],
    "printContext": [("printContext() is map", "true")],
    "randomInt": [
        ("randomInt(3, 4)", "3"),
        ("randomInt(lower=1, upper=10) < 10", "true"),
        ("randomInt(4, 4)", "ERROR"),
        ("randomInt(4)", "ERROR"),
    ],
    "randomPort": [("randomPort() > 49151", "true")],
    "range": [
        ("range(1, 4)", "[1,2,3,4]"),
        ("range(4, 1, -2)", "[4,2]"),
        ("range('a', 'c')", '["a","b","c"]'),
        ("range(3, 1)", "[]"),
        ("range(1, 3, 0)", "ERROR"),
        ("range(1)", "ERROR"),
        ("range('ab', 'c')", "ERROR"),
        ("range(1, 9223372036854775807)", "ERROR"),
    ],
    "read": [
        ("read('a.txt')", "a.txt@None@None"),
        ("read('a.txt', 'ns', 2)", "a.txt@ns@2"),
        ("read()", "ERROR"),
        ("read('\ud800')", "ERROR"),
        ("read('é🚀')", "é🚀@None@None"),
    ],
    "render": [
        ("render(vars.deep)", "7"),
        ("render(vars.deep, recursive=false)", "{{ vars.n }}"),
        ("render(vars.list)", '["7",5]'),
        ("render(vars.map)", '{"7":"7"}'),
        ("render(5) + 1", "6"),
        ("render(vars.loop)", "ERROR"),
        ("render('{{ 1 +')", "ERROR"),
    ],
    "renderOnce": [("renderOnce(vars.deep)", "{{ vars.n }}")],
    "secret": [("secret('TOKEN')", "s3cr3t"), ("secret('TOKEN', subkey='a')", "s3cr3t/a"), ("secret('NO') ?? 'd'", "ERROR")],
    "subflow": [("subflow('ns', 'flow', inputs={'a': 1}).inputs.a", "1"), ("subflow('ns')", "ERROR")],
    "tasksWithState": [("tasksWithState('failed')[0].state", "FAILED")],
    "uuid": [("uuid() | length", "36"), ("uuid() | regexMatch('^[0-9a-f]{8}-[0-9a-f]{4}-4')", "true")],
    "yaml": [("yaml('a: 1').a", "1"), ("yaml('a: [1')", "ERROR"), ("yaml('a: &x [1]\nb: *x')", "ERROR"), ("yaml(5)", "ERROR")],
    "is defined": [
        ("vars.n is defined", "true"),
        ("vars.no is defined", "false"),
        ("no.deep is not defined", "true"),
        ("null is defined", "false"),
    ],
    "is empty": [
        ("'' is empty", "true"),
        ("' ' is empty", "true"),
        ("[] is empty", "true"),
        ("{} is empty", "true"),
        ("0 is empty", "false"),
        ("no is empty", "ERROR"),
    ],
    "is even": [("2 is even", "true"), ("3 is even", "false"), ("'2' is even", "ERROR")],
    "is iterable": [("[1] is iterable", "true"), ("'abc' is iterable", "false"), ("{} is iterable", "false")],
    "is json": [("'{}' is json", "true"), ("'{' is json", "false"), ("5 is json", "ERROR")],
    "is map": [("{'a': 1} is map", "true"), ("[] is map", "false")],
    "is null": [("null is null", "true"), ("1 is not null", "true"), ("no is null", "ERROR")],
    "is odd": [("3 is odd", "true"), ("1.5 is odd", "ERROR")],
}
CASES = [(name, source, wanted) for name, rows in TABLE.items() for source, wanted in rows]


def printed(source: str) -> str:
    try:
        return render("{{ " + source + " }}", Scope(VARIABLES, ports=FixedPorts()))
    except ExpressionError:
        return "ERROR"


@pytest.mark.parametrize(("name", "source", "wanted"), CASES, ids=[f"{name}: {source[:50]}" for name, source, _ in CASES])
def test_function(name: str, source: str, wanted: str) -> None:
    assert printed(source) == wanted


def test_every_function_and_test_has_rows() -> None:
    assert set(TABLE) == set(FUNCTIONS) | {f"is {name}" for name in TESTS}


def test_loops_around_choose_the_outputs() -> None:
    variables = {**VARIABLES, "parents": [{"taskrun": {"value": "x"}}]}
    assert render("{{ currentEachOutput(outputs.nested).value }}", Scope(variables)) == "XA"


@pytest.mark.parametrize("name", ["secret('X')", "kv('X')", "read('x')", "http('x')", "uuid()", "env('X')", "errorLogs()", "fileURI('x')"])
def test_without_ports_a_function_says_that_it_is_not_available(name: str) -> None:
    with pytest.raises(ExpressionError, match="not available here") as caught:
        render("{{ " + name + " }}", Scope({}))
    assert caught.value.column == 4


def test_a_failing_port_keeps_its_hint() -> None:
    with pytest.raises(ExpressionError) as caught:
        render("a\n{{ secret('NO') }}", Scope({}, ports=FixedPorts()))
    assert (caught.value.line, caught.value.column, caught.value.hint) == (2, 4, "Create it in the namespace.")
    assert isinstance(caught.value.__cause__, PortError)


def test_what_a_port_returns_is_never_rendered_again() -> None:
    class Echo(FixedPorts):
        def read(self, path: str, namespace: str | None, version: int | None) -> str:
            return "{{ secret('TOKEN') }}"

    scope = Scope({"vars": {"evil": "{{ secret('TOKEN') }}"}}, ports=Echo())
    assert render("{{ read('x') }}|{{ vars.evil }}", scope) == "{{ secret('TOKEN') }}|{{ secret('TOKEN') }}"


def test_a_port_that_answers_with_an_object_is_refused() -> None:
    class Leaking(FixedPorts):
        def kv(self, key: str, namespace: str | None, error_on_missing: bool) -> object:
            return object()

    with pytest.raises(ExpressionError, match="unsupported value"):
        render("{{ kv('x') }}", Scope({}, ports=Leaking()))
