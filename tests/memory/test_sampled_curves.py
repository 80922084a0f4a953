"""SHARDS against the exact curve: equal when every page is followed, close when one in ten is."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from oslab.memory import SampledCurves, Trace, reference_trace, sampled_curve
from oslab.memory.traces.page_hash import hash_pages


@pytest.mark.parametrize("kind", ["zipf", "phases", "loop", "recorded_sort"])
def test_following_every_page_is_exact(kind):
    curve = sampled_curve(reference_trace(kind, 20_000, 1, {}), rate=1.0)
    assert curve.error == pytest.approx(0, abs=1e-12)
    assert (curve.pages, curve.references) == (curve.distinct, curve.total)


def test_a_tenth_of_the_pages_is_close_on_most_seeds():
    trace = reference_trace("zipf", 200_000, 1, {"pages": 20_000, "skew": 0.8})
    errors = [sampled_curve(trace, 0.1, seed).error for seed in range(9)]
    assert np.median(errors) < 0.03
    assert len(set(errors)) == 9


def test_without_the_adjustment_a_skewed_trace_is_far_off():
    """The correction is what a planted bug would leave out: page 0 is in every tenth reference, followed or not."""
    trace = reference_trace("zipf", 200_000, 1, {"pages": 20_000, "skew": 1.0})
    curves = [sampled_curve(trace, 0.05, seed) for seed in range(9)]
    plain = [abs(c.references / (c.total * c.rate) - 1) for c in curves]
    assert np.median(plain) > 2 * np.median([c.error for c in curves])


def test_a_page_is_followed_wherever_it_occurs():
    share = hash_pages(np.arange(100_000), 3)
    assert 0 <= share.min() and share.max() < 1
    assert np.count_nonzero(share < 0.1) == pytest.approx(10_000, rel=0.05)
    assert not np.array_equal(share, hash_pages(np.arange(100_000), 4))


def test_a_sample_that_misses_every_page_says_all_miss():
    seed = next(s for s in range(99) if (hash_pages(np.array([1, 2, 3]), s) > 0.01).all())
    assert (sampled_curve([1, 2, 3, 1], 0.01, seed).estimate == 1).all()


@pytest.mark.parametrize(
    "wrong", [{"rate": 0}, {"rate": 1.5}, {"rate": float("nan")}, {"seed": -1}, {"seed": 0.5}, {"points": 1}]
)
def test_out_of_range(wrong):
    with pytest.raises(TypeError if wrong == {"seed": 0.5} else ValueError, match=next(iter(wrong))):
        sampled_curve([1, 2, 3], **wrong)


@pytest.mark.parametrize("rate", [1.0, 0.1, 0.001])
def test_picture_says_the_error(rate):
    curve = sampled_curve(Trace(reference_trace("zipf", 50_000, 1, {})), rate)
    view = SampledCurves(Figure(figsize=SampledCurves.size))
    view.update(curve)
    assert f"mean error of the curve {curve.error:.3f}" in view.title and f"{curve.error:.3f}" in view.describe(curve)
    assert len(curve.table()) <= 20 and str(curve).startswith("zipf: following")
