"""``python -m tools.readme``: write the README's list of chapters anew, and the repository's address wherever it stands."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from oslab.course.addresses import BINDER, binder_address, page_address
from oslab.course.site.pages import page_name
from tools.notebooks import NOTEBOOKS, read
from tools.sources import ROOT

README, CITATION = ROOT / "README.md", ROOT / "CITATION.cff"
ADDRESSED = (README, CITATION, ROOT / "LICENSE-notebooks", ROOT / "docs/teaching.md")
BEGIN, END = "<!-- chapters: written by python -m tools.readme -->", "<!-- end of chapters -->"
LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
HEADING = re.compile(r"^## (?:\d+ · )(.+)$", re.M)
TITLE = r"^# (.+)$"
QUESTION = r"^(?:\*\*(?=.*\*\*$)|The question of this chapter: )([^*\n]+)"
TAKES = r"^(?:Time: )?((?:about )?\d+ minutes[^;.\n]*)"


class Chapter(NamedTuple):
    """What the README says of a notebook."""

    file: str
    title: str
    question: str
    takes: str
    parts: list[str]


def repository(root: Path = ROOT) -> str:
    """Return the repository's address, from pyproject.toml, the only place where it is given."""
    return tomllib.loads((root / "pyproject.toml").read_text())["project"]["urls"]["Repository"].rstrip("/")


def describe(path: Path) -> Chapter:
    """Return what a notebook's title, question, time and headings say of it.

    Raises
    ------
    ValueError
        Its first cell lacks one of them.
    """
    notebook = read(path)
    first = notebook["cells"][0]["source"]
    found = [re.search(pattern, first, re.M) for pattern in (TITLE, QUESTION, TAKES)]
    if None in found:
        raise ValueError(
            f"{path.name}: its first cell must have a title, a question in bold, and Time: about … minutes"
        )
    title, question, takes = (LINK.sub(r"\1", match[1]) for match in found if match)
    texts = [cell["source"] for cell in notebook["cells"] if cell["cell_type"] == "markdown"]
    parts = [part for text in texts for part in HEADING.findall(text) if not part.startswith("Quiz")]
    return Chapter(path.name, title, question[0].upper() + question[1:], takes, parts)


def lines(folder: Path = NOTEBOOKS, address: str | None = None) -> Iterator[str]:
    """Yield the lines between the README's marks: a row for each notebook, then what each one's labs answer."""
    address = address or repository()
    chapters = [describe(path) for path in sorted(folder.glob("*.ipynb"))]
    yield "| chapter | the question it answers | takes | in a browser, nothing installed |"
    yield "|---|---|---|---|"
    for c in chapters:
        badge = f"[![open on Binder]({BINDER}/badge_logo.svg)]({binder_address(address, c.file)})"
        page = page_address(address, page_name(c.file))
        yield f"| [{c.title}]({page}) ([notebook](notebooks/{c.file})) | {c.question} | {c.takes} | {badge} |"
    yield ""
    yield "The parts of each chapter:"
    yield ""
    yield from (f"- **{c.title}**: {' · '.join(c.parts)}" for c in chapters if c.parts)


def renewed(text: str, **where: object) -> str:
    """Return a README with what is between its marks made anew.

    Raises
    ------
    ValueError
        It lacks the marks.
    """
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"README.md lacks the lines {BEGIN} and {END}")
    return "\n".join([f"{before}{BEGIN}", *lines(**where), f"{END}{after}"])


def addressed(text: str, old: str, new: str) -> str:
    """Return a text with the repository's address, its pages' and those made of it changed from `old` to `new`."""
    for made in (
        str,
        lambda address: quote(address, safe=""),
        page_address,
        lambda address: binder_address(address, ""),
    ):
        before, after = (made(address).rstrip("/") for address in (old, new))
        text = re.sub(rf"{re.escape(before)}(?![\w-])", after, text)
    return text


def main() -> int:
    """Write what changes; return 0."""
    new = repository()
    [old] = re.findall(r"^repository-code: (\S+)$", CITATION.read_text(encoding="utf-8"), re.M)
    for path in ADDRESSED:
        text = path.read_text(encoding="utf-8")
        written = addressed(text, old, new)
        if path == README:
            written = renewed(written)
        if written != text:
            path.write_text(written, encoding="utf-8")
        print(f"{path.relative_to(ROOT)}: {'written' if written != text else 'unchanged'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
