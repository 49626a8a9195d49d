"""Files of executions: download, size, preview. A file is served only as one of the execution that it belongs to."""

from typing import Any
from urllib.parse import quote

from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.response import Response

from apps.common.exceptions import ErrorDetail, Invalid, NotFound
from apps.common.http.endpoint import AnyAccept, Endpoint
from apps.executions import selectors
from apps.executions.api.previews import preview
from apps.storage.api.responses import as_attachment, cached_for_a_day, file_response
from apps.storage.selectors import find_file, open_file
from apps.storage.uris import SCHEME, execution_prefix, extension_of, path_of

ROWS, MOST_ROWS = 100, 5000
MISSING = "Not Found: File not found"


class FileEndpoint(Endpoint):
    """The base: finds the file that `path` names."""

    permissions = {"GET": "EXECUTION:ACCESS_FILES"}
    content_negotiation_class = AnyAccept

    def uri_of(self, execution_id: str) -> tuple[str, str]:
        """The file's URI and the id of its execution; NotFound, Invalid for what is no file of an execution."""
        uri = self.query.required("path")
        if not uri.startswith(f"{SCHEME}/"):
            raise Invalid("Illegal argument: Invalid prefix path", [ErrorDetail("A file of the internal storage begins with kestra:///.")])
        found = selectors.find_row(execution_id)
        if found is None:
            raise NotFound(f"Not Found: Unable to find execution '{execution_id[:100]}'")
        parts = path_of(uri)
        if parts[: len(own := path_of(execution_prefix(found.namespace, found.flow_id, found.id)))] == own:
            self.require("EXECUTION:ACCESS_FILES", found.namespace)
            return uri, execution_id
        return uri, self.other_execution(parts)

    def other_execution(self, parts: tuple[str, ...]) -> str:
        """The execution whose file it is, if it is one."""
        owner = next((parts[at + 1] for at, part in enumerate(parts[:-1]) if part == "executions"), "")
        if not owner or selectors.find_row(owner) is None:
            raise Invalid("Illegal argument: Invalid prefix path", [ErrorDetail("The file does not belong to an execution.")])
        return owner

    def elsewhere(self, owner: str, execution_id: str, uri: str) -> HttpResponse:
        """Sends the caller to the execution whose file it is."""
        path = self.request.path.replace(f"/executions/{execution_id}/", f"/executions/{owner}/", 1)
        return HttpResponse(status=301, headers={"Location": f"{path}?path={quote(uri, safe='/:')}"})


class DownloadFile(FileEndpoint):
    """GET /executions/{id}/file."""

    def get(self, request: Request, execution_id: str) -> Any:
        """The file."""
        uri, owner = self.uri_of(execution_id)
        if owner != execution_id:
            return self.elsewhere(owner, execution_id, uri)
        response = as_attachment(file_response(request, opened(self.tenant_id, uri)), path_of(uri)[-1])
        if "filename*" not in response["Content-Disposition"]:
            response["Content-Disposition"] += f"; filename*=utf-8''{quote(path_of(uri)[-1])}"
        return cached_for_a_day(response)


class FileMetas(FileEndpoint):
    """GET /executions/{id}/file/metas."""

    def get(self, request: Request, execution_id: str) -> Any:
        """Its size."""
        uri, owner = self.uri_of(execution_id)
        if owner != execution_id:
            return self.elsewhere(owner, execution_id, uri)
        found = find_file(self.tenant_id, uri)
        if found is None:
            raise NotFound(MISSING, [ErrorDetail("It may have been purged.", "path")])
        return Response({"size": found.size})


class FilePreview(FileEndpoint):
    """GET /executions/{id}/file/preview."""

    def get(self, request: Request, execution_id: str) -> Any:
        """The beginning of it."""
        uri, owner = self.uri_of(execution_id)
        if owner != execution_id:
            return self.elsewhere(owner, execution_id, uri)
        rows = max(1, min(self.query.whole("maxRows", ROWS) or ROWS, MOST_ROWS))
        extension = extension_of(path_of(uri)[-1]).removeprefix(".").lower()
        with opened(self.tenant_id, uri) as stream:
            found = preview(stream, extension, rows, self.query.text("encoding", "UTF-8"))
        return Response(
            {"extension": extension, "type": found.type, "content": found.content, "maxLine": rows, "truncated": found.truncated}
        )


def opened(tenant_id: str, uri: str) -> Any:
    """The bytes of a file; NotFound without the path, which may say more than the caller may know."""
    try:
        return open_file(tenant_id, uri)
    except NotFound as error:
        raise NotFound(MISSING, [ErrorDetail("It may have been purged.", "path")]) from error
