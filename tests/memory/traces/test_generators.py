"""Generated traces: laws over all of them, and each one's own rule."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from oslab.memory.traces import GENERATORS, generate
from oslab.memory.traces.generators import typed_or_drawn
from oslab.memory.traces.zipf import ZipfDraws, zipf_cumulative

SMALL = {
    "loop": {"pages": 37},
    "zipf": {"pages": 50},
    "phases": {"working_set": 9, "phase": 40, "pages": 100},
    "bursts": {"hot": 20, "every": 30, "length": 10},
    "matrix": {"size": 256, "order": "blocked"},
    "dataloader": {"samples": 30, "sample_size": 5000},
    "embedding": {"tables": 3, "rows": 500},
    "kv_cache": {"layers": 2, "sequences": 3, "prompt": 1, "context": 9},
}


@pytest.mark.parametrize("kind", GENERATORS)
@pytest.mark.parametrize("references", [1, 2, 999, 5000])
def test_length_and_seed(kind, references):
    options = SMALL.get(kind, {})
    one, two = (generate(kind, references, seed=5, **options).numbers for _ in range(2))
    assert len(one) == references and np.array_equal(one, two) and one.min() >= 0


@pytest.mark.parametrize("kind", GENERATORS)
@pytest.mark.parametrize("part", [1, 100, 1777])
def test_a_sample_is_the_beginning(kind, part):
    options = SMALL.get(kind, {})
    whole = generate(kind, 3000, seed=2, **options).numbers
    assert np.array_equal(generate(kind, part, seed=2, **options).numbers, whole[:part])


@pytest.mark.parametrize("kind", ["zipf", "phases", "bursts", "dataloader", "embedding"])
def test_another_seed_is_another_trace(kind):
    assert not np.array_equal(generate(kind, 500, seed=1).numbers, generate(kind, 500, seed=2).numbers)


@pytest.mark.parametrize("kind", GENERATORS)
def test_extremes_of_every_parameter(kind):
    """Each parameter at both ends, the others at their defaults, gives a trace or says which value is wrong."""
    for name, parameter in GENERATORS[kind].parameters.items():
        for value in parameter.choices or (parameter.low, parameter.high):
            if value is None:
                continue
            try:
                assert len(generate(kind, 2000, **{name: value})) == 2000
            except ValueError as error:
                assert "allowed are" in str(error)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 300), st.floats(0, 2), st.integers(1, 400), st.integers(0, 99))
def test_guide_table_draws_what_a_search_finds(pages, skew, references, seed):
    draws, cumulative = ZipfDraws(references, seed), zipf_cumulative(pages, skew)
    assert np.array_equal(draws.draw(cumulative), np.searchsorted(cumulative, draws.uniforms, side="right"))


def test_a_wrong_guide_is_noticed():
    """The comparison above fails for draws that are off by one cell."""
    draws, cumulative = ZipfDraws(1000, 0), zipf_cumulative(100, 1.0)
    assert not np.array_equal(
        draws.draw(cumulative), np.searchsorted(cumulative, draws.uniforms + 1 / 100, side="right")
    )


def test_uniforms_on_a_boundary_belong_above():
    draws = ZipfDraws(4, 0)
    draws.uniforms[:] = [0.0, 0.25, 0.5, 0.75]
    assert draws.draw(np.array([0.25, 0.25, 0.5, 0.75, 1.0])).tolist() == [0, 2, 3, 4]


def test_zipf_has_the_frequencies_of_the_law():
    pages = generate("zipf", 200_000, seed=3, pages=10, skew=1.0).numbers
    expected = 1 / np.arange(1, 11)
    assert np.bincount(pages) / len(pages) == pytest.approx(expected / expected.sum(), abs=0.005)


def test_phases_stay_in_their_working_set():
    pages = generate("phases", 400, seed=1, working_set=10, phase=100, pages=10_000).numbers
    spans = [np.ptp(pages[k : k + 100]) for k in range(0, 400, 100)]
    assert max(spans) < 10 < np.ptp(pages)


def test_bursts_scan_new_pages():
    pages = generate("bursts", 100, hot=20, every=30, length=10).numbers
    assert pages[30:40].tolist() == list(range(20, 30)) and pages[70:80].tolist() == list(range(30, 40))
    assert pages[:30].max() < 20 and pages[40:70].max() < 20


@pytest.mark.parametrize("order", ["rows", "columns", "blocked"])
def test_matrix_visits_every_element_once_a_pass(order):
    walk = {
        "rows": lambda n: [(i, j) for i in range(n) for j in range(n)],
        "columns": lambda n: [(i, j) for j in range(n) for i in range(n)],
        "blocked": lambda n: [
            (a + i, b + j) for a in range(0, n, 128) for b in range(0, n, 128) for i in range(128) for j in range(128)
        ],
    }[order](256)
    pages = generate("matrix", 256 * 256 + 50, size=256, order=order, block=128).numbers
    expected = [(i * 256 + j) * 8 // 4096 for i, j in walk]
    assert pages.tolist() == expected + expected[:50]


def test_dataloader_reads_each_sample_whole_and_once_an_epoch():
    pages = generate("dataloader", 60, seed=4, samples=20, sample_size=5000).numbers
    expected = {s: list(range(s * 5000 // 4096, (s * 5000 + 4999) // 4096 + 1)) for s in range(20)}
    epoch = sum(len(p) for p in expected.values())
    assert sorted(pages[:epoch]) == sorted(page for p in expected.values() for page in p)
    ordered = generate("dataloader", epoch, samples=20, sample_size=5000, shuffle=False).numbers
    assert ordered.tolist() == [page for p in expected.values() for page in p]
    assert pages[:epoch].tolist() != ordered.tolist()


def test_embedding_takes_the_tables_in_turn():
    pages = generate("embedding", 900, tables=3, rows=500, dimension=64).numbers
    table_pages = -(-500 * 256 // 4096)
    assert (pages // table_pages).tolist() == [i % 3 for i in range(900)]


def test_kv_cache_reads_all_that_is_filled():
    expected = []
    for tokens in range(2, 6):  # a prompt of 1, then 4 tokens of 3000 bytes
        for lane in range(2):
            expected += [lane * 4 + page for page in range(-(-tokens * 3000 // 4096))]
    pages = generate("kv_cache", 2 * len(expected), layers=2, sequences=1, token_size=3000, prompt=1, context=5)
    assert pages.numbers.tolist() == expected * 2


@pytest.mark.parametrize(
    ("kind", "given", "error", "said"),
    [
        ("nonsense", {}, ValueError, "kind='nonsense': allowed are 'scan', 'loop'"),
        ("loop", {"pages": 0}, ValueError, "pages=0: allowed are whole numbers from 1 to 1000000"),
        ("loop", {"skew": 1}, TypeError, "'loop' has no such option; it has: pages"),
        ("zipf", {"skew": float("nan")}, ValueError, "skew=nan"),
        ("scan", {"references": 0}, ValueError, "references=0"),
        ("scan", {"references": 10**9}, ValueError, "references=1000000000"),
        ("scan", {"seed": -1}, ValueError, "seed=-1"),
        ("phases", {"working_set": 20, "pages": 10}, ValueError, "working_set=20: allowed are whole numbers from 1 to"),
        ("kv_cache", {"prompt": 2000}, ValueError, "prompt=2000"),
        ("matrix", {"order": "diagonal"}, ValueError, "'rows', 'columns', 'blocked'"),
    ],
)
def test_bad_input(kind, given, error, said):
    with pytest.raises(error, match=None) as caught:
        generate(kind, **{"references": 100, **given})
    assert said in str(caught.value)


def test_an_exercise_is_typed_or_drawn():
    assert typed_or_drawn("3 1 3").numbers.tolist() == [3, 1, 3]
    drawn = [typed_or_drawn("3 1 3", seed).numbers.tolist() for seed in range(1, 40)]
    assert drawn == [typed_or_drawn("9", seed).numbers.tolist() for seed in range(1, 40)]
    assert all(len(pages) == 12 for pages in drawn) and {page for pages in drawn for page in pages} == set(range(1, 7))
    for wrong in ({"seed": -1}, {"seed": 1, "length": 0}, {"seed": 1, "pages": 0}):
        with pytest.raises(ValueError, match="allowed are"):
            typed_or_drawn("1", **wrong)
