"""A learner's own copies of the notebooks: refreshed while unchanged, kept once changed."""

import hashlib
import itertools
import json
import os
import shutil
from pathlib import Path
from typing import Any

from oslab.base import Instance, checked, shown

__all__ = ["copy_notebooks", "fresh_copy", "originals"]

RECORD = ".oslab-copies.json"


def originals() -> Path:
    """Return the folder of the course's notebooks: in the package if installed, else beside it.

    Raises
    ------
    FileNotFoundError
        Neither is there.
    """
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "notebooks", package.parent / "notebooks"):
        if any(folder.glob("*.ipynb")):
            return folder
    raise FileNotFoundError(f"no notebooks in {package / 'notebooks'} or {package.parent / 'notebooks'}")


@checked(source=Instance(Path), target=Instance(Path))
def copy_notebooks(source: Path, target: Path) -> dict[str, str]:
    """Copy every notebook of `source`, and the glossary, to `target`, but never over a changed one.

    A copy counts as changed when its cells' text is no longer what was copied: running cells changes nothing.
    What was copied is recorded in a hidden file in `target`.

    Parameters
    ----------
    source, target : Path
        Folders; `target` is made if it is missing.

    Returns
    -------
    dict of str to str
        By file name: "new"; "refreshed" (the original had changed); "current"; "kept" (changed by the learner,
        the original has not changed since); "outdated" (changed by the learner, and the original is newer).
    """
    target.mkdir(parents=True, exist_ok=True)
    record = _read_record(target / RECORD)
    status = {}
    for original in sorted([*source.glob("*.ipynb"), *source.glob("*.md")]):
        name, copy = original.name, target / original.name
        laid = record.get(name, {})
        now = {"file": _digest(original.read_bytes()), "cells": _cells(original)}
        updated = laid.get("file") not in (None, now["file"])
        if not copy.exists():
            status[name] = "new"
        elif _cells(copy) != laid.get("cells", now["cells"]):
            status[name] = "outdated" if updated or not laid else "kept"
            continue
        elif updated:
            status[name] = "refreshed"
        else:
            status[name] = "current"
            record[name] = now
            continue
        partial = copy.with_name(f".{name}.partial")
        shutil.copyfile(original, partial)
        os.replace(partial, copy)
        record[name] = now
    (target / RECORD).write_text(json.dumps(record, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return status


@checked(folder=Instance((str, os.PathLike), optional=True))
def fresh_copy(name: str, folder: str | os.PathLike | None = None) -> Path:
    """Put a fresh copy of a notebook beside the learner's own, which stays unchanged, and return its path.

    Parameters
    ----------
    name : str
        How the notebook's name begins: ``"03"``, ``"03_memory"``.
    folder : path-like, optional
        The current one if not given.

    Raises
    ------
    ValueError
        No notebook, or more than one, has such a name.
    """
    known = sorted(originals().glob("*.ipynb"))
    found = [path for path in known if isinstance(name, str) and name and path.name.startswith(name)]
    if len(found) != 1:
        raise ValueError(
            f"name={shown(name)}: allowed are {', '.join(path.stem for path in known)}, or the beginning of one"
        )
    target = Path(folder if folder is not None else ".")
    names = (target / f"{found[0].stem}-fresh{'' if k == 1 else f'-{k}'}.ipynb" for k in itertools.count(1))
    copy = next(path for path in names if not path.exists())
    shutil.copyfile(found[0], copy)
    return copy


def _read_record(path: Path) -> dict[str, dict[str, str]]:
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(record, dict):
        return {}
    return {name: laid for name, laid in record.items() if isinstance(laid, dict)}


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _cells(notebook: Path) -> str:
    """Digest of what a person writes in a notebook; of the whole file if it cannot be read as one."""
    data = notebook.read_bytes()
    try:
        cells: list[dict[str, Any]] = json.loads(data)["cells"]
        written = [[cell["cell_type"], "".join(cell["source"])] for cell in cells]
    except (ValueError, KeyError, TypeError):
        return _digest(data)
    return _digest(json.dumps(written).encode())
