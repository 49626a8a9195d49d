"""Endpoints of namespace files."""

from django.http import StreamingHttpResponse
from rest_framework.request import Request
from rest_framework.response import Response

from apps.common.exceptions import BadRequest
from apps.common.http.views import TenantView
from apps.namespaces import archive, file_selectors, file_services
from apps.namespaces.api.filters import required, whole
from apps.namespaces.api.serializers import file_json
from apps.storage.api.responses import AnyAccept, as_attachment, cached_for_a_day, file_response

FILES = {
    "GET": "NAMESPACE:VIEW",
    "POST": "NAMESPACE:MANAGE_FILES",
    "PUT": "NAMESPACE:MANAGE_FILES",
    "DELETE": "NAMESPACE:MANAGE_FILES",
}


class FileView(TenantView):
    """One file: read, write, move, delete."""

    permissions = FILES
    content_negotiation_class = AnyAccept

    def get(self, request: Request, namespace: str) -> StreamingHttpResponse:
        """The content."""
        revision = whole(request.query_params, "revision", 1) if request.query_params.get("revision") else None
        stream = file_selectors.open_namespace_file(namespace, required(request.query_params, "path"), revision)
        response: StreamingHttpResponse = cached_for_a_day(file_response(request, stream))
        return response

    def post(self, request: Request, namespace: str) -> Response:
        """Writes the part `fileContent`; unpacks it when it is a zip archive."""
        path = required(request.query_params, "path")
        upload = request.FILES.get("fileContent")
        if upload is None:
            raise BadRequest("Bad Request: Required Part [fileContent] not specified: send the file as that part of multipart/form-data.")
        if (upload.name or "").lower().endswith(".zip"):
            archive.import_archive(actor=self.principal, namespace=namespace, content=upload)
        else:
            file_services.write_file(actor=self.principal, namespace=namespace, path=path, content=upload)
        return Response()

    def put(self, request: Request, namespace: str) -> Response:
        """Moves a file or folder."""
        source, target = required(request.query_params, "from"), required(request.query_params, "to")
        file_services.move_file(actor=self.principal, namespace=namespace, source=source, target=target)
        return Response()

    def delete(self, request: Request, namespace: str) -> Response:
        """Deletes a file or folder; silent when there is none."""
        file_services.delete_file(actor=self.principal, namespace=namespace, path=required(request.query_params, "path"))
        return Response()


class FolderView(TenantView):
    """One folder."""

    permissions = FILES

    def get(self, request: Request, namespace: str) -> Response:
        """What lies directly in it."""
        path = request.query_params.get("path") or "/"
        return Response([file_json(file) for file in file_selectors.list_folder(namespace, path)])

    def post(self, request: Request, namespace: str) -> Response:
        """Makes it."""
        file_services.create_folder(actor=self.principal, namespace=namespace, path=request.query_params.get("path") or "/")
        return Response()


class FileStatsView(TenantView):
    """Attributes of a file or folder."""

    permissions = FILES

    def get(self, request: Request, namespace: str) -> Response:
        """Of the root when no path is given."""
        return Response(file_json(file_selectors.get_file(namespace, request.query_params.get("path") or "/")))


class FileSearchView(TenantView):
    """Paths that hold a text."""

    permissions = FILES

    def get(self, request: Request, namespace: str) -> Response:
        """All files for an empty text."""
        return Response(file_selectors.search_files(namespace, required(request.query_params, "q")))


class FileRevisionsView(TenantView):
    """The versions of a file."""

    permissions = FILES

    def get(self, request: Request, namespace: str) -> Response:
        """Those that can still be read, oldest first."""
        found = file_selectors.file_revisions(namespace, required(request.query_params, "path"))
        return Response([{"revision": row.revision, "size": row.size, "author": row.author} for row in found if not row.deleted])


class FileExportView(TenantView):
    """All files as one archive."""

    permissions = FILES
    content_negotiation_class = AnyAccept

    def get(self, request: Request, namespace: str) -> StreamingHttpResponse:
        """The archive, with the flows of the namespace."""
        response: StreamingHttpResponse = as_attachment(file_response(request, archive.export_archive(namespace)), f"{namespace}_files.zip")
        return response
