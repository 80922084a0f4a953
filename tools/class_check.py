"""``python -m tools.class_check``: a class of kernels on this machine: time to the first lab, and memory.

Every kernel has a cache of its own, empty; shared, they all read one folder that OSLAB_KERNELS names.
"""

import argparse
import json
import os
import sys
import tempfile
import threading
import time
from pathlib import Path
from statistics import median

from oslab import _jit
from oslab.course.warm import warm
from oslab.machine.procfs import smaps_rollup
from tools.notebooks import NOTEBOOKS

PATIENCE = 600


def sources(notebook: str) -> list[str]:
    """Return the texts of a notebook's code cells, without those that measure this machine."""
    cells = json.loads((NOTEBOOKS / f"{notebook}.ipynb").read_text(encoding="utf-8"))["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code" and "live" not in cell["metadata"].get("tags", ())]
    return ["".join(cell["source"]) for cell in code]


class Student(threading.Thread):
    """One kernel: runs cells up to the first lab, then, if wanted, all the others."""

    def __init__(self, code: list[str], environment: dict[str, str], whole: bool):
        super().__init__(daemon=True)
        self._code, self._environment, self._whole = code, environment, whole
        self.first = self.all = 0.0
        self.manager = None
        self.start()

    def run(self) -> None:
        """Start a kernel and run the cells in it."""
        from jupyter_client.manager import start_new_kernel

        begin = time.perf_counter()
        self.manager, client = start_new_kernel(env=self._environment, cwd=str(NOTEBOOKS))
        for code in self._code:
            reply = client.execute_interactive(code, timeout=PATIENCE, output_hook=lambda message: None)
            if reply["content"]["status"] != "ok":
                print(reply["content"].get("evalue"), file=sys.stderr)
            if "@explore(" in code and not self.first:
                self.first = time.perf_counter() - begin
                if not self._whole:
                    break
        self.all = time.perf_counter() - begin


def measure(number: int, notebook: str, shared: Path | None, whole: bool) -> None:
    """Start so many kernels at once and print what they took."""
    with tempfile.TemporaryDirectory() as folder:
        students = []
        for k in range(number):
            own = {**os.environ, "OSLAB_CACHE_DIR": f"{folder}/{k}", "OSLAB_PROGRESS": "off", "OSLAB_KERNELS": ""}
            students.append(Student(sources(notebook), own | ({"OSLAB_KERNELS": str(shared)} if shared else {}), whole))
        for student in students:
            student.join()
        sizes = [smaps_rollup(student.manager.provisioner.pid) or {} for student in students]
        for student in students:
            student.manager.shutdown_kernel(now=True)
    first, all_ = ([getattr(student, name) for student in students] for name in ("first", "all"))
    pss, rss = ([size.get(name, 0) / 1e6 for size in sizes] for name in ("Pss", "Rss"))
    print(
        f"{notebook}, {number} kernels, {'shared' if shared else 'cold'}: first lab after {median(first):.1f} s (last "
        f"{max(first):.1f}); {'whole notebook' if whole else 'to the first lab'} {max(all_):.1f} s; PSS each "
        f"{median(pss):.0f} MB, together {sum(pss):.0f} MB; RSS each {median(rss):.0f} MB",
        flush=True,
    )


def main() -> int:
    """Measure a class; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.class_check", description=__doc__)
    parser.add_argument("-n", type=int, default=8, help="kernels at once (default: %(default)s)")
    parser.add_argument("--notebook", nargs="+", default=["02_scheduling", "03_memory"])
    parser.add_argument("--whole", action="store_true", help="shared only: run the whole notebook")
    given = parser.parse_args()
    warm()
    shared = Path(_jit.cache_folder()).parent
    for notebook in given.notebook:
        if not given.whole:
            measure(given.n, notebook, None, False)
        measure(given.n, notebook, shared, given.whole)
    return 0


if __name__ == "__main__":
    sys.exit(main())
