"""Recorded traces: what the notes say is what the files hold."""

import json
from importlib import resources

import numpy as np
import pytest

from oslab.base.numbers import readable
from oslab.memory.traces import RECORDED, recorded


@pytest.mark.parametrize("name", RECORDED)
def test_notes_agree_with_the_trace(name):
    trace, notes = recorded(name), RECORDED[name]
    assert (len(trace), trace.distinct) == (notes.references, notes.distinct)
    assert notes.references <= notes.merged <= notes.data_references and notes.page_size == 4096
    assert readable(notes.references) in notes.reduction and "/" not in notes.machine


@pytest.mark.parametrize("name", RECORDED)
def test_no_page_follows_itself_and_all_are_user_addresses(name):
    pages = recorded(name).numbers
    assert np.all(pages[1:] != pages[:-1]) and pages.max() < 2**47 // 4096


def test_at_least_one_is_long_and_all_are_small():
    assert max(r.references for r in RECORDED.values()) >= 1_000_000
    for name in RECORDED:
        assert len(resources.files("oslab.memory.traces").joinpath("data", f"{name}.npz").read_bytes()) <= 500_000


def test_the_matrix_product_walks_columns_of_512_pages():
    """b has 512 rows of one page each: every other reference is to one of them."""
    counts = np.sort(np.bincount(recorded("matrix").dense))[::-1]
    assert np.sum(counts >= 2048) >= 512 and 0.4 < counts[5:517].sum() / counts.sum() < 0.6


def test_unknown_name():
    with pytest.raises(ValueError, match="name='chess': allowed are 'matrix', 'sqlite'"):
        recorded("chess")
    with pytest.raises(KeyError):
        RECORDED["chess"]


def test_notes_hold_no_paths():
    text = resources.files("oslab.memory.traces").joinpath("data", "recordings.json").read_text()
    assert all(not note["command"].startswith("/") for note in json.loads(text).values())
