"""Record page references of real programs with valgrind's lackey, and keep them small.

Usage::

    python tools/record_traces.py [NAME ...]        # all of PROGRAMS when none is named

Needs valgrind, a C compiler and the sqlite3 command.  Each program runs whole, start-up included,
under ``valgrind --tool=lackey --trace-mem=yes``.  What is kept of the output, and nothing else:

1. loads, stores and modifies (``L``, ``S``, ``M``); instruction fetches (``I``) are counted, then dropped;
2. the first byte's address divided by 4096 (a reference that spans two pages counts for the first);
3. of references in a row to the same page, the first;
4. of more than MOST that are left, the last MOST: the work rather than the start-up.

What the kernel itself touches on the program's behalf (the buffer of a ``read``) is not in the output.
The addresses are those of a run without address-space randomisation by the system; lackey places the
program where valgrind puts it.
"""

from __future__ import annotations

import datetime
import json
import lzma
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from oslab.machine import recorded
from oslab.memory.traces.loading import LackeyPages

MOST = 3_000_000
DATA = Path(__file__).resolve().parent.parent / "oslab" / "memory" / "traces" / "data"

MATRIX = """\
#include <stdio.h>
#include <stdlib.h>
enum { M = 4, N = 512, K = 512 };

int main(void) {                            /* c = a b, a row of c at a time, b read down its columns */
    double *a = malloc(sizeof(double) * M * K), *b = malloc(sizeof(double) * K * N);
    double *c = malloc(sizeof(double) * M * N);
    for (int i = 0; i < M * K; i++) a[i] = i % 7;
    for (int i = 0; i < K * N; i++) b[i] = i % 5;
    for (int i = 0; i < M; i++)
        for (int j = 0; j < N; j++) {
            double sum = 0;
            for (int k = 0; k < K; k++) sum += a[i * K + k] * b[k * N + j];
            c[i * N + j] = sum;
        }
    printf("%g\\n", c[M * N - 1]);
}
"""

TABLES = """
create table customers(id integer primary key, name text, city text);
with recursive c(i) as (select 0 union all select i + 1 from c where i < 499)
    insert into customers select i, 'customer ' || i, 'city ' || (i % 37) from c;
create table orders(id integer primary key, customer int, amount real, note text);
with recursive c(i) as (select 1 union all select i + 1 from c where i < 1500)
    insert into orders select i, (i * 7919) % 500, (i * 104729) % 1000 / 10.0, hex(zeroblob(700)) from c;
"""
QUERY = (
    "select city, count(*), sum(amount), sum(length(note)) from orders "
    "join customers on customers.id = orders.customer group by city order by 3 desc"
)

SMALL_C = """\
int collatz(long n) { int steps = 0; while (n != 1) { n = n % 2 ? 3 * n + 1 : n / 2; steps++; } return steps; }
int main(void) { int best = 0; for (long n = 1; n < 1000; n++) if (collatz(n) > best) best = collatz(n); return best; }
"""


def matrix(folder: Path) -> list[str]:
    """Compile the matrix product and return its command line."""
    (folder / "matrix.c").write_text(MATRIX)
    subprocess.run(["cc", "-O1", "-o", "matrix", "matrix.c"], cwd=folder, check=True)
    return ["./matrix"]


def sqlite(folder: Path) -> list[str]:
    """Build the database and return the query's command line."""
    subprocess.run(["sqlite3", "orders.db", TABLES], cwd=folder, check=True)
    return ["sqlite3", "orders.db", QUERY]


def compiler(folder: Path) -> list[str]:
    """Return the command line of the compiler proper, cc1, on two functions."""
    (folder / "small.c").write_text(SMALL_C)
    cc1 = subprocess.run(["gcc", "-print-prog-name=cc1"], capture_output=True, text=True, check=True)
    return [cc1.stdout.strip(), "-quiet", "-O1", "small.c", "-o", "small.s"]


def sort(folder: Path) -> list[str]:
    """Write 9 000 shuffled lines and return the command line that sorts them."""
    lines = [f"{i * 7919 % 20011:05d} {'x' * (40 + i % 17)}\n" for i in range(1, 9001)]
    (folder / "lines.txt").write_text("".join(lines))
    return ["sort", "--parallel=1", "lines.txt"]


PROGRAMS = {
    "matrix": (matrix, "A matrix product, 4x512 times 512x512 doubles, three plain loops (C, cc -O1)", "matrix"),
    "sqlite": (
        sqlite,
        "A SQLite query: 1 500 orders of 1.4 kB joined with 500 customers, grouped by city",
        "sqlite3 orders.db 'select city, count(*), … group by city order by 3 desc'",
    ),
    "compiler": (
        compiler,
        "The C compiler proper (gcc's cc1 -O1) on two functions",
        "cc1 -quiet -O1 small.c -o small.s",
    ),
    "sort": (
        sort,
        "GNU sort of 9 000 shuffled lines of about 55 bytes, in the C locale",
        "sort --parallel=1 lines.txt",
    ),
}


def record(command: list[str], folder: Path) -> tuple[np.ndarray, int, int]:
    """Return the merged page numbers, how many data references they stand for, and how many instructions."""
    read, write = os.pipe()
    run = subprocess.Popen(
        ["valgrind", "--tool=lackey", "--trace-mem=yes", f"--log-fd={write}", *command],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=[write],
        env={**os.environ, "LC_ALL": "C"},
    )
    os.close(write)
    reduced = LackeyPages()
    with os.fdopen(read, "rb", buffering=1 << 20) as lines:
        reduced.read(lines)
    if run.wait() != 0:
        raise SystemExit(f"{command[0]} ended with status {run.returncode} under valgrind")
    return np.frombuffer(reduced.pages, dtype=np.uint64).astype(np.int64), reduced.data, reduced.fetches


def save(name: str, pages: np.ndarray) -> int:
    """Write the pages in the order of first use and an LZMA stream of indices into them; return the bytes."""
    distinct, first, index = np.unique(pages, return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    packed = lzma.compress(rank[index].astype("<u2").tobytes(), preset=9 | lzma.PRESET_EXTREME)
    path = DATA / f"{name}.npz"
    np.savez(path, pages=distinct[order], index=np.frombuffer(packed, dtype=np.uint8))
    return path.stat().st_size


def main(names: list[str]) -> None:
    """Record the named programs, or all."""
    about = DATA / "recordings.json"
    notes = json.loads(about.read_text()) if about.exists() else {}
    for name in names or PROGRAMS:
        prepare, summary, shown = PROGRAMS[name]
        folder = Path(tempfile.mkdtemp())
        try:
            pages, data, instructions = record(prepare(folder), folder)
        finally:
            shutil.rmtree(folder)
        merged, pages = len(pages), pages[-MOST:]
        size = save(name, pages)
        notes[name] = {
            "summary": summary,
            "command": shown,
            "references": len(pages),
            "distinct": len(np.unique(pages)),
            "merged": merged,
            "data_references": data,
            "instructions": instructions,
            "page_size": 4096,
            "date": datetime.date.today().isoformat(),
            "machine": recorded.machine_kind(),
        }
        print(f"{name}: {len(pages):,} of {data:,} data references, {notes[name]['distinct']:,} pages, {size:,} bytes")
        about.write_text(json.dumps(notes, indent=1) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
