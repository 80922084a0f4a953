"""``python -m tools.words [-v]``: the style of what a reader reads: long sentences, clauses as subjects, worn phrases.

It prints a line for each file, with -v every place.  `tools.lint` holds the number of places to what `MOST` says; it
only ever falls.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
LONGEST = 25  # words a sentence
OFTEN = 2  # "often said" in a chapter
MOST = 2
END = re.compile(r"(?<=[.?!])\**\s+(?=[A-Z*`\"“(\[])")
WORD = re.compile(r"[\w'’.\-/×°%]+")
CLAUSE = re.compile(r"^\W*(?:What|Who|Whoever|Whatever) (?!you saw)[^?]*$")
WORN = {
    r"\bspoil": "damage, break",
    r"\blets go\b": "evicts, releases",
    r"\bto come\b": "in the future, next",
    r"\bsays nothing\b": "is undefined",
    r"\bwho does not see\b": "a reader who cannot see",
    r"\bfor longest\b": "for the longest time; least recently",
}


def texts(path: Path) -> Iterator[str]:
    """Yield the Markdown of a notebook's cells, or a file's own."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".ipynb":
        yield text
        return
    yield from ("".join(cell["source"]) for cell in json.loads(text)["cells"] if cell["cell_type"] == "markdown")


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
    return [*sorted((ROOT / "notebooks").glob("*.ipynb")), *pages]


def main() -> int:
    """Print what was found; return 1 if it is more than allowed."""
    total = 0
    for path in files():
        found = list(check(path))
        total += len(found)
        print(f"{path.name}: {len(found)}")
        if "-v" in sys.argv[1:]:
            print("\n".join(f"  {line}" for line in found))
    print(f"{total} sentences to mend, at most {MOST}")
    return int(total > MOST)


if __name__ == "__main__":
    sys.exit(main())
