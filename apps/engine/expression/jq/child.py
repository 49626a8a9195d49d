"""The box: a process with bounded memory and an empty environment that runs jq programs, one request a line."""

import contextlib
import json
import os
import resource
import sys

import jq

MEMORY = 512 << 20
MAX_ANSWER = 8 << 20


def main() -> None:
    """Answers requests until the parent closes its end."""
    os.environ.clear()
    os.chdir("/")
    for limit, size in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0), (resource.RLIMIT_NOFILE, 8)):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(limit, (size, size))
    for line in sys.stdin.buffer:
        sys.stdout.buffer.write(_answer(line) + b"\n")
        sys.stdout.buffer.flush()


def _answer(line: bytes) -> bytes:
    try:
        request = json.loads(line)
        results, size = [], 0
        for text in jq.compile(request["program"]).input_text(request["input"]):
            results.append(text)
            size += len(json.dumps(text))
            if size > MAX_ANSWER:
                return b'{"error": "the result is too large"}'
        return json.dumps({"results": results}).encode()
    except MemoryError:
        os._exit(1)
    except Exception as error:
        return json.dumps({"error": str(error)[:500]}).encode()


if __name__ == "__main__":
    main()
