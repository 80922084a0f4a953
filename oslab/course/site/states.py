"""The states of a lab that a page carries: one control's positions, for each entry of one menu."""

import base64
import json
import struct
import time
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ipywidgets as widgets

from oslab.base import Instance, checked, integer
from oslab.lab.buttons import StartButtons
from oslab.lab.explorer import Lab
from oslab.picture.state import State

__all__ = ["LabStates", "gather", "thin"]

SLIDERS = widgets.IntSlider, widgets.FloatSlider, widgets.SelectionSlider
MENUS = widgets.Dropdown, widgets.ToggleButtons, widgets.RadioButtons
SECONDS = 10.0  # of CPU time for one lab; a slow model gets fewer states
LARGEST = 160_000  # characters of a file of states, so that a chapter with 15 labs stays below 3 MB


@dataclass(frozen=True)
class LabStates:
    """What a page needs to move one lab.

    Attributes
    ----------
    axis, menu : str
        The labels of the control that is dragged and of the menu; '' where there is none.
    entries : tuple of str
        The menu's entries.
    rows : tuple of tuple of State
        For each entry (one where there is no menu) the states along the axis.
    start : tuple of int
        Row and place of the state with which the lab begins.
    width, height : int
        Of the picture, in CSS pixels.
    """

    axis: str
    menu: str
    entries: tuple[str, ...]
    rows: tuple[tuple[State, ...], ...]
    start: tuple[int, int]
    width: int
    height: int

    @property
    def first(self) -> State:
        """The state with which the lab begins."""
        return self.rows[self.start[0]][self.start[1]]

    def halved(self) -> "LabStates":
        """Return these states with every second place left out, the ends and the start kept."""
        kept = []
        for k, row in enumerate(self.rows):
            keep = self.start[1] if k == self.start[0] else 0
            kept.append([row[place] for place in thin(range(len(row)), max(2, (len(row) + 1) // 2), keep)])
        start = next(k for k, state in enumerate(kept[self.start[0]]) if state is self.first)
        rows = tuple(map(tuple, kept))
        return LabStates(self.axis, self.menu, self.entries, rows, (self.start[0], start), self.width, self.height)

    def packed(self) -> str:
        """Return all states as text: JSON and display lists, deflated, in base64; ``site.js`` unpacks it.

        The bytes are the JSON's length (4, little-endian), the JSON, and the lists, each distinct one once.  The JSON is
        ``{"rows": [[state, …], …]}``, a state its `State.header` with ``list`` and ``background``: where each begins,
        and its length.
        """
        places: dict[bytes, tuple[int, int]] = {}
        size = 0

        def place(content: bytes) -> tuple[int, int]:
            nonlocal size
            if content not in places:
                places[content] = size, len(content)
                size += len(content)
            return places[content]

        rows = [
            [{**s.header, "list": place(s.list), "background": place(s.background)} for s in row] for row in self.rows
        ]
        head = json.dumps({"rows": rows}, separators=(",", ":")).encode()
        deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
        data = deflate.compress(struct.pack("<I", len(head)) + head + b"".join(places)) + deflate.flush()
        return base64.b64encode(data).decode()


@checked(values=Instance(Sequence), most=integer(1))
def thin(values: Sequence, most: int, keep: Any = None) -> list:
    """Return at most `most` of the values (one more with `keep`), evenly spread, both ends and `keep` among them."""
    if len(values) <= most:
        return list(values)
    places = {round(k * (len(values) - 1) / max(1, most - 1)) for k in range(most)}
    places |= {values.index(keep)} if keep in values else set()
    return [values[place] for place in sorted(places)]


def _positions(widget: Any) -> list[Any]:
    """All values of a slider or menu."""
    if isinstance(widget, (widgets.SelectionSlider, *MENUS)):
        options = widget.options
        pairs = options.items() if isinstance(options, Mapping) else options
        return [one[1] if isinstance(one, tuple) else one for one in pairs]
    if isinstance(widget, widgets.IntSlider):
        return [*range(widget.min, widget.max + 1, widget.step)]
    if isinstance(widget, widgets.Checkbox):
        return [False, True]
    count = round((widget.max - widget.min) / widget.step)
    return [widget.min + k * widget.step for k in range(count + 1)]


def _controls(lab: Lab, named: Collection[str]) -> tuple[str, str]:
    """The control that is dragged ('step' for the steps) and the menu, '' where there is none: those named first, first."""
    found = [(n, w) for n, w in lab.controls.items() if not isinstance(w, StartButtons) and n not in lab.sampled]
    rank = {label: k for k, label in reversed([*enumerate(named)])}
    found.sort(key=lambda one: rank.get(one[1].description.partition(",")[0], len(rank)))
    slider = next((name for name, w in found if isinstance(w, SLIDERS)), "")
    menus = (name for kind in (MENUS, widgets.Checkbox) for name, w in found if isinstance(w, kind))
    return ("step" if lab.step is not None else slider), next(menus, "")


def _along(lab: Lab, axis: str, most: int) -> Iterator[State]:
    """The states along the axis; what the model refuses is left out."""
    if axis == "step":
        for step in thin(range(lab.result.steps + 1), most, lab.step):
            lab.step = step
            yield lab.state
        return
    widget = lab.controls[axis] if axis else None
    for value in thin(_positions(widget), most, widget.value) if axis else [None]:
        if axis:
            widget.value = value
        lab.rest()
        if not lab.error:
            yield lab.state


def _cost(lab: Lab, axis: str) -> float:
    """What one state takes, seconds of CPU: one move there and back, the way back timed, when kernels are compiled."""
    if axis not in lab.controls:
        return 0.0
    widget = lab.controls[axis]
    first = widget.value
    widget.value = next((v for v in _positions(widget) if v != first), first)
    lab.rest()
    begun = time.process_time()  # so a busy machine writes the same pages
    widget.value = first
    lab.rest()
    return time.process_time() - begun


@checked(lab=Instance(Lab), most=integer(2), entries=integer(1), named=Instance(Collection))
def gather(lab: Lab, most: int = 60, entries: int = 6, named: Collection[str] = ()) -> LabStates:
    """Return the states of a lab along its steps, or its first slider, for each entry of its first menu.

    The other controls stay where they are.  In the end the lab stands as it stood.

    Parameters
    ----------
    lab : Lab
    most, entries : int
        How many states along the axis, and how many entries of the menu, at most.
    named : collection of str
        Labels of controls that the chapter's text names: one of these is taken before the first.
    """
    axis, menu = _controls(lab, named)
    begun, first = lab.step, lab.state
    start_axis = lab.controls[axis].value if axis in lab.controls else None
    chosen = lab.controls[menu] if menu else None
    start_menu = chosen.value if menu else None
    rows, names = [], []
    affordable = int(SECONDS / max(_cost(lab, axis), 1e-3))
    entries = max(1, min(entries, affordable // 8))
    most = max(4, min(most, affordable // entries))
    values = _positions(chosen) if menu else [None]
    for value in sorted([start_menu, *[v for v in values if v != start_menu][: entries - 1]], key=values.index):
        if menu:
            chosen.value = value
        if axis == "step":
            lab.step = min(begun, lab.result.steps)
        lab.rest()
        row = () if lab.error else tuple(_along(lab, axis, most))
        if row:
            rows.append(row)
            names.append(lab.state.shown.get(menu, ""))
        if start_axis is not None:
            lab.controls[axis].value = start_axis
    if menu:
        chosen.value = start_menu
    if begun is not None:
        lab.step = begun
    lab.rest()
    places = [(r, c) for r, row in enumerate(rows) for c, s in enumerate(row) if s.settings == first.settings]
    label = "step" if axis == "step" else lab.controls[axis].description if axis else ""
    size = lab.canvas.width, lab.canvas.height
    found = LabStates(label, chosen.description if menu else "", tuple(names), tuple(rows), places[0], *size)
    while len(found.packed()) > LARGEST and max(map(len, found.rows)) > 4:
        found = found.halved()
    return found
