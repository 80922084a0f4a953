"""``python -m oslab assign 03:faults,clock,Q2 04:mistakes -o week3.ipynb``: a notebook of chosen labs and questions."""

import argparse
import ast
import copy
import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from oslab.base import Instance, Several, checked, shown, text
from oslab.base.chapters import NOTEBOOKS
from oslab.course.chapters import CHAPTERS, chapter_of, quiz_of, read_choice
from oslab.course.notebook_copies import originals

__all__ = ["assign", "chosen_in", "groups_of", "main", "names_of"]

Cell = dict[str, Any]
STARTS = {"slide", "subslide", "skip"}  # of a slide: what belongs to a lab stands on one, or on fragments of it
KIND = "assignment"
HAND_IN = """## Hand in

Your answers are kept in a file of your own. Write your name, press *download as one file*, and hand that file in."""


@checked(number=text(2))
def groups_of(number: str) -> list[list[Cell]]:
    """Return a chapter's cells in groups: a lab with its text before and after, an exercise with its solution."""
    groups: list[list[Cell]] = []
    for cell in _chapter(number)["cells"]:
        starts = cell["metadata"].get("slideshow", {}).get("slide_type") in STARTS
        continued = bool(groups) and any(cell["id"].startswith(f"{c['id']}-") for c in groups[-1] if _is_code(c))
        if not groups or (starts and not continued):
            groups.append([])
        groups[-1].append(cell)
    return groups


@checked(group=Instance(list))
def names_of(group: list[Cell]) -> set[str]:
    """Return the names by which a group can be chosen: its code cells' identifiers, and its labs' functions."""
    code = [cell for cell in group if _is_code(cell) and "setup" not in cell["metadata"].get("tags", ())]
    found = {name for cell in code for name in re.findall(r"^@explore[^$]*?^def (\w+)\(", _source(cell), re.M)}
    return found | {cell["id"] for cell in code}


def _chapter(number: str) -> dict[str, Any]:
    return json.loads((originals() / _file(number)).read_text(encoding="utf-8"))


def _file(number: str) -> str:
    return f"{NOTEBOOKS[CHAPTERS[chapter_of(number)]]}.ipynb"


def _is_code(cell: Cell) -> bool:
    return cell["cell_type"] == "code"


def _source(cell: Cell) -> str:
    return "".join(cell["source"])


def _digest(cell: Cell) -> str:
    return hashlib.sha256(_source(cell).encode()).hexdigest()[:16]


@checked(chosen=Several(text(1000), 0), target=Instance(Path))
def assign(chosen: Sequence[str], target: Path) -> dict[str, int]:
    """Write a notebook of chosen labs, in the chapters' order, and keep what the teacher wrote into it before.

    Parameters
    ----------
    chosen : sequence of str
        ``"03:faults,clock,Q2"``: a chapter, and names of its labs, questions of its quiz, ``exercise`` or ``quiz``.  Empty:
        what was chosen when the file was made.
    target : Path
        The notebook.  Cells that the teacher put into it stay behind the cell they follow; changed ones stay changed.

    Returns
    -------
    dict of str to int
        How many cells are ``"from the course"``, ``"your own"`` and ``"changed by you"``.

    Raises
    ------
    ValueError
        No such lab or question; a file that `assign` did not make.
    """
    old = _read_old(target)
    wanted = read_choice(chosen or old["metadata"]["oslab"]["chosen"])
    if bare := [number for number, names in wanted.items() if not names]:
        raise ValueError(f"chosen={shown(bare[0])}: allowed is a chapter and names, such as 03:faults,clock,Q2")
    cells = [_text("title", f"# {_title(target.stem)}"), _setup(wanted)]
    for number, names in wanted.items():
        cells += _of_chapter(number, names)
    if any(cell["metadata"].get("tags") == ["quiz"] for cell in cells):
        cells += [_text("hand-in-text", HAND_IN), _code("hand-in", "progress.panel()", "hand-in")]
    for cell in cells:
        cell["metadata"]["oslab"] = {"made": _digest(cell)}
    known = {cell["id"] for cell in cells}
    changed, own, anchor = {}, {}, ""
    for cell in old["cells"]:
        made = cell["metadata"].get("oslab", {}).get("made")
        if made is None:
            own.setdefault(anchor, []).append(cell)
        elif cell["id"] in known:
            anchor = cell["id"]
            if made != _digest(cell):
                changed[anchor] = cell
    built = list(own.get("", ()))
    for cell in cells:
        built += [changed.get(cell["id"], cell), *own.get(cell["id"], ())]
    told = {"kind": KIND, "chosen": [f"{number}:{','.join(names)}" for number, names in wanted.items()]}
    metadata = {**_chapter("01")["metadata"], "oslab": told}
    made = {"cells": built, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    target.write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    mine = sum(map(len, own.values()))
    return {"from the course": len(cells) - len(changed), "your own": mine, "changed by you": len(changed)}


def _title(stem: str) -> str:
    """A file's name as a title: ``week3`` is "Week 3"."""
    return re.sub(r"(?<=[^\W\d])(?=\d)", " ", re.sub(r"[-_]+", " ", stem)).strip().capitalize()


@checked(path=Instance(Path))
def chosen_in(path: Path) -> tuple[str, ...]:
    """Return what a notebook that `assign` made was made of: ``("03:faults,clock,Q2", "04:mistakes")``.

    Raises
    ------
    ValueError
        Another notebook, or none.
    """
    if chosen := tuple(_read_old(path)["metadata"]["oslab"]["chosen"]):
        return chosen
    raise ValueError(f"path={shown(str(path))}: allowed is a notebook that `assign` has made")


def _read_old(target: Path) -> dict[str, Any]:
    if not target.exists():
        return {"cells": [], "metadata": {"oslab": {"chosen": ()}}}
    try:
        old = json.loads(target.read_text(encoding="utf-8"))
        if old["metadata"]["oslab"]["kind"] == KIND:
            return old
    except (ValueError, KeyError, TypeError):
        pass
    raise ValueError(f"target={shown(str(target))}: allowed is a new file, or one that `assign` has made")


def _of_chapter(number: str, names: list[str]) -> list[Cell]:
    """The cells of the groups that these names choose, each once, and the questions of the quiz."""
    groups, bank = groups_of(number), quiz_of(number)
    known = [names_of(group) for group in groups]
    for name in names:
        if name not in bank and not any(name in one for one in known):
            labs = ", ".join(sorted(set().union(*known)))
            raise ValueError(f"{number}:{shown(name)}: allowed are {labs}, {', '.join(bank)}")
    wing = CHAPTERS[number]
    cells = [_text(f"{number}-from", f"*From [chapter {int(number)}, {bank.title}]({_file(number)}).*")]
    for group, choices in zip(groups, known, strict=True):
        for cell in copy.deepcopy(group) if choices & set(names) else ():
            cells.append({**cell, "id": f"{number}-{cell['id']}"})
    if questions := [key for key in bank if key in names]:
        code = f"quiz({wing}.QUIZ.select({', '.join(map(repr, questions))}))".replace("'", '"')
        cells += [_text(f"{number}-questions-text", "## Questions"), _code(f"{number}-questions", code, "quiz")]
    return cells


def _setup(wanted: Iterable[str]) -> Cell:
    """One cell with what the chapters' set-up cells import and call."""
    plain, calls, from_oslab = set(), set(), {"quiz", "progress"}
    for number in wanted:
        cells = _chapter(number)["cells"]
        for line in ast.parse(_source(next(c for c in cells if "setup" in c["metadata"].get("tags", ())))).body:
            if isinstance(line, ast.ImportFrom):
                from_oslab |= {one.name for one in line.names}
            else:
                (calls if isinstance(line, ast.Expr) else plain).add(ast.unparse(line))
    lines = [*sorted(plain), *[""] * bool(plain), f"from oslab import {', '.join(sorted(from_oslab))}", *sorted(calls)]
    return _code("setup", "\n".join(lines), "setup")


def _text(identifier: str, source: str) -> Cell:
    slides = {"slideshow": {"slide_type": "slide"}}
    return {"cell_type": "markdown", "id": identifier, "metadata": slides, "source": source.splitlines(keepends=True)}


def _code(identifier: str, source: str, tag: str) -> Cell:
    told = {"slideshow": {"slide_type": "-"}, "tags": [tag]}
    code = {"cell_type": "code", "execution_count": None, "outputs": []}
    return {**code, "id": identifier, "metadata": told, "source": source.splitlines(keepends=True)}


def main(arguments: Sequence[str] | None = None) -> int:
    """Write or rebuild an assignment, or list what can be chosen; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m oslab assign", description=__doc__)
    parser.add_argument("chosen", nargs="*", help="such as 03:faults,clock,Q2; without any, the notebook's own choice")
    parser.add_argument("-o", "--output", default="assignment.ipynb", type=Path, help="default: %(default)s")
    parser.add_argument("--list", metavar="03", help="print the labs and questions of a chapter, and exit")
    given = parser.parse_args(arguments)
    if given.list:
        _list(chapter_of(given.list))
        return 0
    counts = assign(given.chosen, given.output)
    print(f"{given.output}: {', '.join(f'{n} cells {what}' for what, n in counts.items() if n)}")
    return 0


def _list(number: str) -> None:
    title = ""
    for group in groups_of(number):
        title = next((t for c in group for t in re.findall(r"^##+ (.+)", _source(c), re.M)), title)
        if names := names_of(group) - {"quiz"}:
            print(f"{', '.join(sorted(names)):28} {title}")
    bank = quiz_of(number)
    for key in bank:
        asked = next(iter(bank.draw(key).values())).prompt
        print(f"{key:28} {' '.join(asked.split())[:80]}")
