"""Storage URIs: `kestra:///` and a path inside the tenant; read and made here only."""

from urllib.parse import unquote

from apps.common.exceptions import Invalid

SCHEME = "kestra://"
MAX_PATH = 2000
MAX_NAME = 255


def uri_of(*parts: str) -> str:
    """The URI of a path given in parts, each of which may hold slashes."""
    return f"{SCHEME}/" + "/".join(clean_parts("/".join(parts)))


def path_of(uri: str) -> tuple[str, ...]:
    """The path that `uri` names, as its parts; Invalid for another scheme, a host, `..` and whatever else could lead astray.

    A URI is not percent-encoded: names may hold spaces and `%`. A caller that takes it from a query has it decoded once by then.
    """
    if not uri.startswith(f"{SCHEME}/"):
        raise Invalid(f"'{shown(uri)}' is no file of the internal storage: such a URI begins with kestra:///.")
    return clean_parts(uri[len(SCHEME) :])


def clean_parts(path: str) -> tuple[str, ...]:
    """The parts of a path with empty ones dropped; Invalid for an unsafe one."""
    parts = tuple(part for part in path.split("/") if part)
    if not parts or len(path) > MAX_PATH:
        raise Invalid(f"'{shown(path)}' is no path of a file: give one of 1 to {MAX_PATH} characters.")
    for part in parts:
        check_part(part, path)
    return parts


def check_part(part: str, path: str) -> None:
    """Refuses what a file system or an object store could read as something else than a name."""
    if part in (".", "..") or unquote(part) in (".", "..") or any(ord(c) < 32 or c == "\\" or c == "\x7f" for c in part):
        raise Invalid(f"The path '{shown(path)}' is not allowed: it may not hold '.', '..', backslashes or control characters as names.")
    if len(part.encode("utf-8", "replace")) > MAX_NAME:
        raise Invalid(f"A name in the path '{shown(path)}' is longer than {MAX_NAME} bytes.")


def shown(text: str) -> str:
    """`text` short and printable, for messages."""
    return "".join(c if c.isprintable() else "?" for c in text[:200])


def flow_prefix(namespace: str, flow_id: str) -> str:
    """Below it lie all files of a flow's executions."""
    return uri_of(namespace.replace(".", "/"), flow_id, "executions")


def execution_prefix(namespace: str, flow_id: str, execution_id: str) -> str:
    """Below it lie all files of an execution."""
    return uri_of(namespace.replace(".", "/"), flow_id, "executions", execution_id)


def input_uri(namespace: str, flow_id: str, execution_id: str, input_id: str, name: str) -> str:
    """Where the file of a FILE input lies."""
    return uri_of(namespace.replace(".", "/"), flow_id, "executions", execution_id, "inputs", input_id, plain_name(name))


def task_run_uri(namespace: str, flow_id: str, execution_id: str, task_id: str, task_run_id: str, name: str) -> str:
    """Where a file lies that a task run has stored."""
    return uri_of(namespace.replace(".", "/"), flow_id, "executions", execution_id, "tasks", task_id, task_run_id, plain_name(name))


def plain_name(name: str) -> str:
    """The last part of a file name that a client sent, made safe; never empty."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(c for c in last if ord(c) >= 32 and c != "\x7f").strip()
    while len(kept.encode()) > MAX_NAME:
        kept = kept[1:]
    return "file" if kept in ("", ".", "..") or unquote(kept) in (".", "..") else kept


def extension_of(name: str) -> str:
    """`.csv` of `report.csv`, or nothing; only short plain ones."""
    last = name.rsplit("/", 1)[-1]
    _, dot, extension = last.rpartition(".")
    return f".{extension}" if dot and 0 < len(extension) <= 20 and extension.isalnum() else ""


def cache_uri(namespace: str, flow_id: str, name: str) -> str:
    """Where a WorkingDirectory keeps its cache between executions."""
    return uri_of(namespace.replace(".", "/"), flow_id, "_caches", plain_name(name))


def namespaces_of(uri: str) -> set[str]:
    """The namespaces that a file may belong to; several where the names of folders leave a doubt, none for an unknown place."""
    parts = path_of(uri)
    found = {".".join(parts[: at - 1]) for at, part in enumerate(parts) if part in ("executions", "_caches") and at >= 2}
    return found | {".".join(parts[:at]) for at, part in enumerate(parts) if part == "_files" and at >= 1}
