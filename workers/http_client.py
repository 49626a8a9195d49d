"""HTTP clients for tasks, which never connect to networks that the worker's settings deny, whatever name leads there."""

import ipaddress
import socket
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

import httpcore
import httpx

from workers.settings import Settings

DENIED = "HTTP_DENIED_NETWORKS"
ALLOWED = "HTTP_ALLOWED_NETWORKS"
METADATA = "169.254.0.0/16,fe80::/10,fd00:ec2::254/128"
"""Link-local addresses: there the machine's own credentials are served in every cloud."""

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class DeniedAddress(httpcore.ConnectError):
    """A host that a task may not reach."""


@lru_cache(maxsize=16)
def read_networks(text: str) -> tuple[Network, ...]:
    """Networks in CIDR form, separated by commas."""
    return tuple(ipaddress.ip_network(part.strip(), strict=False) for part in text.split(",") if part.strip())


class NetworkGuard:
    """Which addresses tasks may reach: not the denied ones, unless allowed by name."""

    def __init__(self, settings: Settings) -> None:
        self._denied = read_networks(settings.value(DENIED, METADATA))
        self._allowed = read_networks(settings.value(ALLOWED))

    def permits(self, address: str) -> bool:
        """Whether a task may connect there; an IPv4 address inside an IPv6 one counts as itself."""
        found: Address = ipaddress.ip_address(address.split("%")[0])
        mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
        found = mapped or found
        return _within(found, self._allowed) or not _within(found, self._denied)


def _within(address: Address, networks: Iterable[Network]) -> bool:
    return any(address.version == network.version and address in network for network in networks)


class GuardedBackend(httpcore.SyncBackend):
    """Resolves a name once, checks every address, and connects to one that was checked."""

    def __init__(self, guard: NetworkGuard) -> None:
        self._guard = guard
        self._opened: list[socket.socket] = []

    def abort(self) -> None:
        """Ends every connection, so that a thread which waits for an answer goes on at once; closing alone would not wake it."""
        for opened in self._opened:
            try:
                opened.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, local_address: str | None = None, socket_options: Any = None
    ) -> httpcore.NetworkStream:
        """The connection, or `DeniedAddress`."""
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise httpcore.ConnectError(f"the host '{host}' is not known: {error}") from error
        problem: httpcore.ConnectError | httpcore.ConnectTimeout = httpcore.ConnectError(f"the host '{host}' has no address")
        for *_, address in found:
            if not self._guard.permits(str(address[0])):
                raise DeniedAddress(f"tasks may not connect to {address[0]} ({host}): the worker's PENSTOCK_{DENIED} refuses it")
        for *_, address in found:
            try:
                stream = super().connect_tcp(str(address[0]), port, timeout, local_address, socket_options)
                self._opened.append(stream.get_extra_info("socket").dup())
                return stream
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                problem = error
        raise problem


def build_client(settings: Settings, **options: Any) -> tuple[httpx.Client, Callable[[], None]]:
    """A client whose every connection, also after a redirect, passes the guard; and what ends its calls from another thread."""
    proxy, verify = options.pop("proxy", None), options.pop("verify", True)
    transport = httpx.HTTPTransport(verify=verify, proxy=proxy)
    backend = GuardedBackend(NetworkGuard(settings))
    # httpx has no public way to set the network backend of its pool; a test proves that the guard is in force.
    transport._pool._network_backend = backend
    return httpx.Client(transport=transport, trust_env=False, max_redirects=10, **options), backend.abort
