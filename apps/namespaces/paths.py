"""Paths of namespace files: absolute, `/dir/name`, the root is `/`."""

from apps.common.exceptions import Invalid
from apps.storage.uris import clean_parts

MAX_PATH = 900
FLOWS_FOLDER = "_flows"
"""The folder of a namespace's archive that holds its flows; no file may lie there."""


def clean_path(path: str) -> str:
    """The one spelling of a path; Invalid for `..` and the like, and for the folder of the flows."""
    if not path.strip("/"):
        return "/"
    if len(path) > MAX_PATH:
        raise Invalid(f"Illegal argument: the path is longer than {MAX_PATH} characters.")
    parts = clean_parts(path)
    if parts[0] == FLOWS_FOLDER:
        raise Invalid(f"Illegal argument: Forbidden path: /{'/'.join(parts)}")
    return "/" + "/".join(parts)


def parent_of(path: str) -> str:
    """The folder that a path lies in."""
    return path.rpartition("/")[0] or "/"


def name_of(path: str) -> str:
    """The last part of a path; the root is shown as `_files`."""
    return path.rpartition("/")[2] or "_files"


def below(path: str) -> str:
    """What the paths of everything in a folder begin with."""
    return "/" if path == "/" else f"{path}/"


def folders_of(path: str) -> list[str]:
    """The folders above a path, from the top, without the root."""
    parts = path.split("/")[1:-1]
    return ["/" + "/".join(parts[: end + 1]) for end in range(len(parts))]
