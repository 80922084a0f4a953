"""The anatomy of a notebook: what every chapter's has, each rule a function that yields what breaks it.

A rule takes a notebook as nbformat reads it; its docstring is the rule.  A cell is called by its identifier.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from oslab.course.saving import WIDGET_VIEW
from tools.sources import sources_digest

Notebook = dict[str, Any]
RULES: list[Callable[[Notebook], Iterator[str]]] = []
SLIDES = {"slide", "subslide", "fragment", "skip", "notes", "-"}
VISIBLE_LINES, HIDDEN_LINES = 5, 15
OWN_LINES = {"exercise", "solution"}  # may bring what only they need


def rule(function: Callable[[Notebook], Iterator[str]]) -> Callable[[Notebook], Iterator[str]]:
    RULES.append(function)
    return function


def check(notebook: Notebook) -> list[str]:
    """Return what is wrong with a notebook, a sentence each."""
    return [message for each in RULES for message in each(notebook)]


def tags(cell: dict[str, Any]) -> set[str]:
    return set(cell["metadata"].get("tags", []))


def code_cells(notebook: Notebook) -> list[dict[str, Any]]:
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def lab_cells(notebook: Notebook) -> list[dict[str, Any]]:
    return [cell for cell in code_cells(notebook) if re.search(r"^@explore\(", cell["source"], re.M)]


def outputs(notebook: Notebook) -> Iterator[tuple[str, dict[str, Any]]]:
    yield from ((cell["id"], output) for cell in code_cells(notebook) for output in cell["outputs"])


def is_chapter(notebook: Notebook) -> bool:
    return notebook["metadata"].get("oslab", {}).get("kind", "chapter") == "chapter"


@rule
def cells_have_identifiers(notebook: Notebook) -> Iterator[str]:
    """Every cell has an identifier of its own."""
    seen: set[str] = set()
    for k, cell in enumerate(notebook["cells"], 1):
        name = cell.get("id")
        if not name or name in seen:
            yield f"cell {k} has {'the identifier of another' if name else 'no identifier'}"
        seen.add(name)


@rule
def cells_have_slides(notebook: Notebook) -> Iterator[str]:
    """Every cell says how it is shown on a slide."""
    for cell in notebook["cells"]:
        kind = cell["metadata"].get("slideshow", {}).get("slide_type")
        if kind not in SLIDES:
            yield f"{cell['id']}: slide_type={kind!r}; allowed are {', '.join(sorted(SLIDES))}"


@rule
def cells_are_short(notebook: Notebook) -> Iterator[str]:
    """A code cell that is seen has at most 5 lines, a folded one at most 15."""
    for cell in code_cells(notebook):
        folded = cell["metadata"].get("jupyter", {}).get("source_hidden", False)
        most, n = (HIDDEN_LINES if folded else VISIBLE_LINES), len(cell["source"].splitlines())
        if n > most:
            yield f"{cell['id']}: {n} lines of code; {'a folded' if folded else 'a visible'} cell has at most {most}"


@rule
def one_cell_sets_up(notebook: Notebook) -> Iterator[str]:
    """The first code cell, and no other, is tagged `setup`, and imports whatever is imported."""
    cells = code_cells(notebook)
    marked = [cell["id"] for cell in cells if "setup" in tags(cell)]
    if not cells or marked != [cells[0]["id"]]:
        yield f"tagged setup: {', '.join(marked) or 'no cell'}; it must be the first code cell alone"
    for cell in cells:
        if not tags(cell) & (OWN_LINES | {"setup"}) and re.search(r"^\s*(import|from) ", cell["source"], re.M):
            yield f"{cell['id']}: imports; that belongs to the set-up cell"


@rule
def only_live_cells_go_unchecked(notebook: Notebook) -> Iterator[str]:
    """Only a cell tagged `live`, a measurement of this machine, is tagged `nbval-ignore-output`, and each is."""
    for cell in code_cells(notebook):
        if "nbval-skip" in tags(cell) or re.search(r"#\s*NBVAL_", cell["source"]):
            yield f"{cell['id']}: nbval skips it; only the tag nbval-ignore-output is allowed, on a live cell"
        if ("nbval-ignore-output" in tags(cell)) != ("live" in tags(cell)):
            yield f"{cell['id']}: the tags live and nbval-ignore-output go together"


@rule
def labs_have_pictures(notebook: Notebook) -> Iterator[str]:
    """Every cell of a lab stores a picture and its sentence."""
    for cell in lab_cells(notebook):
        bundles = [output.get("data", {}) for output in cell["outputs"]]
        if not any(b.get("image/png") and b.get("text/plain", "").strip() for b in bundles):
            yield f"{cell['id']}: no stored picture with its sentence; run make notebooks"


@rule
def pictures_are_fresh(notebook: Notebook) -> Iterator[str]:
    """What is stored was made from the sources as they are now."""
    if notebook["metadata"].get("oslab", {}).get("sources") != sources_digest(notebook):
        yield "stored before its sources changed; run make notebooks"


@rule
def no_widgets_are_stored(notebook: Notebook) -> Iterator[str]:
    """Neither widget state nor a call for a live widget is stored."""
    if "widgets" in notebook["metadata"]:
        yield "the metadata hold widget state"
    for name, output in outputs(notebook):
        if WIDGET_VIEW in output.get("data", {}):
            yield f"{name}: an output asks for a live widget"


@rule
def no_errors_are_stored(notebook: Notebook) -> Iterator[str]:
    """No cell is stored with an error or a warning."""
    for name, output in outputs(notebook):
        if output["output_type"] == "error":
            yield f"{name}: stored with {output['ename']}: {output['evalue']}"
        if output.get("name") == "stderr":
            yield f"{name}: stored with a message on stderr: {output['text'].strip()[:60]}"


@rule
def it_says_what_it_takes(notebook: Notebook) -> Iterator[str]:
    """The first cell has the title, the time it takes, and the prerequisites."""
    first = notebook["cells"][0] if notebook["cells"] else {"cell_type": "", "source": ""}
    if first["cell_type"] != "markdown" or not first["source"].startswith("# "):
        yield "the first cell is no title"
        return
    if not re.search(r"\d\s*(minutes?|min|hours?|h)\b", first["source"]):
        yield "the first cell does not say how long it takes"
    if not re.search(r"\bprerequisites?\b", first["source"], re.I):
        yield "the first cell does not name the prerequisites"


@rule
def one_title(notebook: Notebook) -> Iterator[str]:
    """There is one heading of the first level."""
    n = len(_headings(notebook, "# "))
    if n != 1:
        yield f"{n} headings of the first level; one is allowed"


@rule
def it_ends_as_chapters_do(notebook: Notebook) -> Iterator[str]:
    """A chapter ends with its quiz, what to remember, and sources, in this order."""
    if not is_chapter(notebook):
        return
    last = [title for _, title in _headings(notebook, "## ")][-3:]
    wanted = ("quiz", "remember", "sources")
    if len(last) < 3 or not all(word in title.lower() for word, title in zip(wanted, last)):
        yield f"it ends with {', '.join(last) or 'no headings'}; wanted are Quiz, What to remember, Sources"
        return
    begin, end = (cell for cell, _ in _headings(notebook, "## ")[-3:-1])
    between = notebook["cells"][begin:end]
    if not any(c["cell_type"] == "code" and re.search(r"\bquiz\(", c["source"]) for c in between):
        yield "no cell under Quiz calls quiz(…)"


@rule
def a_hint_comes_before_the_solution(notebook: Notebook) -> Iterator[str]:
    """A folded hint stands before the solution of an exercise."""
    seen = ""
    for cell in notebook["cells"]:
        solved = "solution" in tags(cell) or "<summary>Solution</summary>" in cell["source"]
        before = seen + cell["source"].partition("<summary>Solution</summary>")[0]
        if solved and "<summary>Hint</summary>" not in before:
            yield f"{cell['id']}: a solution without a hint before it"
            return
        seen += cell["source"]


def _headings(notebook: Notebook, mark: str) -> list[tuple[int, str]]:
    """The headings of a level: the cell's place, the text.  Fenced code is left out."""
    found = []
    for k, cell in enumerate(notebook["cells"]):
        if cell["cell_type"] == "markdown":
            text = re.sub(r"^(```|~~~).*?^\1", "", cell["source"], flags=re.M | re.S)
            found += [(k, line[len(mark) :].strip()) for line in text.splitlines() if line.startswith(mark)]
    return found
