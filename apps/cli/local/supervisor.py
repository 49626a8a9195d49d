"""Starts the embedded servers and the four roles as child processes, restarts what dies, stops all on a signal."""

import contextlib
import fcntl
import hashlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from apps.cli.local.keys import load_keys
from apps.cli.local.postgres import Postgres
from apps.cli.local.prepared import is_prepared
from apps.cli.local.processes import StartError, spawn, stop, wait_until
from apps.cli.local.valkey import Valkey
from config.environment import Environment
from config.memory import settle

ROLES = ("web", "executor", "scheduler", "worker")
FIRST_DELAY, LONGEST_DELAY, STEADY_SECONDS = 0.5, 30.0, 10.0
"""What dies before it was steady waits twice as long each time; a role that only fails to start is dead long before."""
SOCKET_PATH_LIMIT = 80
WITHHELD = frozenset(
    f"PENSTOCK_{name}" for name in ("DATABASE_URL", "SECRET_KEY", "ENCRYPTION_KEY", "ADMIN_USERNAME", "ADMIN_PASSWORD", "CONFIG")
)


def say(text: str) -> None:
    """One line for the person at the terminal."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


@dataclass
class Child:
    """One supervised process; `delay` doubles with every early death."""

    name: str
    start: Callable[[], "subprocess.Popen[bytes]"]
    process: "subprocess.Popen[bytes] | None" = None
    started: float = 0.0
    delay: float = FIRST_DELAY
    due: float = 0.0

    def run(self) -> None:
        """Starts it now."""
        self.process, self.started = self.start(), time.monotonic()

    def look(self, now: float) -> None:
        """Restarts it after its delay when it has died."""
        if self.process is not None and self.process.poll() is not None:
            self.delay = FIRST_DELAY if now - self.started > STEADY_SECONDS else min(self.delay * 2, LONGEST_DELAY)
            say(f"{self.name} has ended with exit code {self.process.returncode}; it starts again in {self.delay:g} s")
            self.process, self.due = None, now + self.delay
        elif self.process is None and now >= self.due:
            self.run()


@dataclass
class Supervisor:
    """Owns the children; `environment` is what the roles get; `servers` are the embedded ones, which outlive the roles."""

    settings: Environment
    environment: dict[str, str]
    servers: list[Child] = field(default_factory=list)
    children: list[Child] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)

    def start_roles(self) -> None:
        """The roles, web first, and waits until it answers."""
        for role in ROLES:
            child = Child(role, lambda role=role: spawn([*role_command(), "server", role], environment=self.environment_of(role)))  # type: ignore[misc]
            child.run()
            self.children.append(child)
        web = self.children[0].process
        if web is not None:
            wait_until(self.ready, web, "web", 60)

    def environment_of(self, role: str) -> dict[str, str]:
        """What a role gets to know: a worker runs other people's code, so it has no way into the database and none of its keys."""
        if role != "worker":
            return self.environment
        return {name: value for name, value in self.environment.items() if name not in WITHHELD}

    def ready(self) -> bool:
        """Whether all is well; meanwhile the embedded servers are looked after, or a death at this moment would be waited for in vain."""
        for server in self.servers:
            server.look(time.monotonic())
        return self.answers()

    def answers(self) -> bool:
        """Whether the management port says that all is well."""
        with contextlib.suppress(OSError), urllib.request.urlopen(self.management_url("/health"), timeout=2) as answer:
            return bool(answer.status == 200)
        return False

    def management_url(self, path: str) -> str:
        """An address on the management port."""
        return f"http://{self.settings.host}:{self.settings.management_port}{path}"

    def watch(self) -> int:
        """Until a signal: looks after the children."""
        while not self.stopping.wait(0.2):
            for child in (*self.servers, *self.children):
                child.look(time.monotonic())
        return 0

    def stop_roles(self) -> None:
        """The worker first and alone: until it has ended, its leases are renewed and its results arrive. Then all others at once."""
        running = [child for child in reversed(self.children) if child.process is not None]
        workers = [child for child in running if child.name == "worker"]
        for group in (workers, [child for child in running if child not in workers]):
            for child in group:
                with contextlib.suppress(ProcessLookupError):
                    child.process.send_signal(signal.SIGTERM)  # type: ignore[union-attr]
            for child in group:
                stop(child.process, signal.SIGTERM, self.settings.grace_seconds + 5)  # type: ignore[arg-type]


def command() -> list[str]:
    """How to call ourselves."""
    return [sys.executable, "-m", "apps.cli.main"]


def role_command() -> list[str]:
    """How to start a role without what only people at a terminal need."""
    return [sys.executable, "-m", "apps.cli.start"]


def run_local(settings: Environment) -> int:
    """`server local`; the exit code."""
    began = time.monotonic()
    prepare_directory(settings.data_dir)
    with contextlib.ExitStack() as stack:
        stack.enter_context(only_one(settings.data_dir))
        check_ports(settings)
        urls, servers = start_embedded(settings, stack)
        return supervise(settings, role_environment(settings, urls), servers, began)


def run_standalone(settings: Environment) -> int:
    """`server standalone`: needs both URLs."""
    for name, value in (("PENSTOCK_DATABASE_URL", settings.database_url), ("PENSTOCK_REDIS_URL", settings.redis_url)):
        if not value:
            raise StartError(f"{name} is not set; `penstock server local` brings its own servers")
    return run_local(settings)


def start_embedded(settings: Environment, stack: contextlib.ExitStack) -> tuple[dict[str, str], list[Child]]:
    """Starts what has no URL of its own; gives both URLs, and what was started, to be looked after."""
    servers: list[Child] = []
    database_url, redis_url = settings.database_url, settings.redis_url
    sockets = socket_directory(settings.data_dir)
    if not database_url:
        say("Starting PostgreSQL …")
        postgres = Postgres(settings.data_dir / "postgres", sockets)
        stack.callback(postgres.stop)
        postgres.start()
        servers.append(Child("PostgreSQL", postgres.launch, postgres.process, time.monotonic()))
        database_url = postgres.url
    if not redis_url:
        valkey = Valkey(sockets, settings.data_dir / "valkey.log")
        stack.callback(valkey.stop)
        valkey.start()
        servers.append(Child("Valkey", valkey.launch, valkey.process, time.monotonic()))
        redis_url = valkey.url
    return {"PENSTOCK_DATABASE_URL": database_url, "PENSTOCK_REDIS_URL": redis_url}, servers


def supervise(settings: Environment, variables: dict[str, str], servers: list[Child], began: float) -> int:
    """Prepares the database, starts the roles, says how to log in, watches until a signal."""
    token = prepare_database(variables)
    supervisor = Supervisor(settings, variables, servers)
    for sig in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sig, lambda *_: supervisor.stopping.set())
    try:
        say("Starting web, executor, scheduler and a worker …")
        supervisor.start_roles()
        greet(settings, token, time.monotonic() - began)
        settle()
        return supervisor.watch()
    finally:
        say("Stopping …")
        supervisor.stop_roles()


def greet(settings: Environment, token: str, seconds: float) -> None:
    """The address, and how to log in."""
    address = settings.url or f"http://{'localhost' if settings.host in ('127.0.0.1', '0.0.0.0') else settings.host}:{settings.port}"
    say(f"\nPenstock is ready after {seconds:.1f} s:  {address}/ui/")
    if token:
        say(f"First start. Make the first administrator here (the link works once):\n  {address}/ui/setup?token={token}")
    elif settings.admin_username:
        say(f"Log in as {settings.admin_username}, with the password of PENSTOCK_ADMIN_PASSWORD.")
    else:
        say("Log in with the account that you made at the first start.")
    say(f"Health: http://{settings.host}:{settings.management_port}/health   Data: {settings.data_dir}   Ctrl-C stops everything.\n")


def prepare_database(variables: dict[str, str]) -> str:
    """Migrates in a process of its own, so that the supervisor stays small; gives the set-up token of a first start."""
    if is_prepared(variables["PENSTOCK_DATABASE_URL"]):
        return ""
    say("Preparing the database …")
    done = subprocess.run([*command(), "server", "prepare"], env=variables, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise StartError((done.stderr.strip().splitlines() or ["the database could not be prepared"])[-1].removeprefix("penstock: "))
    lines = [line.removeprefix("setup-token ") for line in done.stdout.splitlines() if line.startswith("setup-token ")]
    return lines[-1] if lines else ""


def role_environment(settings: Environment, urls: dict[str, str]) -> dict[str, str]:
    """What the roles get: our own environment, the URLs, the keys, and where the gateway is."""
    keys = {name: value for name, value in load_keys(settings.data_dir / "keys.json").items() if not os.environ.get(name)}
    gateway = {"PENSTOCK_GATEWAY_URL": f"http://127.0.0.1:{settings.port}"}
    # Few heaps: with one for each thread, as glibc would have it, freed memory stays where no other thread finds it.
    memory = {"MALLOC_ARENA_MAX": os.environ.get("MALLOC_ARENA_MAX", "2")}
    return {**memory, **os.environ, "PENSTOCK_DATA_DIR": str(settings.data_dir), **urls, **keys, **gateway}


def prepare_directory(path: Path) -> None:
    """The data directory, or one clear line why not."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            pass
    except OSError as error:
        raise StartError(f"the data directory {path} can't be written ({error.strerror}): set PENSTOCK_DATA_DIR to another one") from error


@contextlib.contextmanager
def only_one(path: Path) -> Iterator[None]:
    """Holds the data directory for this process; the kernel frees it however we end."""
    with (path / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise StartError(f"another Penstock uses {path}: stop it, or set PENSTOCK_DATA_DIR to another one") from error
        yield


def check_ports(settings: Environment) -> None:
    """Refuses a port that is taken before anything is started."""
    for name, port in (("PENSTOCK_PORT", settings.port), ("PENSTOCK_MANAGEMENT_PORT", settings.management_port)):
        with socket.socket(socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((settings.host, port))
            except OSError as error:
                raise StartError(f"port {port} can't be used ({error.strerror}): set {name} to another one") from error


def socket_directory(data_dir: Path) -> Path:
    """Where the sockets lie: in the data directory, or, since a socket's path must be short, below /tmp by its hash."""
    inside = data_dir / "run"
    if len(str(inside)) <= SOCKET_PATH_LIMIT:
        return inside
    return Path(tempfile.gettempdir()) / f"penstock-{hashlib.sha256(str(data_dir).encode()).hexdigest()[:12]}"
