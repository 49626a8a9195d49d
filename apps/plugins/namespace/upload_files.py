"""`io.kestra.plugin.core.namespace.UploadFiles`: writes files of a namespace."""

from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from apps.plugins.scripts.files import STORED, file_map
from apps.plugins.scripts.globs import matches_any
from apps.plugins.sdk import Outputs, RunContext, Task, TaskFailure, java_text


class UploadFiles(Task):
    """Write files into a namespace."""

    type_id = "io.kestra.plugin.core.namespace.UploadFiles"

    namespace: str | None = Field(default=None, description="The namespace; the flow's by default.")
    files: list[str] | None = Field(default=None, description="Patterns over the working directory, or stored files.")
    files_map: dict[str, Any] | str | None = Field(default=None, description="Path in the namespace to stored file or text.")
    destination: str = Field(default="/", description="Stands before every path; end it with a slash for a folder.")
    conflict: Literal["OVERWRITE", "SKIP", "ERROR"] = Field(default="OVERWRITE", description="What to do with files that exist.")

    def run(self, context: RunContext) -> Outputs:
        """Writes every file."""
        for path, content in [*self._mapped(context), *self._listed(context)]:
            self._write(context, path, content)
        return {}

    def _mapped(self, context: RunContext) -> list[tuple[str, bytes]]:
        if self.files_map is None:
            return []
        found = file_map(self.files_map)
        return [(name, _content(context, java_text(value))) for name, value in found.items() if value is not None]

    def _listed(self, context: RunContext) -> list[tuple[str, bytes]]:
        stored = [item for item in self.files or () if STORED.fullmatch(item.strip())]
        patterns = [item.removeprefix("./") for item in self.files or () if item not in stored]
        named = [(uri.rsplit("/", 1)[-1], context.storage.read(uri.strip())) for uri in stored]
        root: Path | None = context.working_dir if patterns else None
        local = [path for path in sorted(root.rglob("*")) if path.is_file()] if root is not None else []
        chosen = [(path.relative_to(root).as_posix(), path) for path in local if root is not None]
        return [*named, *((name, path.read_bytes()) for name, path in chosen if matches_any(name, patterns))]

    def _write(self, context: RunContext, name: str, content: bytes) -> None:
        path = "/" + f"{self.destination}{name}".lstrip("/")
        if ".." in path.split("/"):
            raise TaskFailure(f"'{path}' is no path of a namespace file: it must not contain '..'", retry=False)
        if self.conflict != "OVERWRITE" and context.namespace_files.exists(path, self.namespace):
            if self.conflict == "SKIP":
                context.logger.debug(f"File '{path}' exists and is skipped")
                return
            where = self.namespace or context.run.namespace
            raise TaskFailure(f"File '{path}' already exists in namespace '{where}' and conflict is set to ERROR")
        context.namespace_files.write(path, content, self.namespace)
        context.logger.debug(f"File '{path}' was written")


def _content(context: RunContext, value: str) -> bytes:
    return context.storage.read(value.strip()) if STORED.fullmatch(value.strip()) else value.encode()
