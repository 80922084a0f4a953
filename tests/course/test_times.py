"""One number of minutes for each chapter, one count of labs, wherever they are stated."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CHAPTERS = sorted((ROOT / "notebooks").glob("0[1-7]_*.ipynb"))
WORDS = "zero one two three four five six seven eight nine ten eleven twelve".split()
LONG = 120  # minutes, from which on a chapter has a break


def cells(path, kind):
    notebook = json.loads(path.read_text(encoding="utf-8"))
    return ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == kind]


def minutes(path):
    return int(re.search(r"^Time: about (\d+) minutes", cells(path, "markdown")[0], re.M)[1])


def count(word):
    return int(word) if word.isdigit() else WORDS.index(word)


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_a_chapter_counts_its_labs_and_parts(path):
    labs, parts = re.search(r"minutes for (\w+) labs? in (\w+) parts", cells(path, "markdown")[0]).groups()
    assert count(labs) == sum("@explore" in code for code in cells(path, "code"))
    assert count(parts) == len(re.findall(r"^## \d+ · ", "\n".join(cells(path, "markdown")), re.M))


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_a_long_chapter_has_a_break(path):
    text = "\n".join(cells(path, "markdown"))
    assert ("a good place for a break" in text) == ("with a break" in text) == (minutes(path) > LONG)


@pytest.mark.parametrize("path", [*CHAPTERS, ROOT / "notebooks" / "08_review.ipynb"], ids=lambda path: path.stem)
def test_minutes_are_the_same_everywhere(path):
    start = "\n".join(cells(ROOT / "notebooks" / "00_start_here.ipynb", "markdown"))
    row = next(line for line in start.splitlines() if re.match(rf"\| {int(path.name[:2])} \|", line))
    assert f"]({path.name})" in row and int(row.split("|")[4]) == minutes(path)
    row = next(r for r in (ROOT / "README.md").read_text().splitlines() if f"](notebooks/{path.name})" in r)
    assert f"about {minutes(path)} minutes" in row


def test_teaching_states_the_range():
    low, high = min(map(minutes, CHAPTERS)), max(map(minutes, CHAPTERS))
    assert f"A chapter is {low} to {high} minutes of self-study" in (ROOT / "docs" / "teaching.md").read_text()
