"""What this process may use of the machine."""

import atexit
import gc
import os
import sys


def cores() -> int:
    """The cores that this process may use."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def hasten() -> None:
    """What a process of its own wants of Python: call it before the first import of PyTorch.

    Imports make objects by the hundred thousand, which stay. To look through them for garbage again and again, and
    once more at the end, is a fifth of what a short command takes.
    """
    gc.set_threshold(10_000)
    atexit.register(gc.freeze)


def settle() -> None:
    """What many steps of training want of the libraries below: call it before the first product.

    Matrix products in half precision are compiled for each shape, and as many
    are kept as training meets; the C library keeps what is freed, so that the
    next step needs no new pages of the system.
    """
    import ctypes

    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "512")
    if sys.platform == "linux":
        allocator = getattr(ctypes.CDLL(None), "mallopt", None)  # glibc has it
        if allocator:
            allocator(-3, 32 << 20)  # M_MMAP_THRESHOLD, at its most
            allocator(-1, 1 << 30)  # M_TRIM_THRESHOLD
