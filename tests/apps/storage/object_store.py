"""A small server that speaks as much S3 as the product uses, in memory."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

DATE = "Mon, 01 Jan 2024 00:00:00 GMT"


class Handler(BaseHTTPRequestHandler):
    """One bucket named `files`; `objects` and `parts` belong to the server."""

    protocol_version = "HTTP/1.1"

    def do_PUT(self) -> None:
        key, query = self.place()
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if "uploadId" in query:
            self.server.parts.setdefault(query["uploadId"][0], {})[int(query["partNumber"][0])] = body
        else:
            self.server.objects[key] = body
        self.say(200, headers={"ETag": '"e"'})

    def do_POST(self) -> None:
        key, query = self.place()
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        if "uploads" in query:
            self.say(200, f"<R><UploadId>u{len(self.server.parts)}</UploadId></R>")
        elif "uploadId" in query:
            parts = self.server.parts.pop(query["uploadId"][0])
            self.server.largest_part = max(map(len, parts.values()))
            self.server.objects[key] = b"".join(parts[number] for number in sorted(parts))
            self.say(200, '<R><ETag>"e"</ETag></R>')
        else:
            for name in re.findall("<Key>(.*?)</Key>", body):
                self.server.objects.pop(name, None)
            self.say(200, "<DeleteResult></DeleteResult>")

    def do_GET(self) -> None:
        key, query = self.place()
        if "list-type" in query:
            prefix = query.get("prefix", [""])[0]
            names = sorted(name for name in self.server.objects if name.startswith(prefix))
            contents = "".join(f"<Contents><Key>{escape(name)}</Key><Size>1</Size></Contents>" for name in names)
            self.say(200, f"<ListBucketResult><IsTruncated>false</IsTruncated>{contents}</ListBucketResult>")
        elif key in self.server.objects:
            self.say(200, self.server.objects[key], {"Last-Modified": DATE})
        else:
            self.say(404, "<Error><Code>NoSuchKey</Code><Message>gone</Message></Error>")

    do_HEAD = do_GET

    def do_DELETE(self) -> None:
        self.server.objects.pop(self.place()[0], None)
        self.say(204)

    def place(self) -> tuple[str, dict[str, list[str]]]:
        """The key and the parameters."""
        parts = urlsplit(self.path)
        return unquote(parts.path).removeprefix("/files").removeprefix("/"), parse_qs(parts.query, keep_blank_values=True)

    def say(self, status: int, body: str | bytes = b"", headers: dict[str, str] | None = None) -> None:
        """An answer; its length only where HEAD asks."""
        content = body.encode() if isinstance(body, str) else body
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@contextmanager
def object_store() -> Iterator[ThreadingHTTPServer]:
    """The server for the length of a block."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.objects, server.parts, server.largest_part = {}, {}, 0
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
