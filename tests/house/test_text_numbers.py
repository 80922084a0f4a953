"""Every number of a notebook's text stands in a phrase that the chapter's `test_texts.py` works out anew.

Read, not run: a phrase is a literal of that file; what it works out (`{…}`) stands for any text.
"""

import ast
import json
import re

import pytest

from tests.conftest import NOTEBOOKS

TESTS = NOTEBOOKS.parent / "tests"
WINGS = {
    "01": "processes",
    "02": "scheduling",
    "03": "memory",
    "04": "synchronization",
    "05": "filesystems",
    "06": "devices",
    "07": "ai",
}
NAMED = (
    r"chapters?|labs?|parts?|section|question|Q|v|version|Linux|Python|PEP|inode|process|core|nodes?|GPU|instance|Zen|SDM"
    r"|x86-|slices?|queue"
)
NOT_FOUND = re.compile(
    r"```.*?```|`[^`]*`|\]\([^)]*\)|^#.*$"  # programs, what is to be typed, links, headings
    rf"|\b({NAMED}) ?\d[\d.t]*(?:(?:,| and| to| or) \d[\d.]*)*"
    r"|\(?\b1\)? − |\bα = [\d.]+|\b(4 KiB|2 MiB)\b(?= (copied|pages))|[Hh]uge pages\S* of 2 MiB|99 of 100|p99|99 %"
    r"|\b[A-Za-z_][A-Za-z_]*\d[\w.]*|\b\d+[gG]\b"  # x86, ext4, H100, 1g
    r"|\b(1[89]|20)\d\d\b|\(\d\)|\b\d+\(\d+\)(?:, \d+)?|0x[0-9a-fA-F]+"  # years, man pages, addresses
    r"|\b\d+(\.\d+)+(\.\d+)\b|\b[IVX]+ \d+",
    re.S | re.M,
)
SETTING = re.compile(r"\*([a-z][\w ]*)\*(?: \w+)?,? (?:to|at|is|above) (\d[\d ]*\d(?:\.\d+)?|\d+(?:\.\d+)?)")
END = r"(?!\d|\.\d| \d)"
NUMBER = re.compile(r"\d[\d\u202f ]*\d(?:\.\d+)?|\d+(?:\.\d+)?")


def phrases(wing):
    """Return the literals of a chapter's tests as patterns."""
    found = []
    tree = ast.parse((TESTS / wing / "test_texts.py").read_text(encoding="utf-8"))
    inside = {id(v) for n in ast.walk(tree) if isinstance(n, ast.JoinedStr) for v in n.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = [re.escape(v.value) if isinstance(v, ast.Constant) else ".{1,40}?" for v in node.values]
            literal = "".join(v.value for v in node.values if isinstance(v, ast.Constant))
            if len(literal.strip()) > 2:
                found.append("".join(parts))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside:
            if re.search(r"\d", node.value) and len(node.value) > 3:
                found.append(re.escape(node.value))
    return [
        re.compile(p.replace("\u202f", " ").replace("\\ ", " ") + END * p.endswith(("?", *"0123456789")), re.S)
        for p in found
    ]


def uncovered(text, patterns):
    """Return the numbers of a text that no phrase covers."""
    text = text.replace("\u202f", " ")
    covered = [m.span() for p in patterns for m in p.finditer(text)] + [m.span() for m in NOT_FOUND.finditer(text)]
    covered += [m.span(2) for m in SETTING.finditer(text)]
    return [m.group() for m in NUMBER.finditer(text) if not any(a <= m.start() and m.end() <= b for a, b in covered)]


OF_THE_WORLD = {  # what no lab computes, and how often it is told
    "tree-real": "0 32",  # the shell's place in the tree; the program's own limit
    "tree-idea": "0",  # what fork returns
    "convoy-idea": "4000",  # an example
    "late-text": "0 0",  # the setting asked about
    "late-idea": "0",
    "solution-text": "0",
    "miss-idea": "24",  # Intel SDM 3C: nested walks
    "reach-idea": "3",  # the time limit of measurements
    "scan-idea": "0",  # the name of a page
    "c-text": "1 2",  # what to write into the program
    "banker-idea": "0",
    "room-idea": "0",  # what btrfs answers
    "reads-text": "4",
    "placement-real": "10",  # the firmware's distance to oneself
    "ways-real": "3.14 0",
    "teams-text": "1 10\u202f000 100",  # cgroup-v2.rst
    "memory-saw": "64 0 64",  # memcontrol.c; docker's default
    "watching-saw": "100",
    "diagnosis-idea": "60 60 0 0",  # counted by benchmarks/diagnosis.py
}


def cells():
    """Yield chapter, cell and text of every cell of text."""
    for path in sorted(NOTEBOOKS.glob("0[1-7]_*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "markdown":
                yield path.stem[:2], cell["id"], "".join(cell["source"])


def test_no_text_states_a_number_that_no_test_works_out():
    known = {chapter: phrases(wing) for chapter, wing in WINGS.items()}
    new = {}
    for chapter, cell, text in cells():
        left = [number.replace(" ", "\u202f") for number in uncovered(text, known[chapter])]
        allowed = OF_THE_WORLD.get(cell, "").split(" ")
        if more := [number for number in left if number not in allowed]:
            new[f"{chapter} {cell}"] = more
    assert new == {}, "a phrase with them belongs into the chapter's test_texts.py"


def test_a_new_number_is_seen():
    known = [re.compile(r"takes .{1,40}? ms(?!\d|\.\d| \d)")]
    assert uncovered("A step takes 40.5 ms, and two of 12 000 fail.", known) == ["12 000"]
    assert uncovered("Set *every* to 50; see lab 3, Linux 6.6, `x = 3` and [there](http://a/5).", []) == []
    assert uncovered("Set *every* to 50 and see 51.", []) == ["51"]


@pytest.mark.parametrize("chapter", ["00", "08"])
def test_the_other_notebooks_state_minutes_and_no_results(chapter):
    """Their times are tested in tests/course, the small lab's numbers are the reader's own."""
    (path,) = NOTEBOOKS.glob(f"{chapter}_*.ipynb")
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "markdown" and cell["id"] not in ("title", "chapters"):
            assert uncovered("".join(cell["source"]), []) in ([], ["6"]), cell["id"]
