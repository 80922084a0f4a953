"""``python -m tools.words [-v]``: the style of what a reader reads: long sentences, clauses as subjects, worn phrases.

It reads notebooks, pages, and what the package says in pictures, questions and labels.  It prints a line for each
file, with -v every place.  `tools.lint` holds the number of places to what `MOST` says; it only ever falls.
"""

from __future__ import annotations

import ast
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
LONGEST = 25  # words a sentence
OFTEN = 2  # "often said" in a chapter
MOST = 0
END = re.compile(r"(?<=[.?!])\**\s+(?=[A-Z*`\"“(\[])")
WORD = re.compile(r"[\w'’.\-/×°%]+")
CLAUSE = re.compile(r"^\W*(?:What|Who|Whoever|Whatever) (?!you saw)[^?]*$")
SPOKEN = ("labs.py", "questions/*.py", "views/*.py")  # in a wing: files whose strings are shown
WORN = {
    r"\bkept aside\b": "stored in, set apart",
    r"\bwhatever happens\b": "in every case",
    r"\bsweet spot\b": "best number, best size",
    r"\blet (?:\w+ ){0,2}go\b": "evict, release",
    r"\bto be had\b": "available",
    r"\bfrom here on\b": "from now on",
    r"\bspoil": "damage, break",
    r"\blets go\b": "evicts, releases",
    r"\bto come\b": "in the future, next",
    r"\bsays nothing\b": "is undefined",
    r"\bwho does not see\b": "a reader who cannot see",
    r"\bfor longest\b": "for the longest time; least recently",
}


def texts(path: Path) -> Iterator[str]:
    """Yield the Markdown of a notebook's cells, the strings of a program that are no docstrings, or a file's text."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        yield from strings(ast.parse(text))
        return
    if path.suffix != ".ipynb":
        yield text
        return
    yield from ("".join(cell["source"]) for cell in json.loads(text)["cells"] if cell["cell_type"] == "markdown")


def strings(tree: ast.AST) -> Iterator[str]:
    """Yield a program's strings of three words or more, what f-strings fill in as `1`; no docstrings."""
    hidden = {id(v) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for v in node.values}
    hidden |= {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        parts = node.values if isinstance(node, ast.JoinedStr) else [node]
        said = "".join(str(part.value) if isinstance(part, ast.Constant) else "1" for part in parts)
        if id(node) not in hidden and said.count(" ") > 1 and isinstance(node, ast.JoinedStr | ast.Constant):
            yield said


def sentences(markdown: str) -> Iterator[str]:
    """Yield the sentences of running text: no code, no tables, no headings; what a link says stays."""
    prose = re.sub(r"```.*?```|<!--.*?-->|<[^>]+>", "", markdown, flags=re.S)
    prose = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", prose)
    for paragraph in re.split(r"\n\s*\n|\n(?=\s*(?:[-*|#>]|\d+\.)\s?)", prose):
        if not re.match(r"\s*[|#]", paragraph) and " · " not in paragraph:  # nor lists of headings
            yield from END.split(" ".join(paragraph.split()))


def check(path: Path) -> Iterator[str]:
    """Yield what breaks a rule of style in a file, a line each."""
    often = 0
    for text in texts(path):
        for sentence in sentences(text):
            if (words := len(WORD.findall(sentence))) > LONGEST:
                yield f"{words} words: {sentence}"
            if CLAUSE.match(sentence):
                yield f"a clause is the subject: {sentence}"
            yield from (f"{say!r} for {rule}: {sentence}" for rule, say in WORN.items() if re.search(rule, sentence))
            often += "often said" in sentence.lower()
    if often > OFTEN:
        yield f"'often said' {often} times"


def files() -> list[Path]:
    """Return what readers read."""
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
    spoken = (path for part in SPOKEN for path in sorted((ROOT / "oslab").glob(f"*/{part}")))
    return [*sorted((ROOT / "notebooks").glob("*.ipynb")), *pages, *spoken]


def main() -> int:
    """Print what was found; return 1 if it is more than allowed."""
    total = 0
    for path in files():
        found = list(check(path))
        total += len(found)
        if found or path.suffix != ".py":
            print(f"{path.relative_to(ROOT)}: {len(found)}")
        if found and "-v" in sys.argv[1:]:
            print("\n".join(f"  {line}" for line in found))
    print(f"{total} sentences to mend, at most {MOST}")
    return int(total > MOST)


if __name__ == "__main__":
    sys.exit(main())
