"""``python -m tools.binder_check``: does what Binder does, here: environment.yml (pip in place of conda), postBuild, start.

Prints what a student's server and kernel take of memory, and how long the first lab of each chapter takes to be drawn.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import yaml

from tools.clean import Environment, copy_tree, memory, pythons
from tools.sources import ROOT

PIP_NAMES = {"matplotlib-base": "matplotlib"}


def wanted(text: str) -> tuple[tuple[int, int], list[str]]:
    """Return from an environment.yml the Python, and the packages as pip calls them."""
    lines = yaml.safe_load(text)["dependencies"]
    [python] = (line.removeprefix("python=") for line in lines if line.startswith("python="))
    major, minor = python.split(".")
    packages = [line for line in lines if not line.startswith("python=") and line != "pip"]
    for conda, pip in PIP_NAMES.items():
        packages = [line.replace(conda, pip, 1) if line.startswith(conda) else line for line in packages]
    return (int(major), int(minor)), packages


def main() -> int:
    """Build and start as Binder does, run every chapter, print the figures."""
    version, packages = wanted((ROOT / "environment.yml").read_text())
    python = pythons().get(version, sys.executable)
    with tempfile.TemporaryDirectory() as place:
        home, tree = Path(place), copy_tree(Path(place) / "tree")
        image = Environment(home, python)
        said = image.run(image.python, "--version").strip()
        print(
            f"{said} ({'.'.join(map(str, version))} is wanted); "
            f"{len(packages)} packages installed by pip in {image.install(*packages):.0f} s",
            flush=True,
        )
        begin = time.perf_counter()
        print(image.run("./postBuild", cwd=tree).strip().splitlines()[-1])
        print(f"postBuild took {time.perf_counter() - begin:.0f} s", flush=True)
        with image.server(
            "./start", "jupyter", "lab", "--ServerApp.ip=127.0.0.1", "--ServerApp.allow_root=True", cwd=tree
        ) as server:
            pid = server.pid()
            print(f"server: {memory(pid):.0f} MB; kernel in MB at start, after the chapter, at most:")
            for notebook in sorted((tree / "notebooks").glob("*.ipynb")):
                with server.kernel(f"notebooks/{notebook.name}") as kernel:
                    before = memory(kernel.pid)
                    drawn = kernel.run(notebook)
                    print(
                        f"{notebook.name:24} {before:.0f}, {memory(kernel.pid):.0f}, {memory(kernel.pid, 'VmHWM'):.0f}; "
                        f"kernel up in {kernel.start:.1f} s, first lab drawn {drawn[0]:.2f} s later, {len(drawn)} pictures",
                        flush=True,
                    )
            print(f"server afterwards: {memory(pid):.0f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
