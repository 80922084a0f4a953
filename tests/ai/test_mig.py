"""MIG: the nineteen layouts, their twin by brute force, and what packers may do."""

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oslab import ai
from oslab.ai.mig import CARDS, Placement, mig_layout, mig_layouts
from oslab.ai.mig_allocation import PACKERS, pack

FACTS = {
    "1g": (1, 1, range(7), 7),
    "1gd": (1, 2, (0, 2, 4, 6), 4),
    "2g": (2, 2, (0, 2, 4), 3),
    "3g": (3, 4, (0, 4), 2),
    "4g": (4, 4, (0,), 1),
    "7g": (7, 8, (0,), 1),
}


def valid(places):
    """Whether intervals are apart and compute slices suffice, from the table of the facts."""
    taken = [k for name, start in places for k in range(start, start + FACTS[name][1])]
    return len(set(taken)) == len(taken) and sum(FACTS[name][0] for name, _ in places) <= 7


def brute_force(double):
    every = [(n, s) for n, (_, _, starts, _) in FACTS.items() if double or n != "1gd" for s in starts]
    good = {frozenset(c) for k in range(8) for c in combinations(every, k) if valid(c)}
    return {c for c in good if not any(p not in c and c | {p} in good for p in every)}


def short(layout):
    double = CARDS[layout.card].double
    return frozenset(("1gd" if p.profile == double else p.profile.split(".")[0], p.start) for p in layout.placed)


@pytest.mark.parametrize("card", CARDS)
def test_nineteen_layouts_as_brute_force_finds_them(card):
    found = ai.mig_layouts(card)
    assert len(found) == 19 and {short(x) for x in found} == brute_force(False)


def test_seventy_eight_with_the_double_one():
    found = mig_layouts("A100-80GB", double_memory=True)
    assert len(found) == 78 and {short(x) for x in found} == brute_force(True)


@pytest.mark.parametrize(
    "card, names, sms",
    [
        ("A100-40GB", "1g.5gb 1g.10gb 2g.10gb 3g.20gb 4g.20gb 7g.40gb", (14, 14, 28, 42, 56, 98)),
        ("A100-80GB", "1g.10gb 1g.20gb 2g.20gb 3g.40gb 4g.40gb 7g.80gb", (14, 14, 28, 42, 56, 98)),
        ("H100-80GB", "1g.10gb 1g.20gb 2g.20gb 3g.40gb 4g.40gb 7g.80gb", (16, 26, 32, 60, 64, 132)),
    ],
)
def test_profiles_of_the_facts(card, names, sms):
    profiles = CARDS[card].profiles
    assert [p.name for p in profiles] == names.split() and tuple(p.multiprocessors for p in profiles) == sms
    for p, (compute, memory, starts, most) in zip(profiles, FACTS.values()):
        assert (p.compute, p.memory, p.starts) == (compute, memory, tuple(starts))
        layout = mig_layout(card)
        while fits := [q for q in layout.possible() if q.profile == p.name]:
            layout = layout.add(fits[-1])
        assert layout.steps == most, p.name


def test_two_halves_and_what_a_small_one_blocks():
    layout = mig_layout("A100-80GB", "3g, 3g")
    assert (layout.compute, layout.memory) == (6, 8) and layout.possible() == ()
    gone = mig_layout("A100-80GB", "1g@1").why(1)
    assert [name for name in ("2g.20gb@0", "3g.40gb@0", "4g.40gb@0", "7g.80gb@0") if name not in gone] == []
    assert "2g.20gb@2" not in gone and "3g.40gb@4" not in gone


def test_lines_for_the_shell():
    lines = mig_layout("A100-80GB", "3g@4 1g@0").commands
    assert lines[1] == "nvidia-smi mig -i 0 -cgi 3g.40gb:4,1g.10gb:0 -C" and "--gpus" in lines[-1]
    assert len(mig_layout().commands) == 1


@pytest.mark.parametrize(
    "placed, said",
    [
        ("5g", "5g"),
        ("3g@2", "may start at 0, 4"),
        ("3g@0 2g@2", "has memory slices 2, 3"),
        ("7g 1g", "does not fit"),
        ("1g@x", "1g@x"),
        ("1g@0 1g@0", "1g.10gb@0"),
    ],
)
def test_bad_layouts(placed, said):
    with pytest.raises(ValueError, match=said):
        mig_layout("A100-80GB", placed)


def test_bad_cards_and_requests():
    for call in (
        lambda: mig_layouts("V100"),
        lambda: pack(card="V100"),
        lambda: pack(packer="magic"),
        lambda: pack("3g"),
        lambda: pack(""),
        lambda: pack("A: 9g"),
        lambda: pack("A: " + "1g+" * 12 + "1g"),
    ):
        with pytest.raises(ValueError, match="card=|packer=|requests=|profile="):
            call()


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
                    for n, _ in map(lambda q: next(iter(short(mig_layout(placed=[q])))), now.add(p).possible())
                )
                for p in fits
            ]
            assert room[fits.index(place)] == max(room)
    if packer == "first" and not found.refused:
        assert str(found).endswith("nobody")


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


def test_fragmentation_is_named():
    found = pack("A: 1g; B: 2g; C: 3g", packer="careful")
    again = pack("A: 2g; B: 1g; C: 4g", packer="first")
    assert again.fragmented == (("C", "4g.40gb"),) and "has memory slices" in again.why(3)
    assert set(found.fragmented) <= set(found.refused)
    assert pack("A: 7g; B: 1g").fragmented == ()


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 40), max_size=6))
def test_owner_and_possible_agree(picks):
    layout = mig_layout()
    for pick in picks:
        options = layout.possible()
        if options:
            layout = layout.add(options[pick % len(options)])
    assert sum(o is not None for o in layout.owner) == layout.memory
    for place in CARDS[layout.card].places():
        assert (place in layout.possible()) == valid([*short(layout), *short(mig_layout(placed=[place]))])
    assert all(isinstance(p, Placement) for p in layout.placed)
