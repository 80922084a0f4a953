"""Run the original notebooks and store them in a form that says the same on every machine.

``python -m tools.notebooks [NOTEBOOK …]``: executes, keeps pictures and texts, takes out widgets, times and chance
identifiers, and notes a digest of the sources.  Where neither these nor the text of an output changed, the stored
picture is kept, so that a second run changes nothing.
"""

from __future__ import annotations

import argparse
import contextlib
import copy
import hashlib
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat

from oslab.course.saving import strip_widgets
from tools.sources import ROOT, sources_digest

NOTEBOOKS = ROOT / "notebooks"
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
BY_CHANCE = {"execution", "ExecuteTime", "trusted", "collapsed"}


def read(path: Path) -> dict[str, Any]:
    """Return a notebook as plain JSON of format 4.5, each text one string."""
    return nbformat.read(path, as_version=4)


def execute(notebook: dict[str, Any], folder: Path) -> None:
    """Run every cell in a new kernel, with progress kept elsewhere than the author's own.

    Raises
    ------
    nbclient.exceptions.CellExecutionError
        A cell failed.
    """
    from nbclient import NotebookClient

    with _static_environment():
        NotebookClient(
            notebook,
            timeout=600,
            kernel_name="python3",
            store_widget_state=False,
            resources={"metadata": {"path": str(folder)}},
        ).execute()


@contextlib.contextmanager
def _static_environment() -> Iterator[None]:
    """Environment in which labs draw their final state at once, and quizzes know no earlier answers."""
    before = dict(os.environ)
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(OSLAB_STATIC="1", OSLAB_PROGRESS=str(Path(folder) / "progress.sqlite"), PYTHONHASHSEED="0")
        os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT), *filter(None, [before.get("PYTHONPATH")])])
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)


def normalise(notebook: dict[str, Any], digest: str) -> None:
    """Take out, in place, what differs from run to run or machine to machine, and note the digest."""
    metadata = notebook["metadata"]
    metadata["oslab"] = {**metadata.get("oslab", {}), "sources": digest}
    metadata["kernelspec"] = dict(KERNEL)
    metadata["language_info"] = {"name": "python"}
    metadata.pop("signature", None)
    strip_widgets(notebook)
    notebook["nbformat"], notebook["nbformat_minor"] = 4, 5
    taken: set[str] = set()
    count = 0
    for cell in notebook["cells"]:
        cell["id"] = _identifier(cell, taken)
        cell["metadata"] = {k: v for k, v in cell["metadata"].items() if k not in BY_CHANCE}
        if cell["cell_type"] != "code":
            continue
        count += bool(cell["source"].strip())
        cell["execution_count"] = count if cell["source"].strip() else None
        for output in cell["outputs"]:
            output.get("metadata", {}).pop("application/vnd.jupyter.widget-view+json", None)
            if "execution_count" in output:
                output["execution_count"] = count


def _identifier(cell: dict[str, Any], taken: set[str]) -> str:
    """The cell's own identifier, or one made from its text if it has none or another cell has the same."""
    name, k = cell.get("id"), 0
    while not name or name in taken:
        name = "c" + hashlib.sha256(f"{cell['source']}{k or ''}".encode()).hexdigest()[:8]
        k += 1
    taken.add(name)
    return name


def keep_pictures(new: dict[str, Any], old: dict[str, Any]) -> None:
    """Put the stored pictures back, in place, where the sources and the output's text are the same."""
    if new["metadata"]["oslab"]["sources"] != old["metadata"].get("oslab", {}).get("sources"):
        return
    before = {cell.get("id"): cell.get("outputs", []) for cell in old["cells"]}
    for cell in new["cells"]:
        for now, then in zip(cell.get("outputs", []), before.get(cell["id"], [])):
            data, stored = now.get("data", {}), then.get("data", {})
            if "image/png" in data and "image/png" in stored and data.get("text/plain") == stored.get("text/plain"):
                data["image/png"] = stored["image/png"]


def make(path: Path) -> bool:
    """Run and normalise one notebook; return whether its file changed."""
    old = read(path)
    new = copy.deepcopy(old)
    execute(new, path.parent)
    normalise(new, sources_digest(new))
    keep_pictures(new, old)
    text = nbformat.writes(new) + "\n"
    nbformat.validate(new)
    if text == path.read_text(encoding="utf-8"):
        return False
    partial = path.with_suffix(".partial")
    partial.write_text(text, encoding="utf-8")
    os.replace(partial, path)
    return True


def main(arguments: list[str] | None = None) -> int:
    """Make the notebooks named, or all."""
    parser = argparse.ArgumentParser(prog="python -m tools.notebooks", description=main.__doc__)
    parser.add_argument("notebook", nargs="*", type=Path, help="default: all of notebooks/")
    failed = 0
    for path in parser.parse_args(arguments).notebook or sorted(NOTEBOOKS.glob("*.ipynb")):
        begin = time.perf_counter()
        try:
            said = "written" if make(path) else "unchanged"
        except Exception as error:  # the other notebooks are still wanted
            failed, said = failed + 1, f"not written: {error}"
        print(f"{path.name}: {said} ({time.perf_counter() - begin:.1f} s)", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
