"""`penstock namespace …`: namespace files."""

from pathlib import Path
from typing import Annotated

import typer

from apps.cli.client import Api, api_command
from apps.cli.output import console

app = typer.Typer(no_args_is_help=True)
files_app = typer.Typer(no_args_is_help=True)
app.add_typer(files_app, name="files", help="Files of a namespace.")


@api_command(files_app, "update")
def update_files(
    api: Api,
    namespace: str,
    local: Annotated[Path, typer.Argument(exists=True, help="A file or folder.")],
    remote: Annotated[str, typer.Argument(help="Where to put it in the namespace.")] = "",
    delete: Annotated[bool, typer.Option("--delete/--no-delete", help="Delete remote files that are not in the folder.")] = False,
) -> None:
    """Uploads a folder to a namespace's files."""
    root = remote.strip("/.")
    wanted = {target(root, local, file): file for file in local_files(local)}
    for path, file in wanted.items():
        upload(api, namespace, path, file)
        console().print(f"{file} → {path}")
    if delete:
        remove_others(api, namespace, f"/{root}" if root else "/", set(wanted))


def local_files(local: Path) -> list[Path]:
    """The file itself, or all files of the folder without version control's."""
    if local.is_file():
        return [local]
    return sorted(f for f in local.rglob("*") if f.is_file() and ".git" not in f.relative_to(local).parts)


def target(root: str, local: Path, file: Path) -> str:
    """The remote path of a local file."""
    relative = file.name if local.is_file() else file.relative_to(local).as_posix()
    return f"/{root}/{relative}" if root else f"/{relative}"


def upload(api: Api, namespace: str, path: str, file: Path) -> None:
    """One file, as a stream."""
    with file.open("rb") as content:
        parts = {"fileContent": (file.name, content, "application/octet-stream")}
        api.call("POST", f"/namespaces/{namespace}/files", params={"path": path}, files=parts)


def remove_others(api: Api, namespace: str, folder: str, keep: set[str]) -> None:
    """Deletes what lies below `folder` and is not in `keep`."""
    answer = api.call("GET", f"/namespaces/{namespace}/files/search", params={"q": ""}, allow=(404,))
    for path in answer.json() if answer.status_code == 200 else []:
        remote = "/" + path.lstrip("/")
        if remote.startswith(folder) and remote not in keep and not remote.endswith("/"):
            api.call("DELETE", f"/namespaces/{namespace}/files", params={"path": remote})
            console().print(f"deleted {remote}")
