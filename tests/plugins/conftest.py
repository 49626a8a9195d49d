"""Task types run through the real worker, against the gateway in memory and a small HTTP server."""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.workers.conftest import gateway, run, worker

__all__ = ["gateway", "run", "server", "worker"]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1

    def log_message(self, *_: Any) -> None: ...

    def _send(self, status: int, body: bytes = b"", kind: str = "text/plain", **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Conf-Mock", "1")
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def _body(self) -> bytes:
        if (self.headers.get("Transfer-Encoding") or "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _serve(self) -> None:
        body = self._body()
        head, _, rest = self.path.partition("?")[0].strip("/").partition("/")
        if head == "echo":
            echoed = {
                "method": self.command,
                "path": self.path,
                "type": self.headers.get("Content-Type", ""),
                "body": body.decode("latin-1"),
                "x": self.headers.get("X-Conf-Name"),
                "authorization": self.headers.get("Authorization"),
            }
            self._send(200, json.dumps(echoed).encode(), "application/json")
        elif head == "status":
            self._send(int(rest), f"status {rest}".encode())
        elif head == "redirect":
            self._send(302, b"", Location=rest if rest.startswith("http") else "/echo")
        elif head == "lines":
            self._send(200, b"".join(f"line-{number}\n".encode() for number in range(1, int(rest) + 1)))
        elif head == "attachment":
            self._send(200, b"id,name\n", "text/csv", Content_Disposition=f'attachment; filename="{rest}"')
        elif head == "empty":
            self._send(200)
        elif head == "slow":
            time.sleep(float(rest))
            self._send(200, b"slow")

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _serve

    def do_HEAD(self) -> None:
        self._send(200)


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The address of a server that echoes, redirects, fails and dawdles."""
    listening = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    listening.daemon_threads = True
    threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield f"http://127.0.0.1:{listening.server_address[1]}"
    listening.shutdown()
    listening.server_close()
