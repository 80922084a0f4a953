"""How much memory is wanted: the least size that is enough, recounted."""

import pytest
from hypothesis import given, settings, strategies as st

from oslab import memory


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(0, 9), min_size=1, max_size=60), st.sampled_from([0.0, 0.25, 0.5, 1.0]))
def test_the_least_size_that_is_enough(pages, ratio):
    wanted = memory.frames_wanted(pages, ratio, ("lru", "opt"))
    for key, frames in wanted.frames.items():
        enough = [n for n in range(1, len(set(pages)) + 1) if memory.simulate(pages, key, n).miss_ratio <= ratio]
        assert frames == (enough[0] if enough else 0)
    assert len(wanted.table()) == 2 and str(wanted)


def test_no_memory_is_enough_for_first_touches():
    wanted = memory.frames_wanted([1, 2, 3], 0.5)
    assert set(wanted.frames.values()) == {0} and "the first touch of each page alone gives 1" in str(wanted)


@pytest.mark.parametrize("options", [{"miss_ratio": 2.0}, {"policies": ()}, {"policies": ("none",)}, {"page_size": 0}])
def test_bad_input(options):
    with pytest.raises(ValueError, match=next(iter(options))):
        memory.frames_wanted([1, 2], **options)
