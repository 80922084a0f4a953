"""``python -m tools.demos [NOTEBOOK …]``: drive every demo of docs/teaching.md, and see that what it promises is seen.

Then every lab that can measure does so.

A demo is a row of a table under a chapter's heading, which names its notebook: the lab's function, what to set (from the
lab's start, as its controls call it), what to ask, and what is seen; words in bold must stand in the lab's sentence.
"""

from __future__ import annotations

import contextlib
import io
import re
import sys
from pathlib import Path
from typing import Any, NamedTuple

from oslab.machine import Unavailable
from tools.anatomy import code_cells, tags
from tools.notebooks import NOTEBOOKS, read
from tools.sources import ROOT

TEACHING = ROOT / "docs/teaching.md"
HEADING = re.compile(r"^## .*\(`([\w.]+)`\)$", re.M)
ROW = re.compile(r"^\|[\s\d]*\|\s*\d+ · `(\w+)`\s*\|([^|]*)\|[^|]*\|([^|]*)\|\s*$", re.M)


class Demo(NamedTuple):
    """One row: the lab, what to set, what must be read in its sentence."""

    lab: str
    settings: dict[str, str]
    promised: list[str]


def demos(text: str) -> dict[str, list[Demo]]:
    """Return the demos of a text by notebook."""
    parts = HEADING.split(text)[1:]
    return {
        notebook: [
            Demo(lab, dict(re.findall(r"`([^`=]+?) = ([^`]*)`", said)), re.findall(r"\*\*(.+?)\*\*", seen))
            for lab, said, seen in ROW.findall(body)
        ]
        for notebook, body in zip(parts[::2], parts[1::2])
    }


def labs(path: Path) -> dict[str, Any]:
    """Run the code cells of a notebook, save those that measure this machine, and return what they define."""
    names: dict[str, Any] = {}
    for cell in code_cells(read(path)):
        if "live" not in tags(cell):
            with contextlib.redirect_stdout(io.StringIO()):
                exec(cell["source"], names)
    return names


def plain(value: Any) -> str:
    """Return a label or a value without the spaces that group its digits."""
    return re.sub(r"\s", "", str(value))


def put(widget: Any, said: str) -> None:
    """Set a control to what its menu, slider or field shows.

    Raises
    ------
    ValueError
        It has no such value.
    """
    if hasattr(widget, "options"):
        found = [
            value
            for label, value in zip(widget._options_labels, widget._options_values)
            if plain(said) in (plain(label), plain(value))
        ]
        if not found:
            raise ValueError(f"{said!r}: allowed are {', '.join(map(str, widget._options_labels))}")
        widget.value = found[0]
    elif isinstance(widget.value, bool):
        widget.value = {"on": True, "off": False}[said]
    elif isinstance(widget.value, str):
        widget.value = said
    else:
        widget.value = type(widget.value)(plain(said))
        if widget.value != type(widget.value)(plain(said)):
            raise ValueError(f"{said!r}: the slider has no such value")


def drive(lab: Any, demo: Demo, start: int | None = None) -> str:
    """Set a lab as a demo says, from its beginning (at step `start`, if it has steps), and return its sentence.

    Raises
    ------
    ValueError
        There is no such control, or it has no such value.
    """
    lab.reset()
    if start is not None:
        lab.step = start
    for name, said in demo.settings.items():
        if name == "step":
            lab.step = int(said)
            continue
        known = {key.replace("_", " "): widget for key, widget in lab.controls.items()}
        known |= {widget.description.partition(",")[0]: widget for widget in known.values()}  # as the control shows it
        if name not in known:
            raise ValueError(f"no control {name!r}: allowed are {', '.join(known)}")
        put(known[name], said)
    lab.rest()
    return re.sub(r"\s", " ", lab.error or lab.text)  # digits are grouped by narrow spaces


def mismeasured(lab: Any) -> str:
    """Measure as the button does, and return what went wrong other than that this machine lacks something."""
    lab.reset()
    lab.measure()
    error = lab.measurement.error
    if error is not None:
        return "" if isinstance(error, Unavailable) else repr(error)
    return lab.error


def main(named: list[str]) -> int:
    """Drive all, or those of the notebooks named; return 1 if one fails."""
    failed = count = 0
    for notebook, wanted in demos(TEACHING.read_text(encoding="utf-8")).items():
        if (named and notebook not in named) or not (NOTEBOOKS / notebook).exists():
            continue
        names = labs(NOTEBOOKS / notebook)
        starts = {name: made.lab.step for name, made in names.items() if hasattr(made, "lab")}
        for demo in wanted:
            count += 1
            try:
                said = drive(names[demo.lab].lab, demo, starts[demo.lab])
                missing = [words for words in demo.promised if words not in said]
            except (ValueError, KeyError) as error:
                said, missing = f"{type(error).__name__}: {error}", demo.promised
            if missing or "Error" in said[:20]:
                failed += 1
                print(f"{notebook}: {demo.lab} {demo.settings}: {missing} not in: {said}")
        for name in starts:
            count += names[name].lab.measurement.measure is not None
            if names[name].lab.measurement.measure and (trouble := mismeasured(names[name].lab)):
                failed += 1
                print(f"{notebook}: {name} cannot be measured: {trouble}")
    print(f"{count - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
