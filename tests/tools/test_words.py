"""The style of texts: what breaks a rule is found, and the course keeps to its number."""

import json

import pytest

from tools import words

LONG = "This sentence has " + "very " * 25 + "many words."


@pytest.mark.parametrize(
    "text, said",
    [
        (LONG, "30 words"),
        ("What is missing costs nothing.", "a clause is the subject"),
        ("Whoever finishes gives back all.", "a clause is the subject"),
        ("LRU lets go the oldest page.", "evicts"),
        ("It is often said. " * 3, "'often said' 3 times"),
    ],
)
def test_what_breaks_a_rule_is_found(tmp_path, text, said):
    page, notebook = tmp_path / "page.md", tmp_path / "page.ipynb"
    page.write_text(f"# {LONG}\n\n{text}\n")
    notebook.write_text(json.dumps({"cells": [{"cell_type": "markdown", "source": [text]}]}))
    assert [said in found for found in words.check(page)] == [True] == [said in f for f in words.check(notebook)]


@pytest.mark.parametrize(
    "text",
    [
        "What is missing?",
        "**What you saw.** LRU evicts the oldest page.",
        f"```python\n# {LONG}\n```",
        f"| {LONG} | table |",
        "A page is read. It is [kept in memory](https://example.org/a/very/long/address). It is used again. " * 3,
    ],
)
def test_what_is_well_said_is_left_alone(tmp_path, text):
    page = tmp_path / "page.md"
    page.write_text(text)
    assert list(words.check(page)) == []


def test_the_course_keeps_to_its_number():
    assert sum(len(list(words.check(path))) for path in words.files()) <= words.MOST
