"""How many bytes a lab's pictures take on the wire: ``python -m benchmarks.frames [NOTEBOOK …]``, one row a lab.

The first picture is the message that shows the lab as it opens: what is said of it, its display list, and its
background.  A frame is the list that a move sends; the labs' steps and sliders are moved one at a time.
"""

from __future__ import annotations

import json
import re
import statistics
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import ipywidgets as widgets

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
MOST = 12  # values of a control
KIB = 1024


def labs(notebook: Path) -> Iterator[tuple[str, Any]]:
    """Yield the labs of a notebook as its cells make them: the cell's identifier and the lab, closed afterwards."""
    names: dict[str, Any] = {}
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] != "code" or source[:1] in ("%", "@") and not source.startswith("@explore("):
            continue
        if source.startswith("@explore(") and (found := re.search(r"^def (\w+)\(", source, re.M)):
            exec(source, names)
            lab = names[found[1]].lab
            yield cell["id"], lab
            lab.close()
        elif "setup" in cell["metadata"].get("tags", ()) or re.search(r"^(class |\w+ = )", source, re.M):
            exec(source, names)  # what a lab's cell may use


def moved(lab: Any) -> Iterator[Any]:
    """Yield a lab's states: as it opens, and after each move of its step and of each slider from there."""
    yield lab.state
    if (first := lab.step) is not None:
        for step in range(0, lab.result.steps + 1, max(1, lab.result.steps // MOST)):
            lab.step = step
            yield lab.state
        lab.step = first
    for name in list(lab.controls):
        widget = lab.controls.get(name)
        if isinstance(widget, widgets.IntSlider | widgets.FloatSlider | widgets.SelectionSlider):
            start, step = widget.value, lab.step
            for value in islice(values(widget), MOST):
                widget.value = value
                if not lab.error:
                    yield lab.state
            widget.value = start
            if step is not None:
                lab.step = step


def values(widget: Any) -> Iterator[Any]:
    """Yield values of a slider from end to end."""
    if isinstance(widget, widgets.SelectionSlider):
        options = [one[1] if isinstance(one, tuple) else one for one in widget.options]
        yield from options[:: max(1, len(options) // MOST)]
        return
    for k in range(MOST):
        value = widget.min + (widget.max - widget.min) * k / (MOST - 1)
        yield int(value) if isinstance(widget, widgets.IntSlider) else value


def sizes(lab: Any) -> tuple[int, list[int]]:
    """Return the bytes of a lab's first picture, and those of its frames."""
    state = lab.state
    return len(json.dumps(state.header)) + len(state.list) + len(state.background), [len(s.list) for s in moved(lab)]


def main() -> None:
    """Print the table."""
    frames: list[int] = []
    print("| lab | first picture, KiB | frame, median, KiB | largest, KiB |\n|---|---:|---:|---:|")
    for path in map(Path, sys.argv[1:] or sorted(NOTEBOOKS.glob("0*.ipynb"))):
        for name, lab in labs(path):
            first, found = sizes(lab)
            frames += found
            median, most = statistics.median(found) / KIB, max(found) / KIB
            print(f"| {path.stem[:2]} {name} | {first / KIB:.1f} | {median:.1f} | {most:.1f} |", flush=True)
    over = sum(size > 12 * KIB for size in frames)
    print(f"\n{len(frames)} frames: median {statistics.median(frames) / KIB:.1f} KiB, {over} larger than 12 KiB")


if __name__ == "__main__":
    main()
