"""Programs that are on a CPU: arithmetic, memory, page faults, system calls."""

# The packages are imported where they are used: each program loads its own.
from __future__ import annotations

import io
import os

from benchmarks.known_causes.registry import program, ready


@program("compute", "compute")
def numpy_product_in_cache() -> None:
    import numpy as np

    a = np.random.default_rng(1).random((220, 220))
    ready()
    while True:
        a @ a


@program("compute", "compute")
def numba_mandelbrot() -> None:
    import numba

    @numba.njit
    def escape(n):
        total = 0
        for i in range(n):
            for j in range(n):
                c, z = complex(-2 + 3 * i / n, -1 + 2 * j / n), 0j
                for _ in range(60):
                    z = z * z + c
                    if z.real * z.real + z.imag * z.imag > 4:
                        break
                    total += 1
        return total

    escape(2)
    ready()
    while True:
        escape(300)


@program("compute", "compute")
def pillow_jpeg() -> None:
    import numpy as np
    from PIL import Image

    picture = Image.fromarray(np.random.default_rng(1).integers(0, 255, (240, 320, 3), np.uint8))
    ready()
    while True:
        target = io.BytesIO()
        picture.save(target, "jpeg", quality=92)
        Image.open(target).convert("L").resize((96, 96), Image.Resampling.LANCZOS)


@program("compute", "compute")
def sklearn_svc() -> None:
    from sklearn.datasets import make_classification
    from sklearn.svm import SVC

    x, y = make_classification(1500, 20, random_state=1)
    SVC().fit(x[:50], y[:50])
    ready()
    while True:
        SVC(C=5.0).fit(x, y)


@program("compute", "compute")
def lzma_archive() -> None:
    import lzma

    text = bytes(range(256)) * 300 + os.urandom(60_000)
    ready()
    while True:
        lzma.compress(text, preset=6)


@program("memory", "memory")
def numpy_triad() -> None:
    import numpy as np

    a, b, c = (np.ones(1 << 24) for _ in range(3))
    ready()
    while True:
        np.multiply(b, 3.0, out=a)
        np.add(a, c, out=a)


@program("memory", "memory")
def embedding_gather() -> None:
    import numpy as np

    table = np.ones((1 << 19, 64), np.float32)
    rows, out = np.random.default_rng(1).integers(0, 1 << 19, 1 << 16), np.empty((1 << 16, 64), np.float32)
    ready()
    while True:
        np.take(table, rows, axis=0, out=out, mode="wrap")


@program("memory", "memory")
def arrow_sums() -> None:
    import pyarrow as pa
    import pyarrow.compute as pc

    pa.set_cpu_count(1)
    column = pa.array(range(1000)).take(pa.array([k % 1000 for k in range(1 << 20)]))
    whole = pa.concat_arrays([column] * 24)
    ready()
    while True:
        pc.sum(whole)


@program("faults", "faults", also=("memory",))
def numpy_temporaries() -> None:
    import numpy as np

    a = np.ones(1 << 22)
    ready()
    while True:
        (a + 1.0) * a


@program("faults", "faults", also=("memory", "compute"))
def pandas_copies() -> None:
    import numpy as np
    import pandas as pd

    frame = pd.DataFrame(np.ones((1 << 18, 16)))
    ready()
    while True:
        frame.copy(deep=True)


@program("faults", "faults", also=("memory", "compute"))
def pickled_arrays() -> None:
    import pickle

    import numpy as np

    array = np.ones(1 << 23)
    ready()
    while True:
        pickle.loads(pickle.dumps(array))


@program("system calls", "kernel", also=("compute",))
def stat_walk() -> None:
    from pathlib import Path

    import numpy

    folder = str(Path(numpy.__file__).parent)
    ready()
    while True:
        for _, _, files in os.walk(folder):
            len(files)


@program("system calls", "kernel", also=("compute",))
def tiny_reads() -> None:
    handle = os.open("/dev/zero", os.O_RDONLY)
    ready()
    while True:
        for _ in range(1000):
            os.read(handle, 512)


@program("memory that grows", "faults", "compute", "kernel", also=("memory", "sleep"), note="memory_grows")
def cache_without_end() -> None:
    import time

    import pandas as pd

    kept = []
    ready()
    while True:
        kept.append(pd.DataFrame({"a": range(40_000)}))
        time.sleep(0.002)
