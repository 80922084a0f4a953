"""Every lab of every notebook, each control at both ends and every entry of its menus: a picture, or a sentence."""

import json
import re
from pathlib import Path

import ipywidgets as widgets
import pytest

from tests.house.picture_texts import cramped, misplaced

LABS = [
    (path.stem, re.search(r"^def (\w+)\(", source, re.M)[1])
    for path in sorted((Path(__file__).parents[2] / "notebooks").glob("0*.ipynb"))
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]
    if cell["cell_type"] == "code" and (source := "".join(cell["source"])).startswith("@explore(")
]
EXPONENT = re.compile(r"\d[eE][+-]?\d\d")
NOTHING = re.compile(r"(?<![\w.])-0(\.0*)?(?![\w.])")
ONE = re.compile(
    r"(?<![\w.,\u202f/:–-])1 (threads|frames|pages|faults|tasks|processes|references|workers|requests|operations|packets|"
    r"blocks|schedules|CPUs|steps|bytes|questions|programs|children|turns|systems|seconds)\b"
)

SHARE = re.compile(
    r"(?<![\w.])0\.\d+ of (?=\d[\d\u202f]* (pages|references|accesses|names)\b)|\b1 of the \d+ [\w ]+ (hold|are)\b"
)


FRAME, FIRST = 12 * 1024, 16 * 1024  # bytes on the wire: a display list; the first one with its background
LARGER = {
    "who_runs": "a quantum of 0.25 ms makes 700 slices, each of which can be asked for its decision",
    "shares": "a quantum of 1 ms makes a line of some thousand corners",
}


NUMBERS = (
    widgets.IntSlider
    | widgets.FloatSlider
    | widgets.SelectionSlider
    | widgets.IntText
    | widgets.FloatText
    | widgets.BoundedIntText
    | widgets.BoundedFloatText
)
# Ends at which a control changes nothing as its lab opens, and why that is right.
WITHOUT_EFFECT = {
    ("access", "phase", 10_000_000): "each phase has a working set of the same size, so one lasts as well as two",
    ("access", "pages", 1_000_000): "only the working set of the phases is in use, however many pages there are",
    ("mapped", "record", 512): "what is smaller than a page comes with its page",
    ("feeding", "cpus", 1): "one worker needs one CPU",
    ("feeding", "cpus", 64): "one worker needs one CPU",
    ("feeding", "gil", 0.0): "the lab opens with a worker process, which has a lock of its own",
    ("feeding", "gil", 1.0): "the lab opens with a worker process, which has a lock of its own",
}


def ends(widget):
    """Yield the values at which a control is tried: all of a menu, the ends of numbers, or those beside their own."""
    if isinstance(widget, widgets.SelectionSlider | widgets.Dropdown):
        options = widget.options
        values = (
            list(options.values())
            if isinstance(options, dict)
            else [o[1] if isinstance(o, tuple) else o for o in options]
        )
        yield from (values if isinstance(widget, widgets.Dropdown) else (values[0], values[-1]))
    elif isinstance(widget, NUMBERS):
        yield from (getattr(widget, "min", widget.value - 1), getattr(widget, "max", widget.value + 1))
    elif isinstance(widget, widgets.Checkbox):
        yield from (True, False)


def wrong(lab, where):
    """Yield what is wrong with the words of a lab as it stands."""
    if re.match(r"[A-Z]\w*(Error|Exception|Warning)\b", lab.error) or not lab.text or not lab.canvas.view.title:
        yield f"{where}: {lab.error or 'nothing is said'}"
    yield from misplaced(lab.canvas, where, (lab.state.background, lab.state.list))
    if (size := len(lab.state.list)) > FRAME * (3 if lab.function.__name__ in LARGER else 1):
        yield f"{where}: a frame of {size} bytes"
    parts = lab.result if isinstance(lab.result, tuple) else (lab.result,)
    rows = [row for part in parts if hasattr(part, "table") for row in part.table()[:50]]
    if odd := [
        name for row in rows for name, value in row.items() if value != value or str(value).endswith((": ", ","))
    ]:
        yield f"{where}: a table without words for what is not there: {odd[0]}"
    for said in (
        lab.text,
        lab.canvas.view.title,
        *(str(v) for row in rows for v in (*row, *row.values()) if isinstance(v, str)),
    ):
        for rule in (EXPONENT, NOTHING, ONE, SHARE):
            if found := rule.search(said):
                yield f"{where}: {found.group()!r} in {said!r}"


def tried(lab, where):
    """Yield what is wrong with a lab as it stands, at its first steps and its last."""
    yield from wrong(lab, where)
    for step in (0, 1, lab.result.steps) if lab.step is not None else ():
        lab.step = step
        yield from wrong(lab, f"{where}, step {step}")


@pytest.mark.parametrize("notebook, name", LABS)
def test_every_control_to_its_ends(lab_of, notebook, name):
    lab, still = lab_of(notebook, name).lab, []
    found = list(tried(lab, "as it opens"))
    if (size := len(lab.state.list) + len(lab.state.background)) > FIRST:
        found.append(f"the first picture takes {size} bytes")
    for width in (640, 1200, 820):
        lab._message(None, {"room": width}, [])
        found += [*tried(lab, f"{width} wide"), *cramped(lab.canvas, f"{width} wide")]
        assert lab.canvas.width == width
    lab.reset()
    for control in list(lab.controls):
        widget = lab.controls.get(control)
        if widget is None or isinstance(widget, widgets.Text | widgets.Textarea):
            continue
        start, step, told, before = widget.value, lab.step, [], (lab.state.list, lab.text)
        for value in ends(widget):
            widget.value = value
            same = value != start and not lab.error and (lab.state.list, lab.text) == before
            still += [(name, control, value)] if same and isinstance(widget, NUMBERS) else []
            told += [] if lab.error else [lab.alt]
            found += tried(lab, f"{control} = {value!r}")
            if step is not None:
                lab.step = step
        if len(told) > len(set(told)):
            found.append(f"{control}: who does not see the picture is told the same of two values")
        widget.value = start
        if lab.error:
            found.append(f"{control} back at {start!r}: {lab.error}")
    assert found == [] and still == [place for place in WITHOUT_EFFECT if place[0] == name]


def test_texts_that_leave_or_overlap_are_found(lab_of):
    canvas = lab_of("00_start_here", "epochs").lab.canvas
    title, label = canvas.view.title, canvas.view.label
    assert not list(misplaced(canvas, "here"))
    label(canvas.figure, 0.97, 0.5, "beyond the edge")
    label(canvas.figure, 0.05, 0.945, "on the title", va="center")
    found = list(misplaced(canvas, "here"))
    assert any("beyond the edge" in said and "leaves" in said for said in found)
    assert any("on the title" in said and title in said for said in found)


def test_what_is_wrong_is_found():
    assert EXPONENT.search("3e+04 ms") and NOTHING.search("-0.0 ns") and ONE.search("with 1 threads")
    assert SHARE.search("0.265 of 1\u202f000 references miss") and SHARE.search("1 of the 5 layouts hold 4g")
    assert not any(r.search("0x7fe05 of 21 threads, 1 000 frames; -0.5; CO2e") for r in (EXPONENT, NOTHING, ONE))
