"""``python -m oslab site [FOLDER]``: write the web edition, pages that work from a folder."""

import argparse
import ast
import contextlib
import html
import importlib
import importlib.util
import io
import json
import multiprocessing
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from oslab.base import Instance, checked, integer, quantity, text
from oslab.course.addresses import binder_address, colab_address
from oslab.course.chapters import CHAPTERS
from oslab.course.notebook_copies import originals
from oslab.course.site.pages import code_block, frame, markdown, page_name, scrollable
from oslab.course.site.questions import question_html
from oslab.course.site.states import LabStates, gather
from oslab.lab.mistake_link import repository
from oslab.picture.html_text import escape
from oslab.quizzes.sheet import Sheet

__all__ = ["chapter", "main"]


def _run(source: str, space: dict[str, Any]) -> Any:
    """Run a cell; return the value of its last line, where that is an expression."""
    tree = ast.parse("\n".join(line for line in source.split("\n") if line[:1] not in "%!"))
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(tree, "cell", "exec"), space)
        return eval(compile(ast.Expression(last.value), "cell", "eval"), space) if last else None


def _live(notebook: str) -> str:
    """How to run a notebook, folded."""
    address = repository()
    links = (
        f'<p>In a browser: <a href="{binder_address(address, notebook)}">Binder</a> (takes a minute or two), '
        f'<a href="{colab_address(address, notebook)}">Colab</a> (install oslab in its first cell).</p>'
        if address
        else ""
    )
    here = code_block('make lab\n# or, without make:\npython -m pip install ".[lab]"\npython -m oslab')
    return f"<details class='live'><summary>run it live</summary><p>In the course's folder:</p>{here}{links}</details>"


def _controls(lab: LabStates, name: str) -> str:
    row, place = lab.start
    said = escape(lab.first.shown.get("step" if lab.axis == "step" else lab.axis, ""))
    parts = []
    if lab.axis:
        last = len(lab.rows[row]) - 1
        slider = f'<input type="range" min="0" max="{last}" value="{place}" data-axis="{escape(lab.axis)}" disabled>'
        parts.append(f"<label>{escape(lab.axis)} {slider} <output>{said}</output></label>")
    if len(lab.entries) > 1:
        options = "".join(
            f"<option{' selected' if k == row else ''}>{escape(e)}</option>" for k, e in enumerate(lab.entries)
        )
        parts.append(f"<label>{escape(lab.menu)} <select disabled>{options}</select></label>")
    return f'<div class="controls">{"".join(parts)}</div>' if parts else ""


def _lab_html(lab: LabStates, name: str, stem: str, live: str) -> str:
    alt, size = escape(lab.first.alt), f'width="{lab.width}" height="{lab.height}"'
    picture = (
        f'<div class="sheet" role="img" aria-label="{alt}" style="width:{lab.width}px;aspect-ratio:{lab.width}/{lab.height}">'
        f'<img src="{stem}/{name}.png" alt="" loading="lazy" {size}></div>'
    )
    return (
        f'<figure class="lab" id="lab-{name}" data-states="{stem}/{name}">{_controls(lab, name)}'
        f"{scrollable(picture, 'picture')}<figcaption aria-live='polite'>{escape(lab.first.sentence)}</figcaption>"
        f"</figure>{live}"
    )


def _outputs(cell: dict[str, Any]) -> Iterator[str]:
    """What a cell left in the notebook, as HTML."""
    for output in cell["outputs"]:
        data = output.get("data", {})
        page = "".join(data.get("text/html", ""))
        plain = "".join(data.get("text/plain", output.get("text", "")))
        if page:
            yield scrollable(page.replace("<pre", '<pre tabindex="0"'), "result")
        elif plain:
            yield code_block(plain)


def _code_html(cell: dict[str, Any], tags: set[str]) -> str:
    shown = code_block("".join(cell["source"])) + "".join(_outputs(cell))
    if "solution" in tags or cell["metadata"].get("jupyter", {}).get("source_hidden"):
        said = "solution" if "solution" in tags else "code"
        return f"<details><summary>{said}</summary>{shown}</details>"
    return shown


def _questions_html(sheet: Sheet, name: str) -> str:
    parts = (f"<h3>{escape(key)}</h3>{question_html(q, f'{name}-{key}')}" for key, q in sheet.questions.items())
    return f'<section class="quiz">{"".join(parts)}</section>'


@checked(path=Instance(Path), folder=Instance(Path), most=integer(2), entries=integer(1))
def chapter(path: Path, folder: Path, most: int = 60, entries: int = 6) -> str:
    """Run a notebook's labs, write their states and stills to `folder`, and return the page's body.

    Parameters
    ----------
    path : Path
        The notebook; text and results are taken as they are stored, labs and questions are made anew.
    folder : Path
        Of the site.
    most, entries : int
        How many states along a lab's control, and how many entries of its menu, at most.
    """
    stem = path.stem
    (folder / stem).mkdir(parents=True, exist_ok=True)
    live, space, body, named = _live(path.name), {"__name__": "__main__"}, [], []
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        source, tags = "".join(cell["source"]), set(cell["metadata"].get("tags", []))
        if cell["cell_type"] == "markdown":
            named = re.findall(r"\*([^*\n]+)\*", source)
            body.append(markdown(source))
        if cell["cell_type"] != "code":
            continue
        before = {id(value) for value in space.values()}
        value = None
        if "live" not in tags:
            with contextlib.suppress(*([Exception] if "raises-exception" in tags else [])):
                value = _run(source, space)
        labs = [v.lab for v in space.values() if hasattr(v, "lab") and id(v) not in before]
        if isinstance(value, Sheet):
            body.append(_questions_html(value, cell["id"]))
        for lab in labs:
            name = lab.function.__name__
            states = gather(lab, most, entries, named)
            (folder / stem / f"{name}.png").write_bytes(lab.picture())
            script = f'oslabStates("{stem}/{name}", "{states.packed()}");\n'
            (folder / stem / f"{name}.js").write_text(script, encoding="utf-8")
            asked = question_html(lab.prediction.question, f"predict-{name}") if lab.prediction else ""
            body.append(asked + _lab_html(states, name, stem, live))
            body.append(f"<details><summary>code of this lab</summary>{code_block(source)}</details>")
            lab.close()
        if not labs and not isinstance(value, Sheet) and "setup" not in tags:
            body.append(_code_html(cell, tags))
    return "\n".join(body)


def _chapter_alone(path: Path, **given: Any) -> str:
    """A chapter in a process of its own: at its folder, with progress kept nowhere."""
    with tempfile.TemporaryDirectory() as empty:
        os.environ.update(OSLAB_STATIC="1", OSLAB_PROGRESS=str(Path(empty) / "progress.sqlite"))
        os.chdir(path.parent)
        return chapter(path, **given)


@checked(folder=Instance(Path))
def reference(folder: Path) -> None:
    """Write the reference of the public names, made from their docstrings.

    Raises
    ------
    ImportError
        pdoc is missing.
    """
    import pdoc

    pdoc.render.configure(docformat="numpy", show_source=False, search=False)
    names = ["oslab", *(f"oslab.{wing}" for wing in CHAPTERS.values()), "oslab.machine"]
    modules = {}
    for name in names:
        module = importlib.import_module(name)
        vars(module).update({public: getattr(module, public) for public in module.__all__})  # loaded on first use
        modules[name] = pdoc.doc.Module(module)
    for name, module in modules.items():
        file = folder / f"{name.replace('.', '/')}.html"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(pdoc.render.html_module(module, modules), encoding="utf-8")


def _pages(notebooks: list[Path], guides: list[Path], with_reference: bool) -> dict[str, tuple[str, str]]:
    """The pages that each page links to, in their order: file, short and whole title."""
    pages = {}
    for path in notebooks:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        title = re.search(r"^# (.+)$", "".join(cells[0]["source"]), re.M)
        whole = title[1] if title else path.stem
        pages[page_name(path.name)] = (whole.split(" · ")[0] if " · " in whole else "Start", whole)
    pages["glossary.html"] = ("Glossary", "Glossary")
    if any(path.name == "teaching.md" for path in guides):
        pages["teaching.html"] = ("Teaching", "Teaching with oslab")
    return pages | ({"reference/oslab.html": ("Reference", "Reference of the package")} if with_reference else {})


@checked(folder=Instance(Path), only=text(1000), most=integer(2), entries=integer(1))
def build(folder: Path, only: str = "", most: int = 60, entries: int = 6) -> list[Path]:
    """Write the web edition and return its pages.

    Parameters
    ----------
    folder : Path
        Is made; what is there is replaced.
    only : str
        Only notebooks whose name begins so.
    most, entries : int
        As `chapter` takes them.
    """
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    source = originals()
    notebooks, docs = sorted(source.glob("*.ipynb")), source.parent / "docs"
    guides = sorted(docs.rglob("*.md"))
    with_reference = importlib.util.find_spec("pdoc") is not None and not only
    pages = _pages(notebooks, guides, with_reference)
    wanted = [path for path in notebooks if path.name.startswith(only)]
    work = partial(_chapter_alone, folder=folder, most=most, entries=entries)
    written = []

    def write(file: str, body: str, live: str = "") -> None:
        title = html.unescape(re.sub(r"<[^>]+>", "", body[: body.find("</h1>")]))
        (folder / file).write_text(frame(title, body, file, pages, live), encoding="utf-8")
        written.append(folder / file)

    with ProcessPoolExecutor(os.cpu_count(), multiprocessing.get_context("spawn")) as pool:
        for path, body in zip(wanted, pool.map(work, wanted), strict=True):
            write(page_name(path.name), body, _live(path.name))
            print(f"{path.stem}: {quantity(_size(folder, path.stem), 'B')}", flush=True)
    for path in (source / "glossary.md", *guides):
        write(page_name(str(path.relative_to(source.parent))), markdown(path.read_text(encoding="utf-8")))
    if with_reference:
        reference(folder / "reference")
    return written


def _size(folder: Path, stem: str) -> int:
    """What a whole chapter takes: its page, states and stills, bytes."""
    files = [folder / page_name(f"{stem}.ipynb"), *(folder / stem).iterdir()]
    return sum(file.stat().st_size for file in files)


def main(arguments: list[str]) -> int:
    """Write the web edition; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m oslab site", description=main.__doc__)
    parser.add_argument("folder", nargs="?", default="site", type=Path, help="default: %(default)s")
    parser.add_argument("--only", default="", metavar="NUMBER", help="only the chapters that begin so, such as 03")
    parser.add_argument("--states", type=int, default=60, help="along a lab's control, at most (default: %(default)s)")
    parser.add_argument("--entries", type=int, default=6, help="of a lab's menu, at most (default: %(default)s)")
    given = parser.parse_args(arguments)
    try:
        build(given.folder, given.only, given.states, given.entries)
    except (OSError, ValueError) as error:
        print(f"The site could not be written: {error}", file=sys.stderr)
        return 1
    print(f"open {given.folder / 'index.html'}")
    return 0
