"""``python -m tools.glossary``: in every chapter, a term's first use links to the glossary."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import nbformat

from tools.notebooks import NOTEBOOKS, read

GLOSSARY = "glossary.md"
# Where a word is no use of a term: code, links, headings, HTML, and a table's row of dashes.
APART = re.compile(
    r"```.*?```|~~~.*?~~~|`[^`]*`|\[[^\]]*\]\([^)]*\)|^#[^\n]*$|\$[^$]+\$|<[^>]+>|https?://\S+", re.M | re.S
)


def terms(text: str) -> dict[str, list[str]]:
    """Return the words of each term, itself first, from the glossary's headings and its lines *Also:*."""
    found: dict[str, list[str]] = {}
    for part in re.split(r"^## ", text, flags=re.M)[1:]:
        title, _, body = part.partition("\n")
        also = re.search(r"^\*Also:\* (.*)\.$", body, re.M)
        found[title.strip()] = [title.strip(), *(also[1].split(", ") if also else [])]
    return found


def anchor(term: str) -> str:
    """Return the address of a term's entry, as GitHub and JupyterLab make it of the heading."""
    return f"{GLOSSARY}#{re.sub(r'[^a-z0-9_ -]', '', term.lower()).replace(' ', '-')}"


def _pattern(words: list[str]) -> re.Pattern[str]:
    return re.compile(
        rf"\b({'|'.join(re.escape(w) for w in sorted(words, key=len, reverse=True))})\b",
        0 if words[0].isupper() else re.I,
    )


def first_use(notebook: dict[str, Any], term: str, glossary: dict[str, list[str]]) -> tuple[int, int, int] | None:
    """Return the cell and the span of the first use of a term in running text, or None; "page cache" is no use of "page"."""
    pattern = _pattern(glossary[term])
    longer = [word for other, words in glossary.items() if other != term for word in words if pattern.search(word)]
    for k, cell in enumerate(notebook["cells"]):
        if cell["cell_type"] != "markdown":
            continue
        plain = APART.sub(lambda m: " " * len(m[0]), cell["source"])
        if longer:
            plain = _pattern(longer).sub(lambda m: " " * len(m[0]), plain)
        found = pattern.search(plain)
        if found:
            return k, *found.span()
    return None


def linked(notebook: dict[str, Any], term: str) -> int | None:
    """Return the first cell that links to a term, or None."""
    target = f"]({anchor(term)})"
    return next(
        (k for k, cell in enumerate(notebook["cells"]) if cell["cell_type"] == "markdown" and target in cell["source"]),
        None,
    )


def unlinked(notebook: dict[str, Any], glossary: dict[str, list[str]]) -> list[str]:
    """Return the terms that a notebook uses before it links them, or without linking them."""
    out = []
    for term in glossary:
        use, link = first_use(notebook, term, glossary), linked(notebook, term)
        if use is not None and (link is None or use[0] < link):
            out.append(term)
    return out


def link(notebook: dict[str, Any], glossary: dict[str, list[str]]) -> bool:
    """Link the first use of every term, in place; return whether anything changed."""
    changed = False
    for term in unlinked(notebook, glossary):
        target = re.escape(anchor(term))
        for cell in notebook["cells"]:
            if cell["cell_type"] == "markdown":  # an earlier link, now no longer the first use
                cell["source"] = re.sub(rf"\[([^\]]*)\]\({target}\)", r"\1", cell["source"])
        k, begin, end = first_use(notebook, term, glossary)
        text = notebook["cells"][k]["source"]
        notebook["cells"][k]["source"] = f"{text[:begin]}[{text[begin:end]}]({anchor(term)}){text[end:]}"
        changed = True
    return changed


def known() -> dict[str, list[str]]:
    """Return the course's terms."""
    return terms((NOTEBOOKS / GLOSSARY).read_text(encoding="utf-8"))


def main(paths: list[Path] | None = None) -> None:
    """Link first uses in all chapters."""
    glossary = known()
    for path in paths or sorted(NOTEBOOKS.glob("*.ipynb")):
        notebook = read(path)
        if link(notebook, glossary):
            path.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8")
            print(f"{path.name}: linked")


if __name__ == "__main__":
    main()
