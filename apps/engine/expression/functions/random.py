"""Functions that draw random bytes from the ports."""

import uuid as uuids

from apps.engine.expression.arguments import optional_text, whole
from apps.engine.expression.errors import Fault
from apps.engine.expression.registry import MISSING, Spec, spec
from apps.engine.expression.scope import Frame
from apps.engine.expression.values import Value, as_long

BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
NANO_ALPHABET = "_-" + BASE62
KSUID_EPOCH = 1_400_000_000
MAX_LENGTH = 1024
FIRST_PORT, LAST_PORT = 49152, 65535


def uuid(f: Frame) -> Value:
    """A random UUID."""
    return str(uuids.UUID(bytes=f.scope.ports.random_bytes(16), version=4))


def short_id(f: Frame) -> Value:
    """A random UUID in 22 letters and digits."""
    return _base62(int.from_bytes(f.scope.ports.random_bytes(16)), 22)


def _base62(number: int, width: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 62)
        digits = BASE62[digit] + digits
    return digits.rjust(width, "0")


def ksuid(f: Frame) -> Value:
    """An id of 27 characters that sorts by time."""
    seconds = int(f.scope.now.timestamp()) - KSUID_EPOCH
    return _base62(int.from_bytes((seconds & 0xFFFFFFFF).to_bytes(4) + f.scope.ports.random_bytes(16)), 27)


def nano_id(f: Frame, length: Value, alphabet: Value) -> Value:
    """A random text of some length over some letters."""
    count = 21 if length is MISSING or length is None else whole(length, "The length")
    letters = optional_text(alphabet, "The alphabet") or NANO_ALPHABET
    if not 1 <= count <= MAX_LENGTH or not 2 <= len(letters) <= 256:
        raise Fault(f"A nanoId has 1 to {MAX_LENGTH} characters over 2 to 256 letters")
    return "".join(letters[_below(f, len(letters))] for _ in range(count))


def _below(f: Frame, bound: int) -> int:
    """A number from 0 to before `bound`, all equally likely."""
    size = (bound.bit_length() + 7) // 8
    limit = (1 << 8 * size) // bound * bound
    while True:
        f.budget.step()
        number = int.from_bytes(f.scope.ports.random_bytes(size))
        if number < limit:
            return number % bound


def random_int(f: Frame, lower: Value, upper: Value) -> Value:
    """A whole number from the lower bound to before the upper."""
    low, high = whole(lower, "The lower bound"), whole(upper, "The upper bound")
    if low >= high:
        raise Fault("The lower bound must be below the upper")
    return as_long(low + _below(f, high - low))


def random_port(f: Frame) -> Value:
    """A port number that is free for anyone's use."""
    return FIRST_PORT + _below(f, LAST_PORT - FIRST_PORT + 1)


SPECS: tuple[Spec, ...] = (
    spec("uuid", uuid, summary="A random UUID.", example="{{ uuid() }}", pure=False),
    spec("id", short_id, summary="A random id of 22 letters and digits.", example="{{ id() }}", pure=False),
    spec("ksuid", ksuid, summary="A random id that sorts by time.", example="{{ ksuid() }}", pure=False),
    spec(
        "nanoId",
        nano_id,
        "length alphabet",
        summary="A random id of a length over an alphabet.",
        example="{{ nanoId(length=10) }}",
        pure=False,
    ),
    spec(
        "randomInt",
        random_int,
        "lower upper",
        required=2,
        summary="A whole number from a bound to before another.",
        example="{{ randomInt(lower=1, upper=7) }}",
        pure=False,
    ),
    spec("randomPort", random_port, summary="A number from the range of ephemeral ports.", example="{{ randomPort() }}", pure=False),
)
