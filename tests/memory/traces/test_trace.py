"""Trace: renumbering, and what it refuses."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from oslab.memory import Trace


@settings(max_examples=100, deadline=None)
@given(st.lists(st.one_of(st.integers(0, 20), st.integers(0, 2**63 - 1)), min_size=1, max_size=200))
def test_numbers_come_back_and_positions_follow_first_use(pages):
    trace = Trace(pages)
    assert trace.numbers.tolist() == pages
    assert trace.pages.tolist() == list(dict.fromkeys(pages))
    assert trace.distinct == len(set(pages))


def test_many_pages_grow_the_table():
    pages = np.random.default_rng(1).permutation(np.arange(50_000)) * 4099
    trace = Trace(np.concatenate([pages, pages[::-1]]))
    assert trace.distinct == 50_000
    assert (trace.numbers[:50_000] == pages).all()
    assert (trace.dense[:50_000] == np.arange(50_000)).all()
    assert (trace.dense[50_000:] == np.arange(50_000)[::-1]).all()


@pytest.mark.parametrize(
    "given_as",
    [
        [7, 0, 1, 7],
        (7, 0, 1, 7),
        "7, 0, 1,7",
        "7 0 1 7",
        np.array([7, 0, 1, 7], np.uint64),
        np.array([7.0, 0.0, 1.0, 7.0]),
        np.array([7, 0, 1, 7], np.uint8),
        np.array([7, 9, 0, 9, 1, 9, 7])[::2],
    ],
)
def test_every_form_gives_the_same_trace(given_as):
    trace = Trace(given_as)
    assert trace.numbers.tolist() == [7, 0, 1, 7]
    assert trace.dense.dtype == np.uint32
    assert Trace(trace).dense is trace.dense
    assert not trace.dense.flags.writeable


@pytest.mark.parametrize(
    "wrong",
    [
        [],
        "",
        [1, 2.5],
        [1.0, float("nan")],
        [1.0, float("inf")],
        [3, -1],
        [2**63],
        np.array([2**63], np.uint64),
        [1, 2**70],
        [-1, 2**63],
        "1 x",
        "1 -2",
    ],
)
def test_values_that_are_no_page_numbers(wrong):
    with pytest.raises(ValueError, match=r"page number"):
        Trace(wrong)


@pytest.mark.parametrize("wrong", [[[1, 2], [3, 4]], 5, None, [True, False], [[1], [2, 3]], ["a"], [1, None]])
def test_what_is_no_sequence_of_numbers(wrong):
    with pytest.raises(TypeError):
        Trace(wrong)


def test_a_message_names_place_and_value():
    with pytest.raises(ValueError, match=r"pages\[2\]=-4: allowed are whole page numbers from 0 to"):
        Trace([1, 2, -4])


def test_slices_and_next_uses():
    trace = Trace([5, 6, 5, 7, 6], "demo")
    assert trace[:2].numbers.tolist() == [5, 6]
    assert trace[:2].distinct == 2
    assert trace[3:].numbers.tolist() == [7, 6]
    assert trace[3:].dense.tolist() == [0, 1]
    assert trace[1] == 6
    never = 2**32 - 1
    assert trace.next_use.tolist() == [2, 4, never, never, never]
    assert repr(trace) == "Trace(demo: 5, 6, 5, 7, 6; 5 references, 3 pages)"


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        (
            "0172327103",
            [0, 1, 7, 2, 3, 2, 7, 1, 0, 3],
        ),  # Tanenbaum, Modern Operating Systems, problems of chapter 3
        ("12", [1, 2]),
        ("12,", [12]),
        ("12 3", [12, 3]),
        ("7", [7]),
        ("1,2\n3; 4", [1, 2, 3, 4]),
        ("0-5 2", [0, 1, 2, 3, 4, 5, 2]),
        ("3-1", [3, 2, 1]),
        ("A b C", [0, 1, 2]),
        ("ABCA", [0, 1, 2, 0]),
        ("1w 2", [1, 2]),
    ],
)
def test_texts_as_books_print_them(text, numbers):
    assert Trace(text).numbers.tolist() == numbers


@pytest.mark.parametrize(
    "text",
    ["1.5 2", "AB C", "0-99999999999", "1 x2", "é", "١٢", "1_0 2", "\udc80", "5-", "9" * 30 + " 1", "1 A", "w2 w"],
)
def test_texts_that_cannot_be_read_are_named(text):
    with pytest.raises(ValueError, match="pages"):
        Trace(text)
