"""Files into and out of a working directory: inputFiles, namespaceFiles, outputFiles, and stored files named in commands."""

import re
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec

from apps.plugins.scripts.globs import matches_any, select_namespace_files
from apps.plugins.sdk import Properties, RunContext, TaskFailure, java_text

STORED = re.compile(r"kestra://[-a-zA-Z0-9%._+~#=/]*")
NAMESPACE_FILE = "nsfile://"


class NamespaceFilesOption(Properties):
    """Which namespace files to put into the working directory."""

    enabled: bool = True
    include: list[str] | None = None
    exclude: list[str] | None = None
    namespaces: list[str] | None = None
    if_exists: Literal["OVERWRITE", "FAIL", "WARN", "IGNORE"] = "OVERWRITE"
    folder_per_namespace: bool = False


def file_map(value: Any) -> dict[str, Any]:
    """`inputFiles` as a map of path to content: a map, JSON text, or a list of stored files, which keep their names."""
    if isinstance(value, str):
        try:
            value = msgspec.json.decode(value)
        except msgspec.DecodeError:
            raise TaskFailure("inputFiles is neither a map of paths to contents nor JSON text of one", retry=False) from None
    if isinstance(value, list):
        return {str(item).rsplit("/", 1)[-1]: item for item in value}
    if not isinstance(value, dict):
        raise TaskFailure("inputFiles must be a map of paths to contents, a list of stored files, or JSON text of one of them", retry=False)
    return value


def place(directory: Path, name: str, *, confine: Path) -> Path:
    """Where file `name` goes; a path that leaves `confine` is refused."""
    relative = name.lstrip("/")
    target = (directory / relative).resolve()
    if not relative or not target.is_relative_to(confine.resolve()) or target == directory.resolve():
        raise TaskFailure(f"'{name}' leads out of the working directory; give a relative path without '..'", retry=False)
    return target


def write_input_files(context: RunContext, directory: Path, files: Mapping[str, Any], *, confine: Path) -> list[Path]:
    """Writes every file; content is text, or the URI of a stored or namespace file."""
    written = []
    for name, content in files.items():
        if content is None:
            continue
        target = place(directory, name, confine=confine)
        target.parent.mkdir(parents=True, exist_ok=True)
        fetch(context, java_text(content), target)
        written.append(target)
    return written


def fetch(context: RunContext, content: str, target: Path) -> None:
    """Puts text, or what a URI names, into `target`."""
    text = content.strip()
    if STORED.fullmatch(text):
        with context.storage.open(text) as stored, target.open("wb") as file:
            shutil.copyfileobj(stored, file)
    elif text.startswith(NAMESPACE_FILE):
        target.write_bytes(context.namespace_files.read("/" + text.removeprefix(NAMESPACE_FILE).lstrip("/")))
    else:
        target.write_text(content)


def write_namespace_files(context: RunContext, directory: Path, option: NamespaceFilesOption) -> list[str]:
    """Puts the chosen namespace files into the directory; of equal paths the later namespace wins, the flow's own comes last."""
    if not option.enabled:
        return []
    own = context.run.namespace
    namespaces = option.namespaces or [own]
    written: dict[str, None] = {}
    for namespace in namespaces if own in namespaces else [*namespaces, own]:
        for path in select_namespace_files(context.namespace_files.list(namespace), option.include, option.exclude):
            name = f"{namespace}/{path.lstrip('/')}" if option.folder_per_namespace else path
            if _may_write(context, place(directory, name, confine=directory), option):
                target = place(directory, name, confine=directory)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(context.namespace_files.read(path, namespace))
                written[path] = None
    return list(written)


def _may_write(context: RunContext, target: Path, option: NamespaceFilesOption) -> bool:
    if not target.exists() or option.if_exists == "OVERWRITE":
        return True
    if option.if_exists == "FAIL":
        raise TaskFailure(f"namespace file '{target.name}' is already in the working directory and ifExists is FAIL")
    if option.if_exists == "WARN":
        context.logger.warn(f"namespace file '{target.name}' is already in the working directory and was left as it is")
    return False


def replace_stored(context: RunContext, text: str, directory: Path, seen_as: str) -> str:
    """`text` with every stored file that it names fetched into the directory and called by its path there."""
    local: dict[str, str] = {}

    def bring(match: re.Match[str]) -> str:
        uri = match.group(0)
        if uri not in local:
            name = f".penstock/{len(local)}-{uri.rsplit('/', 1)[-1] or 'file'}"
            target = directory / name
            target.parent.mkdir(parents=True, exist_ok=True)
            while target.exists():
                target = target.with_name("_" + target.name)
            fetch(context, uri, target)
            local[uri] = f"{seen_as}/.penstock/{target.name}"
        return local[uri]

    return STORED.sub(bring, text)


def store_output_files(context: RunContext, directory: Path, globs: Iterable[str]) -> dict[str, str]:
    """Stores the files that match; their paths to their URIs."""
    wanted = [glob.removeprefix("./") for glob in globs]
    if not wanted:
        return {}
    stored = {}
    for path in _files(directory):
        name = path.relative_to(directory).as_posix()
        if matches_any(name, wanted):
            stored[name] = context.storage.put(path, name)
    return stored


def store_directory(context: RunContext, directory: Path) -> dict[str, str]:
    """Stores every file of a directory."""
    found = {path.relative_to(directory).as_posix(): path for path in _files(directory)}
    return {name: context.storage.put(path, f"{directory.name}/{name}") for name, path in found.items()}


def _files(directory: Path) -> list[Path]:
    """Plain files below, links that lead out left aside."""
    root = directory.resolve()
    return sorted(path for path in directory.rglob("*") if path.is_file() and path.resolve().is_relative_to(root))
