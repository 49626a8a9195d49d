"""An object store that speaks S3, MinIO among them: `<path prefix>/<tenant>/<path>` in one bucket.

Objects are replaced as wholes, so readers never see a part. Large ones go up in pieces, of which two are in memory at a time.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any, BinaryIO, cast

from apps.common.exceptions import Conflict, Unavailable
from apps.storage.backends.base import Parts, StoredFile
from config.environment import Environment

PIECE = 8 * 1024 * 1024
AT_ONCE = 1000
MAX_KEY = 1024
ABSENT = ("404", "NoSuchKey", "NotFound")


class Counted:
    """A stream that knows how much was read of it, and that boto3 can't seek in or close."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.size = 0

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        found = self._stream.read(size)
        self.size += len(found)
        return found


class S3Backend:
    """Files in one bucket."""

    def __init__(self, settings: Environment) -> None:
        self.settings = settings
        self.bucket = settings.storage_bucket
        self.prefix = tuple(part for part in settings.storage_path_prefix.split("/") if part)

    @cached_property
    def client(self) -> Any:
        """The connection pool; boto3 is heavy, and needed here only."""
        import boto3  # noqa: PLC0415
        from botocore.config import Config  # noqa: PLC0415

        return boto3.client(
            "s3",
            endpoint_url=self.settings.storage_endpoint or None,
            region_name=self.settings.storage_region or "us-east-1",
            aws_access_key_id=self.settings.storage_access_key or None,
            aws_secret_access_key=self.settings.storage_secret_key or None,
            config=Config(
                connect_timeout=5,
                read_timeout=60,
                retries={"max_attempts": 2, "mode": "standard"},
                s3={"addressing_style": "path" if self.settings.storage_endpoint else "auto"},
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        )

    @cached_property
    def transfer(self) -> Any:
        """How large files go up: piece after piece in the caller's thread."""
        from boto3.s3.transfer import TransferConfig  # noqa: PLC0415

        return TransferConfig(multipart_threshold=PIECE, multipart_chunksize=PIECE, use_threads=False)

    def key(self, tenant_id: str, path: Parts) -> str:
        """The name of an object."""
        return "/".join((*self.prefix, tenant_id, *path))

    def put(self, tenant_id: str, path: Parts, content: BinaryIO) -> int:
        """Uploads all of `content`; an upload that breaks off leaves the old object."""
        key = self.key(tenant_id, path)
        if len(key.encode()) > MAX_KEY:
            raise Conflict(f"'{'/'.join(path)}' can't be stored: its path is longer than {MAX_KEY} bytes.")
        counted = Counted(content)
        with told(path):
            self.client.upload_fileobj(counted, self.bucket, key, Config=self.transfer)
        return counted.size

    def open(self, tenant_id: str, path: Parts) -> BinaryIO | None:
        """The object as a stream from the store."""
        with told(path):
            try:
                found = self.client.get_object(Bucket=self.bucket, Key=self.key(tenant_id, path))
            except self.client.exceptions.ClientError as error:
                if is_absent(error):
                    return None
                raise
        return cast(BinaryIO, Body(found["Body"], path))

    def stat(self, tenant_id: str, path: Parts) -> StoredFile | None:
        """Size and date of an object."""
        with told(path):
            try:
                found = self.client.head_object(Bucket=self.bucket, Key=self.key(tenant_id, path))
            except self.client.exceptions.ClientError as error:
                if is_absent(error):
                    return None
                raise
        return StoredFile(found["ContentLength"], found["LastModified"])

    def delete(self, tenant_id: str, path: Parts) -> bool:
        """Deletes an object; S3 itself does not say whether there was one."""
        if self.stat(tenant_id, path) is None:
            return False
        with told(path):
            self.client.delete_object(Bucket=self.bucket, Key=self.key(tenant_id, path))
        return True

    def walk(self, tenant_id: str, prefix: Parts) -> Iterator[Parts]:
        """All objects below `prefix`, in the store's order."""
        base = len(self.prefix) + 1
        with told(prefix):
            pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=self.key(tenant_id, prefix) + "/")
            for page in pages:
                for found in page.get("Contents", ()):
                    yield tuple(found["Key"].split("/")[base:])

    def delete_below(self, tenant_id: str, prefix: Parts) -> list[Parts]:
        """Deletes all objects below `prefix`, up to a thousand a call."""
        paths = list(self.walk(tenant_id, prefix))
        for start in range(0, len(paths), AT_ONCE):
            keys = [{"Key": self.key(tenant_id, path)} for path in paths[start : start + AT_ONCE]]
            with told(prefix):
                answer = self.client.delete_objects(Bucket=self.bucket, Delete={"Objects": keys, "Quiet": True})
            if answer.get("Errors"):
                raise Unavailable(f"The internal storage can't delete '{'/'.join(prefix)}': {answer['Errors'][0].get('Message', '')}")
        return paths


class Body:
    """The body of an answer as a file that can be read and closed; a connection that breaks off is an error for people."""

    def __init__(self, stream: Any, path: Parts) -> None:
        self._stream, self._path = stream, path

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        with told(self._path):
            return cast(bytes, self._stream.read(None if size is None or size < 0 else size))

    def close(self) -> None:
        """Gives the connection back."""
        self._stream.close()

    def __enter__(self) -> "Body":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __iter__(self) -> Iterator[bytes]:
        """The lines."""
        with told(self._path):
            yield from self._stream.iter_lines(keepends=True)


def is_absent(error: Any) -> bool:
    """Whether the store says that there is no such object; a bucket that is missing is another matter."""
    return error.response.get("Error", {}).get("Code") in ABSENT


@contextmanager
def told(path: Parts) -> Iterator[None]:
    """Turns errors of the store into ones for people, without keys or endpoints."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    try:
        yield
    except ClientError as error:
        found = error.response.get("Error", {})
        reason = f"the object store answers {found.get('Code', 'an error')}: {found.get('Message', '')}"
        raise Unavailable(f"The internal storage can't keep or give '{'/'.join(path)}': {reason}") from error
    except (BotoCoreError, OSError) as error:
        reason = f"the object store does not answer ({type(error).__name__})"
        raise Unavailable(f"The internal storage can't keep or give '{'/'.join(path)}': {reason}.") from error
