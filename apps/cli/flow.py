"""`penstock flow …`: validate, create, update, list, export, expand and deploy flows."""

import re
from pathlib import Path
from typing import Annotated, Any

import typer

from apps.cli.client import Api, api_command
from apps.cli.output import console, fail, show

app = typer.Typer(no_args_is_help=True)
namespace_app = typer.Typer(no_args_is_help=True)
app.add_typer(namespace_app, name="namespace", help="All flows of a namespace.")

YAML = {"Content-Type": "application/x-yaml"}
INCLUDE = re.compile(r"\[\[>\s*(?P<path>[^\]]+?)\s*]]")
MAX_DEPTH = 10
PathArgument = Annotated[Path, typer.Argument(exists=True, help="A YAML file or a folder of them.")]


def sources(path: Path) -> list[tuple[Path, str]]:
    """The flows of a file or folder, their includes resolved."""
    files = [path] if path.is_file() else sorted(f for f in path.rglob("*") if f.suffix in (".yml", ".yaml"))
    if not files:
        fail(f"there is no .yml or .yaml file in {path}")
    return [(file, expand_includes(file.read_text(), file.parent)) for file in files]


def expand_includes(text: str, folder: Path, depth: int = 0) -> str:
    """`[[> file]]` replaced by the file, recursively; the include keeps the indentation of its line."""
    if depth > MAX_DEPTH:
        fail(f"includes in {folder} are nested deeper than {MAX_DEPTH}: does a file include itself?")

    def replacement(match: re.Match[str]) -> str:
        target = (folder / match["path"]) if not match["path"].startswith("/") else Path(match["path"])
        if not target.is_file():
            fail(f"the included file {target} does not exist")
        line_start = text.rfind("\n", 0, match.start()) + 1
        indent = " " * (len(text[line_start : match.start()]) - len(text[line_start : match.start()].lstrip()))
        return expand_includes(target.read_text().rstrip("\n"), target.parent, depth + 1).replace("\n", "\n" + indent)

    return INCLUDE.sub(replacement, text)


@api_command(app)
def validate(
    api: Api,
    path: PathArgument,
) -> None:
    """Says everything that is wrong with flows; exit code 1 when something is."""
    wrong = 0
    for file, source in sources(path):
        found = api.json("POST", "/flows/validate", content=source.encode(), headers=YAML)
        constraints = [entry["constraints"] for entry in found if entry.get("constraints")]
        wrong += bool(constraints)
        console().print(f"[red]✗[/red] {file}\n    " + "\n    ".join(constraints) if constraints else f"[green]✓[/green] {file}")
    raise typer.Exit(1 if wrong else 0)


@app.command()
def expand(path: PathArgument) -> None:
    """Prints flows with their includes resolved."""
    for _, source in sources(path):
        typer.echo(source)


@api_command(app)
def create(
    api: Api,
    path: PathArgument,
) -> None:
    """Creates flows."""
    created = [api.json("POST", "/flows", content=source.encode(), headers=YAML) for _, source in sources(path)]
    show(created, api.output, COLUMNS)


@api_command(app)
def update(
    api: Api,
    path: PathArgument,
) -> None:
    """Updates flows, and creates those that are new."""
    saved = []
    for _, source in sources(path):
        answer = api.call("POST", "/flows", content=source.encode(), headers=YAML, allow=(409, 422))
        if answer.status_code in (409, 422):
            namespace, flow_id = (top_level(source, key) for key in ("namespace", "id"))
            answer = api.call("PUT", f"/flows/{namespace}/{flow_id}", content=source.encode(), headers=YAML)
        saved.append(answer.json())
    show(saved, api.output, COLUMNS)


def top_level(source: str, key: str) -> str:
    """A top-level value of a flow's source; the server judges the whole."""
    match = re.search(rf"^{key}\s*:\s*[\"']?([\w.-]+)", source, re.MULTILINE)
    return match[1] if match else "_"


@api_command(app, "list")
def list_flows(
    api: Api,
    namespace: Annotated[str, typer.Option(help="Only this namespace and its children.")] = "",
    q: Annotated[str, typer.Option("--query", "-q", help="Text to look for.")] = "",
    limit: Annotated[int, typer.Option(help="At most so many.")] = 100,
) -> None:
    """Lists flows."""
    params = {name: value for name, value in {"namespace": namespace, "q": q, "sort": "id:asc"}.items() if value}
    show(api.pages("/flows/search", params, limit), api.output, COLUMNS)


@api_command(app)
def export(
    api: Api,
    namespace: str,
    flow_id: str,
) -> None:
    """Prints a flow's source."""
    typer.echo(api.json("GET", f"/flows/{namespace}/{flow_id}", params={"source": "true"})["source"])


@api_command(namespace_app, "update")
def update_namespace(
    api: Api,
    namespace: str,
    path: PathArgument,
    delete: Annotated[bool, typer.Option("--delete/--no-delete", help="Delete flows of the namespace that are not in the folder.")] = False,
) -> None:
    """Makes a namespace's flows those of a folder."""
    body = "\n---\n".join(source for _, source in sources(path))
    show(api.json("POST", f"/flows/{namespace}", content=body.encode(), headers=YAML, params={"delete": delete}), api.output, COLUMNS)


def labels(flow: dict[str, Any]) -> str:
    """Labels as key:value."""
    return " ".join(f"{label['key']}:{label['value']}" for label in flow.get("labels") or [])


COLUMNS = {
    "NAMESPACE": lambda flow: flow["namespace"],
    "ID": lambda flow: flow["id"],
    "REVISION": lambda flow: flow.get("revision"),
    "LABELS": labels,
    "DISABLED": lambda flow: "yes" if flow.get("disabled") else "",
}
