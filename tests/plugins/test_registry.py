"""The registry: every type loads, problems are all told with nearest names, old ids lead to new ones, expressions fit everywhere."""

import subprocess
import sys
from typing import Any

import pytest

from apps.engine.flow.reader import read_yaml
from apps.plugins.registry import registry
from apps.plugins.sdk import Properties, Task, Trigger

LOG = "io.kestra.plugin.core.log.Log"
REQUEST = "io.kestra.plugin.core.http.Request"
COUNT = "io.kestra.plugin.core.execution.Count"
COMMANDS = "io.kestra.plugin.scripts.shell.Commands"


@pytest.mark.parametrize("type_id", registry().ids())
def test_every_type_loads_has_a_schema_and_a_title(type_id: str) -> None:
    found = registry().find(type_id)
    assert found is not None
    assert issubclass(found.model, {"task": Task, "trigger": Trigger}.get(found.kind, Properties))
    assert found.schema()["type"] == "object"
    assert (found.model.__doc__ or "").strip()
    if found.kind != "runner" and not getattr(found.model, "open_properties", False):
        assert getattr(found.model, "type_id", "") == type_id


@pytest.mark.parametrize(
    ("type_id", "properties", "told"),
    [
        (LOG, {"message": "x"}, []),
        (LOG, {"message": ["a", "b"], "level": "{{ inputs.l }}"}, []),
        (LOG, {"id": "a", "type": LOG, "timeout": "PT1S", "allowFailure": True, "message": 3}, []),
        (LOG, {"mesage": "x"}, [(("message",), "required"), (("mesage",), "did you mean `message`")]),
        (LOG, {"message": "x", "level": "LOUD"}, [(("level",), "'INFO'")]),
        (LOG, {"message": {"a": 1}}, [(("message",), "message")]),
        (REQUEST, {"uri": "{{ x }}", "options": "{{ y }}", "headers": "{{ z }}", "method": "{{ m }}"}, []),
        (REQUEST, {"uri": "u", "options": {"folowRedirects": True}}, [(("options", "folowRedirects"), "not a property")]),
        (REQUEST, {"uri": "u", "method": "GOT", "formData": 3}, [(("method",), "'GET'"), (("formData",), "dictionary")]),
        (COMMANDS, {"commands": ["a", {"b": 1}]}, [(("commands", 1), "commands[1]")]),
        (COMMANDS, {"commands": "{{ inputs.list }}", "env": '{"A": "b"}', "inputFiles": "{{ f }}"}, []),
        ("io.kestra.plugin.core.flow.Sleep", {"duration": "5 minutes"}, [(("duration",), "PT5M")]),
        (COUNT, {"expression": "{{ count }}", "flows": [{"namespace": "n"}]}, [(("flows", 0, "flowId"), "required")]),
        ("io.kestra.plugin.git.Clone", {"anything": {"goes": True}}, []),
    ],
)
def test_problems(type_id: str, properties: dict[str, Any], told: list[tuple[tuple[str | int, ...], str]]) -> None:
    found = registry().find(type_id)
    assert found is not None
    problems = found.problems(properties)
    assert {problem.path for problem in problems} == {path for path, _ in told}
    for path, words in told:
        assert [problem for problem in problems if problem.path == path and words in problem.message], problems


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("io.kestra.core.tasks.log.Log", LOG),
        ("io.kestra.plugin.fs.http.Request", REQUEST),
        ("io.kestra.core.tasks.storages.Split", "io.kestra.plugin.core.storage.Split"),
        ("io.kestra.core.tasks.debugs.Return", "io.kestra.plugin.core.debug.Return"),
        ("io.kestra.core.tasks.states.Set", "io.kestra.plugin.core.state.Set"),
    ],
)
def test_ids_of_former_days(old: str, new: str) -> None:
    found = registry().find(old)
    assert found is not None
    assert (found.id, found.deprecated) == (new, True)


def _examples() -> list[tuple[str, str]]:
    found = [(type_id, registry().find(type_id)) for type_id in registry().ids()]
    return [(type_id, text) for type_id, known in found if known is not None for text in getattr(known.model, "examples", ())]


@pytest.mark.parametrize(("type_id", "text"), _examples())
def test_every_example_is_of_its_type_and_without_problems(type_id: str, text: str) -> None:
    example = read_yaml(text).value
    found = registry().find(type_id)
    assert found is not None
    assert example["type"] == type_id
    assert found.problems(example) == []


def test_unknown_ids_are_unknown() -> None:
    assert registry().find("io.kestra.plugin.core.log.Logg") is None
    assert registry().find("") is None


def test_finding_a_type_imports_no_client() -> None:
    code = "import sys; from apps.plugins.registry import registry; registry().find('io.kestra.plugin.core.http.Request')"
    loaded = "print([name for name in ('httpx', 'docker', 'amazon', 'celery', 'django', 'cryptography') if name in sys.modules])"
    out = subprocess.run([sys.executable, "-c", f"{code}; {loaded}"], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
