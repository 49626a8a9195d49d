"""`io.kestra.plugin.core.http.Download`: downloads an address into internal storage."""

import shutil
import tempfile
from email.message import Message
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

import httpx
from pydantic import Field

from apps.plugins.http.call import HttpCall, header_lists
from apps.plugins.sdk import Outputs, RunContext, Task, TaskFailure


class Download(HttpCall, Task):
    """Download a file over HTTP."""

    type_id = "io.kestra.plugin.core.http.Download"
    examples = (
        """id: file
type: io.kestra.plugin.core.http.Download
uri: https://example.com/data.csv
""",
    )
    aliases = ("io.kestra.plugin.fs.http.Download",)
    outputs = {"uri": "The stored file.", "code": "The status.", "length": "Its size in bytes.", "headers": "The answer's headers."}

    fail_on_empty_response: bool = Field(default=True, description="Fails when the answer has no content.")
    save_as: str | None = Field(default=None, description="The file's name in internal storage.")

    def run(self, context: RunContext) -> Outputs:
        """Streams the body to a file of the run, then to storage."""
        folder = Path(tempfile.mkdtemp(prefix="penstock-download-"))
        try:
            return self._download(context, folder / "body")
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _download(self, context: RunContext, target: Path) -> dict[str, Any]:
        with self.response(context) as answer:
            if self.refuses(answer.status_code):
                raise self.failure(answer, answer.read())
            length = _save(answer, target)
            name = self.save_as or _name(answer, self.uri)
            if not length:
                return self._empty(context, target, name)
            uri = context.storage.put(target, name)
            context.metric("response.length", length)
            return {"uri": uri, "code": answer.status_code, "length": length, "headers": header_lists(answer)}

    def _empty(self, context: RunContext, target: Path, name: str) -> dict[str, Any]:
        if self.fail_on_empty_response:
            raise TaskFailure(f"No response from server: {self.uri} answered with no content (failOnEmptyResponse: false allows it)")
        context.logger.warn(f"File '{self.uri}' is empty")
        return {"uri": context.storage.put(target, name), "length": 0}


def _save(answer: httpx.Response, target: Path) -> int:
    length = 0
    with target.open("wb") as file:
        for piece in answer.iter_bytes():
            file.write(piece)
            length += len(piece)
    return length


def _name(answer: httpx.Response, uri: str) -> str:
    """The server's name for the file, else the address's when it has an extension."""
    disposition = Message()
    disposition["Content-Disposition"] = answer.headers.get("content-disposition", "")
    offered = disposition.get_filename() or PurePosixPath(urlsplit(uri).path).name
    suffix = PurePosixPath(offered).suffix
    return f"download{suffix}" if suffix else "download.tmp"
