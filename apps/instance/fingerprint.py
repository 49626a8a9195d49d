"""What a database is prepared for: a hash over all migrations and the policies; without Django, so that a start can ask first."""

import hashlib
from pathlib import Path

KEY = "prepared-for"
"""The instance setting that holds the fingerprint of the release that prepared the database last."""
APPS = Path(__file__).resolve().parent.parent


def fingerprint() -> str:
    """Changes with every migration that is added, changed or gone, and with the policies that are forced after them."""
    digest = hashlib.sha256()
    for file in (*sorted(APPS.glob("*/migrations/*.py")), APPS / "common" / "row_security.py", APPS / "instance" / "database.py"):
        digest.update(file.relative_to(APPS).as_posix().encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()
