"""Requests for slices of a GPU: what packers may do, and which layouts hold what is needed."""

import pytest
from hypothesis import given, settings, strategies as st

from oslab.ai.mig import CARDS, mig_layout
from oslab.ai.mig_allocation import PACKERS, find_layouts, pack
from tests.ai.test_mig import FACTS, short, valid

PROFILES = st.lists(st.sampled_from(["1g", "1g.20gb", "2g", "3g", "4g", "7g"]), min_size=1, max_size=6)


@settings(max_examples=60, deadline=None)
@given(PROFILES, st.sampled_from(list(PACKERS)))
def test_packings(names, packer):
    """Every request is placed or refused, what is placed is valid, and only "best" may refuse what would fit."""
    found = pack("; ".join(f"T{k}: {name}" for k, name in enumerate(names)), packer=packer)
    assert sorted(name.split(".")[0] for _, name in found.wishes) == sorted(name.split(".")[0] for name in names)
    assert valid(short(found.layout)) and len(found.layout.placed) + len(found.refused) == len(names)
    for k in range(1, found.steps + 1):
        place, now = found.places[k - 1], found.state(k - 1)
        fits = [p for p in now.possible() if p.profile == found.wishes[k - 1][1]]
        assert (place in fits) if place else (not fits or packer == "best")
        if packer == "first" and place:
            assert place == min(fits, key=lambda p: p.start)
        assert found.wishes[k - 1][0] in found.why(k)
        if packer == "careful" and place:
            room = [
                sum(
                    FACTS[n][0]
                    for n, _ in map(lambda q: next(iter(short(mig_layout(placed=str(q))))), now.add(p).possible())
                )
                for p in fits
            ]
            assert room[fits.index(place)] == max(room)
    if packer == "first" and not found.refused:
        assert str(found).endswith("none")


@settings(max_examples=40, deadline=None)
@given(PROFILES)
def test_best_is_the_best_of_all(names):
    """No subset of the requests that brute force can place uses more compute slices."""
    found = pack("A: " + " + ".join(names), packer="best")
    kinds = ["1gd" if n == "1g.20gb" else n for n in names]

    def most(k, places):
        if k == len(kinds):
            return sum(FACTS[n][0] for n, _ in places)
        return max(
            [most(k + 1, places)]
            + [most(k + 1, [*places, (kinds[k], s)]) for s in FACTS[kinds[k]][2] if valid([*places, (kinds[k], s)])]
        )

    assert found.layout.compute == most(0, [])


def test_the_default_is_the_driver_s():
    assert list(PACKERS)[0] == pack().packer == "careful"
    found = pack("A: 1g + 1g; B: 2g; C: 3g", card="A100-40GB")
    assert found.refused == (("C", "3g.20gb"),) == found.fragmented
    for name in ("2g.10gb@0", "1g.5gb@6", "1g.5gb@4"):
        assert f"{name} has memory slice" in found.why(4), "all that stands in its way"
    assert pack("A: 2g; B: 1g; C: 4g").refused == () != pack("A: 2g; B: 1g; C: 4g", packer="first").refused


@pytest.mark.parametrize("card", CARDS)
def test_each_card_is_filled_by_its_smallest(card):
    found = pack("A: " + "+".join(["1g"] * 7), card)
    assert len(found.refused) == (3 if card == "A30-24GB" else 0)
    assert find_layouts("1g", card).fits.count(True) >= 2


def test_fragmentation_is_named():
    found = pack("A: 1g; B: 2g; C: 3g", packer="careful")
    again = pack("A: 2g; B: 1g; C: 4g", packer="first")
    assert again.fragmented == (("C", "4g.40gb"),) and "has memory slices" in again.why(3)
    assert set(found.fragmented) <= set(found.refused)
    assert pack("A: 7g; B: 1g").fragmented == ()


@pytest.mark.parametrize("packer", PACKERS)
def test_who_names_a_start_gets_that_or_nothing(packer):
    found = pack("A: 1g@3; B: 1g@3 + 1g; C: 2g@4", packer=packer)
    for (_, name), place, start in zip(found.wishes, found.places, found.starts, strict=True):
        assert place is None or (place.profile == name and start in (None, place.start))
    assert [w[0] for w in found.refused] == ["B"]
    k = found.places.index(None) + 1
    assert found.starts[k - 1] == 3 and "at 3, 1g.10gb@3 has memory slice 3" in found.why(k)


@pytest.mark.parametrize("asked", ["A: 1g@7", "A: 2g@1", "A: 1g@", "A: 1g@x", "A: 1g@-1", "A: 1g@0x3", "A: 7g@1"])
def test_a_start_that_a_profile_has_not_is_refused(asked):
    with pytest.raises(ValueError, match="may start at"):
        pack(asked)


@pytest.mark.parametrize("request_, start", [(1, 5), (3, 0), (4, 4)])
def test_requests_read_back_as_they_were_but_for_the_one_that_moves(request_, start):
    before = pack("A: 1g + 1g.20gb@2; B: 2g; A: 3g")
    after = pack(before.moved(request_, start))
    assert after.wishes == before.wishes
    assert [at for k, at in enumerate(after.starts, 1) if k != request_] == [
        at for k, at in enumerate(before.starts, 1) if k != request_
    ]
    assert after.starts[request_ - 1] == start
