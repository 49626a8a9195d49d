"""A small client that calls the API in process, through URLs, middleware, authentication and rendering."""

import base64
from typing import Any
from urllib.parse import urlencode

from django.test import Client


class ApiClient:
    """HTTP Basic as one user, in one tenant; `anonymous=True` on a call leaves the credentials out."""

    def __init__(self, tenant: str, username: str, password: str) -> None:
        self.root = f"/api/v1/{tenant}"
        self.header = "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()
        self.client = Client(raise_request_exception=False, enforce_csrf_checks=True)

    def call(
        self,
        method: str,
        path: str,
        *,
        params: Any = None,
        body: Any = b"",
        content_type: str = "application/json",
        anonymous: bool = False,
        absolute: bool = False,
        headers: dict[str, str] | None = None,
    ) -> Any:
        """One request; `absolute` takes the path from the host's root."""
        url = (path if absolute else self.root + path) + (("?" + urlencode(params, doseq=True)) if params else "")
        headers = {**({} if anonymous else {"Authorization": self.header}), **(headers or {})}
        return self.client.generic(method, url, body, content_type=content_type, headers=headers)

    def get(self, path: str, **options: Any) -> Any:
        """GET."""
        return self.call("GET", path, **options)

    def yaml(self, method: str, path: str, source: str, **options: Any) -> Any:
        """A call with a YAML body."""
        return self.call(method, path, body=source.encode(), content_type="application/x-yaml", **options)

    def json(self, method: str, path: str, value: Any = None, **options: Any) -> Any:
        """A call with a JSON body."""
        import orjson

        return self.call(method, path, body=b"" if value is None else orjson.dumps(value), **options)

    def form(self, path: str, fields: dict[str, Any], **options: Any) -> Any:
        """POST multipart/form-data; values may be Django's SimpleUploadedFile."""
        from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

        return self.call("POST", path, body=encode_multipart(BOUNDARY, fields), content_type=MULTIPART_CONTENT, **options)
