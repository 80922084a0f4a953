"""First uses of terms are linked to the glossary, and the tool that links them."""

import pytest

from tools.glossary import NOTEBOOKS, anchor, known, link, terms, unlinked
from tools.notebooks import read

SMALL = terms("# G\n\n## TLB\n\nA cache.\n\n## page fault\n\n*Also:* page faults, fault.\n\nA call.\n")


def notebook(*sources):
    return {
        "cells": [
            {"cell_type": "code", "source": "TLB = 1"},
            *({"cell_type": "markdown", "source": source} for source in sources),
        ]
    }


def test_terms_and_anchors():
    assert SMALL == {"TLB": ["TLB"], "page fault": ["page fault", "page faults", "fault"]}
    assert anchor("page fault") == "glossary.md#page-fault" and anchor("io_uring") == "glossary.md#io_uring"


def test_the_first_use_in_running_text_is_linked():
    made = notebook("# A TLB, a fault\n\n`TLB` and [TLB](x) of tlb", "Two page faults in the TLB, a fault")
    assert unlinked(made, SMALL) == ["TLB", "page fault"] and link(made, SMALL)
    assert made["cells"][1]["source"] == "# A TLB, a fault\n\n`TLB` and [TLB](x) of tlb"
    assert made["cells"][2]["source"] == (
        "Two [page faults](glossary.md#page-fault) in the [TLB](glossary.md#tlb), a fault"
    )
    assert unlinked(made, SMALL) == [] and not link(made, SMALL)


def test_a_heading_and_a_formula_hide_themselves_only():
    made = notebook("## A TLB\n\n$x_{TLB}$ TLB, then a fault")
    link(made, SMALL)
    assert made["cells"][1]["source"] == (
        "## A TLB\n\n$x_{TLB}$ [TLB](glossary.md#tlb), then a [fault](glossary.md#page-fault)"
    )


def test_a_longer_term_is_no_use_of_a_shorter():
    glossary = {"page": ["page", "pages"], "page cache": ["page cache"]}
    made = notebook("The page cache holds pages.")
    link(made, glossary)
    assert made["cells"][1]["source"] == "The [page cache](glossary.md#page-cache) holds [pages](glossary.md#page)."


def test_an_earlier_use_takes_the_link_over():
    made = notebook("The TLB", "a [TLB](glossary.md#tlb)")
    assert unlinked(made, SMALL) == ["TLB"] and link(made, SMALL)
    assert [cell["source"] for cell in made["cells"][1:]] == ["The [TLB](glossary.md#tlb)", "a TLB"]


@pytest.mark.parametrize("path", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.stem)
def test_chapters_link_what_they_use_first(path):
    assert unlinked(read(path), known()) == [], "run make glossary"


def test_every_term_has_an_entry_and_a_chapter():
    text = (NOTEBOOKS / "glossary.md").read_text()
    assert len(known()) == text.count("\n## ") >= 60
    for part in text.split("\n## ")[1:]:
        assert ".ipynb)" in part, part.splitlines()[0]
