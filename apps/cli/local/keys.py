"""Keys that are made at the first start and kept in the data directory, readable by its owner only."""

import base64
import json
import os
import secrets
from pathlib import Path


def load_keys(path: Path) -> dict[str, str]:
    """The instance's keys; made when the file is missing, written whole before it gets its name."""
    if path.exists():
        found: dict[str, str] = json.loads(path.read_text())
        return found
    keys = {
        "PENSTOCK_SECRET_KEY": secrets.token_urlsafe(48),
        "PENSTOCK_ENCRYPTION_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
        "PENSTOCK_WORKER_TOKEN": secrets.token_urlsafe(32),
    }
    fresh = path.with_suffix(".new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(keys, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    fresh.rename(path)
    return keys
