"""What a long-lived process does about its memory once everything is imported."""

import ctypes
import gc
import sys


def settle() -> None:
    """Gives back what starting has left over, some 10 MiB a process; what is loaded now is never looked at as garbage again."""
    gc.collect()
    gc.freeze()
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
