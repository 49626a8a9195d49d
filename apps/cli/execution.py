"""`penstock execution …`: run, follow, list and kill executions."""

import json
import sys
import time
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from apps.cli.client import Api, api_command
from apps.cli.output import Format, console, fail, show, styled

app = typer.Typer(no_args_is_help=True)

TERMINAL = {"SUCCESS", "WARNING", "FAILED", "KILLED", "CANCELLED", "RETRIED", "SKIPPED"}
GOOD = {"SUCCESS", "WARNING", "SKIPPED"}
ExecutionArgument = Annotated[str, typer.Argument(help="The execution's id.")]


def pairs(values: list[str], option: str) -> list[tuple[str, str]]:
    """`name=value` texts, taken apart."""
    for value in values:
        if "=" not in value:
            fail(f"{option} needs name=value, not '{value}'")
    return [(name, text) for name, _, text in (value.partition("=") for value in values)]


@api_command(app)
def run(
    api: Api,
    namespace: str,
    flow_id: str,
    inputs: Annotated[list[str], typer.Option("--input", "-i", help="An input as name=value; may be repeated.")] = [],  # noqa: B006
    files: Annotated[list[str], typer.Option("--file", "-f", help="A FILE input as name=path; may be repeated.")] = [],  # noqa: B006
    label: Annotated[list[str], typer.Option("--label", "-l", help="A label as key=value; may be repeated.")] = [],  # noqa: B006
    revision: Annotated[int, typer.Option(help="A revision; the latest without it.")] = 0,
    follow: Annotated[bool, typer.Option("--follow", help="Watch until the end; the exit code is 0 only for SUCCESS and WARNING.")] = False,
) -> None:
    """Starts an execution."""
    params: list[tuple[str, Any]] = [("labels", f"{key}:{value}") for key, value in pairs(label, "--label")]
    parts: list[tuple[str, Any]] = [(name, (None, value)) for name, value in pairs(inputs, "--input")]
    parts += [("files", (name, Path(path).read_bytes())) for name, path in pairs(files, "--file")]
    options: dict[str, Any] = {"params": params + ([("revision", revision)] if revision else [])}
    execution = api.json("POST", f"/executions/{namespace}/{flow_id}", files=parts or None, **options)
    if follow:
        raise typer.Exit(follow_execution(api, execution["id"]))
    show([execution], api.output, COLUMNS) if api.output is Format.TABLE else show(execution, api.output)


@api_command(app)
def follow(
    api: Api,
    execution_id: ExecutionArgument,
) -> None:
    """Watches an execution until its end."""
    raise typer.Exit(follow_execution(api, execution_id))


def follow_execution(api: Api, execution_id: str) -> int:
    """Prints log lines as they come, with a progress bar on a terminal; the exit code is the execution's end."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    seen = 0
    with Progress(*columns, console=console(), disable=not sys.stdout.isatty(), transient=True) as progress:
        bar = progress.add_task(execution_id, total=None)
        while True:
            execution = api.json("GET", f"/executions/{execution_id}")
            state = execution["state"]["current"]
            runs = execution.get("taskRunList") or []
            ended = sum(run["state"]["current"] in TERMINAL for run in runs)
            progress.update(bar, description=f"{execution['flowId']} {state}", completed=ended, total=max(len(runs), 1))
            seen = print_new_lines(api, execution_id, seen)
            if state in TERMINAL:
                break
            time.sleep(0.3)
    console().print(styled(state), execution_id)
    return 0 if state in GOOD else 1


def print_new_lines(api: Api, execution_id: str, seen: int) -> int:
    """Prints the lines after the first `seen`; gives how many there are now."""
    lines = api.json("GET", f"/logs/{execution_id}")
    for line in lines[seen:]:
        console().print(line["timestamp"][11:23], styled(line["level"]), line.get("taskId") or "", line.get("message") or "", markup=False)
    return max(seen, len(lines))


@api_command(app)
def logs(
    api: Api,
    execution_id: ExecutionArgument,
    min_level: Annotated[str, typer.Option(help="TRACE, DEBUG, INFO, WARN or ERROR.")] = "INFO",
) -> None:
    """Prints an execution's log lines."""
    lines = api.json("GET", f"/logs/{execution_id}", params={"minLevel": min_level})
    show(
        lines,
        api.output,
        {"TIME": lambda x: x["timestamp"], "LEVEL": lambda x: x["level"], "TASK": lambda x: x.get("taskId"), "MESSAGE": message},
    )


def message(line: dict[str, Any]) -> str:
    """A line's text."""
    return str(line.get("message") or "")


@api_command(app, "list")
def list_executions(
    api: Api,
    namespace: Annotated[str, typer.Option(help="Only this namespace and its children.")] = "",
    flow: Annotated[str, typer.Option(help="Only this flow.")] = "",
    state: Annotated[list[str], typer.Option(help="Only these states.")] = [],  # noqa: B006
    limit: Annotated[int, typer.Option(help="At most so many, the latest first.")] = 25,
) -> None:
    """Lists executions."""
    params = {"namespace": namespace, "flowId": flow, "state": state, "sort": "state.startDate:desc"}
    show(api.pages("/executions/search", {k: v for k, v in params.items() if v}, limit), api.output, COLUMNS)


@api_command(app)
def kill(
    api: Api,
    execution_id: ExecutionArgument,
) -> None:
    """Kills an execution and the ones that it started."""
    api.call("DELETE", f"/executions/{execution_id}/kill")
    console().print(f"{execution_id} is being killed")


@api_command(app)
def get(
    api: Api,
    execution_id: ExecutionArgument,
) -> None:
    """Prints an execution."""
    execution = api.json("GET", f"/executions/{execution_id}")
    show([execution], api.output, COLUMNS) if api.output is Format.TABLE else show(execution, api.output)


def inputs_of(execution: dict[str, Any]) -> str:
    """Inputs in short."""
    return json.dumps(execution["inputs"])[:60] if execution.get("inputs") else ""


COLUMNS = {
    "ID": lambda e: e["id"],
    "NAMESPACE": lambda e: e["namespace"],
    "FLOW": lambda e: e["flowId"],
    "STATE": lambda e: e["state"]["current"],
    "STARTED": lambda e: e["state"].get("startDate"),
    "DURATION": lambda e: e["state"].get("duration"),
    "INPUTS": inputs_of,
}
