"""A teacher's own folder: questions, policies, traces, workloads and texts that join the course's, without touching it.

It is ``oslab-course`` beside the notebooks, or the folder that OSLAB_COURSE names.  Below it stands a folder for each
wing, ``memory`` for instance, with ``questions.py`` (a function each), ``policies.py`` (a class each), ``traces/`` and
``workloads/`` (a file each) and ``texts/`` (``faults.md`` stands above the lab *faults*).  What cannot be read is left
out, and said in a warning.
"""

import importlib.util
import os
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from oslab.base.arguments import Instance, checked, shown, text
from oslab.base.registry import Registry

__all__ = ["definitions", "files", "folder", "join", "left_out_if_bad", "note"]

BESIDE = "oslab-course"
LARGEST_NOTE = 20_000  # bytes
NAME = text(200)


def folder() -> Path | None:
    """Return the teacher's folder, or None where there is none."""
    given = os.environ.get("OSLAB_COURSE", "").strip()
    path = Path(os.path.expanduser(given or BESIDE)).absolute()
    if given and not path.is_dir():
        warnings.warn(f"OSLAB_COURSE={shown(given)}: there is no such folder", stacklevel=2)
    return path if path.is_dir() else None


@contextmanager
def left_out_if_bad(what: Any) -> Iterator[None]:
    """Turn whatever is raised into a warning that names what is left out."""
    try:
        yield
    except Exception as error:  # a teacher's file may raise anything
        warnings.warn(f"{what} is left out: {type(error).__name__}: {error}", stacklevel=3)


@checked(wing=NAME, file=NAME)
def definitions(wing: str, file: str) -> dict[str, Any]:
    """Return what a Python file of the folder defines, in its order: functions and classes without a leading underscore.

    Parameters
    ----------
    wing : str
        ``"memory"``
    file : str
        ``"questions.py"``
    """
    home = folder()
    path = home / wing / file if home else None
    if path is None or not path.is_file():
        return {}
    name = f"oslab_course_{wing}_{path.stem}"
    made: dict[str, Any] = {}
    with left_out_if_bad(path):
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None and spec.loader is not None
        module = sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        made = {key: one for key, one in vars(module).items() if getattr(one, "__module__", "") == name}
    return {key: one for key, one in made.items() if callable(one) and not key.startswith("_")}


@checked(wing=NAME, kind=NAME)
def files(wing: str, kind: str) -> dict[str, Path]:
    """Return the files of a wing's folder, such as ``"traces"``, by their names without endings."""
    home = folder()
    found = sorted((home / wing / kind).glob("[!._]*")) if home else []
    return {path.stem: path for path in found if path.is_file()}


@checked(registry=Instance(Registry), found=Instance(Mapping))
def join(registry: Registry, found: Mapping[str, Any], make: Callable[[Any], Any]) -> None:
    """Register what was found, each under its name in small letters.

    Parameters
    ----------
    registry : Registry
    found : mapping of str to object
        As `definitions` or `files` return them.
    make : callable
        Returns what is registered for one of them.
    """
    for name, one in found.items():
        with left_out_if_bad(f"{name} of {folder()}"):
            said = (getattr(one, "__doc__", "") if isinstance(one, type) else "") or "The teacher's own."
            filed = registry.register(
                name.lower(),
                label=name.replace("_", " "),
                summary=said.splitlines()[0],
                source="the teacher's folder",
                tie_rule="-",
            )
            filed(make(one))


@checked(wing=NAME, lab=NAME)
def note(wing: str, lab: str) -> str:
    """Return the text that the teacher put above a lab, or ''."""
    path = files(wing, "texts").get(lab)
    if path is None:
        return ""
    with left_out_if_bad(path):
        with open(path, encoding="utf-8") as file:
            return file.read(LARGEST_NOTE)
    return ""
