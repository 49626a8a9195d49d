"""One job: children in turn in one directory, its files in and out, its cache."""

from typing import Any

from apps.engine.messages import ChildJob, JobKind
from apps.engine.state import State
from tests.workers.fake_gateway import FakeGateway

SHELL = "io.kestra.plugin.scripts.shell.Commands"
RETURN = "io.kestra.plugin.core.debug.Return"


def child(task_id: str, **task: Any) -> ChildJob:
    return ChildJob(f"run-{task_id}", {"id": task_id, **task})


def shell(task_id: str, *commands: str, **more: Any) -> ChildJob:
    return child(task_id, type=SHELL, commands=list(commands), **more)


def directory(run: Any, *children: ChildJob, variables: dict[str, Any] | None = None, **task: Any) -> Any:
    definition = {"id": "wd", "type": "io.kestra.plugin.core.flow.WorkingDirectory", **task}
    return run(definition, variables, kind=JobKind.WORKING_DIRECTORY, children=children)


def test_children_share_the_directory_and_see_each_others_outputs(run: Any, gateway: FakeGateway) -> None:
    result = directory(
        run,
        shell("write", "cat given.txt > made.txt", "echo ' and more' >> made.txt", 'echo \'::{"outputs":{"n":7}}::\''),
        shell("readback", "cat made.txt", "echo {{ outputs.write.vars.n }} {{ taskrun.id }} {{ task.id }} {{ tasks.write.state }}"),
        inputFiles={"given.txt": "given to {{ flow.id }}"},
        outputFiles=["made.txt"],
    )
    assert result.state is State.SUCCESS
    assert gateway.files[result.outputs["outputFiles"]["made.txt"]] == b"given to main and more\n"
    assert [line for level, line in gateway.lines("run-readback") if level == "INFO"] == [
        "given to main and more",
        "7 run-readback readback SUCCESS",
    ]
    assert [(one.task_run_id, one.state) for one in result.children] == [("run-write", State.SUCCESS), ("run-readback", State.SUCCESS)]
    states = [(progress.children[0].task_run_id, progress.children[0].state) for progress in gateway.progress]
    assert states[:2] == [("run-write", State.RUNNING), ("run-write", State.SUCCESS)]


def test_a_failed_child_ends_the_directory_unless_it_is_allowed_to(run: Any) -> None:
    result = directory(run, shell("bad", "exit 3"), shell("never", "true"))
    assert (result.state, len(result.children)) == (State.FAILED, 1)
    result = directory(run, shell("bad", "exit 3", allowFailure=True), shell("next", "true"))
    assert (result.state, [one.state for one in result.children]) == (State.WARNING, [State.FAILED, State.SUCCESS])


def test_a_skipped_child_is_passed_over(run: Any) -> None:
    result = directory(run, shell("off", "true", runIf="{{ false }}"), shell("on", "true"))
    assert [one.state for one in result.children] == [State.SKIPPED, State.SUCCESS]
    assert result.state is State.SUCCESS


def test_outputs_inside_loops_lie_below_the_loops_values(run: Any, gateway: FakeGateway) -> None:
    variables = {"taskrun": {"id": "x", "value": "b"}, "parents": [{"taskrun": {"value": "a"}}]}
    directory(
        run,
        child("one", type=RETURN, format="v"),
        shell("two", "echo {{ outputs.one.a.b.value }} {{ parent.taskrun.value }}"),
        variables=variables,
    )
    assert ("INFO", "v b") in gateway.lines("run-two")


def test_the_cache_is_restored_before_and_saved_after(run: Any, gateway: FakeGateway) -> None:
    cache = {"patterns": ["deps/**", "one.txt"], "ttl": "PT1H"}
    make = shell("make", "ls", "mkdir -p deps/x", "echo made > deps/x/file", "echo 1 > one.txt", "echo 2 > two.txt")
    assert directory(run, make, cache=cache).state is State.SUCCESS
    assert set(gateway.cache) == {"wd"}
    saved = gateway.cache["wd"]
    directory(run, shell("look", "find . -type f | sort"), cache=cache)
    assert [line for level, line in gateway.lines("run-look") if level == "INFO"] == ["./deps/x/file", "./one.txt"]
    assert gateway.cache["wd"] is saved


def test_children_that_keep_files_of_the_same_name_do_not_clash(run: Any, gateway: FakeGateway) -> None:
    one, two = shell("one", "echo 1 > f.txt", outputFiles=["f.txt"]), shell("two", "echo 2 > f.txt", outputFiles=["f.txt"])
    result = directory(run, one, two)
    contents = [gateway.files[end.outputs["outputFiles"]["f.txt"]] for end in result.children]
    assert contents == [b"1\n", b"2\n"]


def test_what_cannot_be_prepared_fails_the_job_before_any_child(run: Any) -> None:
    result = directory(run, shell("never", "true"), inputFiles={"../../up": "x"})
    assert (result.state, result.children) == (State.FAILED, ())
    assert "out of the working directory" in (result.error or "")


def test_a_timeout_of_the_directory_stops_the_child(run: Any) -> None:
    result = directory(run, shell("long", "sleep 21.21"), shell("never", "true"), timeout="PT0.3S")
    assert result.state is State.FAILED
    assert (result.error or "").startswith("Timeout after")
