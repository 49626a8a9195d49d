"""What comes before the roles: the database of this release, and somebody who can log in."""

from apps.accounts.services import create_user
from apps.common.http.permissions import SYSTEM
from apps.instance.database import migrate
from apps.instance.services import initialised, new_setup_token
from config.environment import environment


def run() -> None:
    """Migrates; then the first superadmin from the environment, or a set-up token on standard output."""
    env = environment()
    migrate()
    if initialised():
        return
    if env.admin_username and env.admin_password:
        create_user(actor=SYSTEM, username=env.admin_username, password=env.admin_password, superadmin=True)
    else:
        print(f"setup-token {new_setup_token()}")  # noqa: T201  (the supervisor reads it)
