"""Child processes that end with their parent, and the ordinary user that PostgreSQL needs where we are root."""

import contextlib
import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

PR_SET_PDEATHSIG = 1
SERVICE_USER = "penstock"
_libc = ctypes.CDLL(None, use_errno=True)


class StartError(Exception):
    """Why a server can't start, in one line for the person at the terminal."""


def die_with_parent(sig: int = signal.SIGTERM) -> Callable[[], None]:
    """For `preexec_fn`: the kernel sends `sig` when the parent dies, also by kill -9."""

    def arm() -> None:
        _libc.prctl(PR_SET_PDEATHSIG, int(sig))

    return arm


def spawn(
    command: Sequence[str],
    *,
    environment: Mapping[str, str] | None = None,
    user: pwd.struct_passwd | None = None,
    log: Path | None = None,
    death_signal: int = signal.SIGTERM,
    pass_fds: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """Starts `command` in a session of its own, so that the terminal's Ctrl-C reaches the supervisor only."""
    output = log.open("ab") if log else None
    try:
        return subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=output or None,
            stderr=subprocess.STDOUT if output else None,
            env=dict(environment) if environment is not None else None,
            user=user.pw_uid if user else None,
            group=user.pw_gid if user else None,
            extra_groups=[] if user else None,
            start_new_session=True,
            preexec_fn=die_with_parent(death_signal),
            pass_fds=pass_fds,
        )
    finally:
        if output:
            output.close()


def stop(process: "subprocess.Popen[bytes]", sig: int = signal.SIGTERM, seconds: float = 10.0) -> None:
    """Ends a child that we started: `sig`, then KILL."""
    if process.poll() is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(sig)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def wait_until(ready: Callable[[], bool], process: "subprocess.Popen[bytes]", name: str, seconds: float = 30.0) -> None:
    """Waits for `ready()`; raises StartError when the process ends or the time is over."""
    deadline = time.monotonic() + seconds
    while not ready():
        if process.poll() is not None:
            raise StartError(f"{name} ended with exit code {process.returncode} while starting")
        if time.monotonic() > deadline:
            raise StartError(f"{name} did not answer within {seconds:.0f} s")
        time.sleep(0.02)


def service_user() -> pwd.struct_passwd | None:
    """The user that PostgreSQL runs as: ourselves (None), or, since it refuses root, the system user `penstock`."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam(SERVICE_USER)
    except KeyError:
        pass
    useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if useradd:
        subprocess.run([useradd, "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SERVICE_USER], check=False)
    for name in (SERVICE_USER, "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise StartError("PostgreSQL can't run as root and no other user could be made; start as an ordinary user")


def readable_by(user: pwd.struct_passwd | None, path: Path) -> bool:
    """Whether `user` can enter every folder above `path`."""
    if user is None:
        return True
    return all(entry_allowed(user, folder) for folder in path.resolve().parents)


def entry_allowed(user: pwd.struct_passwd, folder: Path) -> bool:
    """Whether the folder's mode lets `user` in (access lists are not looked at)."""
    status = folder.stat()
    if status.st_uid == user.pw_uid:
        return bool(status.st_mode & 0o100)
    return bool(status.st_mode & (0o010 if status.st_gid == user.pw_gid else 0o001))
