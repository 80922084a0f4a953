"""Compile every kernel once: ``python -m oslab.course.warm``."""

import time

from oslab import _jit

__all__ = ["warm"]


def warm() -> int:
    """Compile, or load from disk, every kernel for the types that it is called with.

    Returns
    -------
    int
        How many kernels there are.
    """
    _jit.load_sources()
    for function in _jit.WARMERS:
        function()
    return len(_jit.KERNELS)


if __name__ == "__main__":
    begin = time.perf_counter()
    count = warm()
    plain = "run as plain Python: no numba, or OSLAB_JIT=0"
    how = f"kept in {_jit.cache_folder()}" if _jit.compiled else plain
    print(f"{count} kernels ready in {time.perf_counter() - begin:.1f} s, {how}")
