"""MIG: the nineteen layouts, their twin by brute force, and what packers may do."""

from itertools import combinations

import pytest
from hypothesis import given, settings, strategies as st

from oslab import ai
from oslab.ai.mig import CARDS, Placement, mig_layout, mig_layouts
from oslab.ai.mig_allocation import pack

FACTS = {
    "1g": (1, 1, range(7), 7),
    "1gd": (1, 2, (0, 2, 4, 6), 4),
    "2g": (2, 2, (0, 2, 4), 3),
    "3g": (3, 4, (0, 4), 2),
    "4g": (4, 4, (0,), 1),
    "7g": (7, 8, (0,), 1),
}


A30 = {"1g": (1, 1, range(4), 4), "2g": (2, 2, (0, 2), 2), "4g": (4, 4, (0,), 1)}


def valid(places, facts=FACTS):
    """Whether intervals are apart and compute slices suffice, from the table of the facts."""
    taken = [k for name, start in places for k in range(start, start + facts[name][1])]
    most = max(compute for compute, *_ in facts.values())
    return len(set(taken)) == len(taken) and sum(facts[name][0] for name, _ in places) <= most


def brute_force(double, facts=FACTS):
    every = [(n, s) for n, (_, _, starts, _) in facts.items() if double or n != "1gd" for s in starts]
    good = {frozenset(c) for k in range(8) for c in combinations(every, k) if valid(c, facts)}
    return {c for c in good if not any(p not in c and c | {p} in good for p in every)}


def short(layout):
    double = CARDS[layout.card].double
    return frozenset(("1gd" if p.profile == double else p.profile.split(".")[0], p.start) for p in layout.placed)


@pytest.mark.parametrize("card", CARDS)
def test_nineteen_layouts_as_brute_force_finds_them(card):
    found = ai.mig_layouts(card)
    small = card.startswith("A30")
    assert len(found) == (5 if small else 19) and {short(x) for x in found} == brute_force(
        False, A30 if small else FACTS
    )


def test_seventy_eight_with_the_double_one():
    found = mig_layouts("A100-80GB", double_memory=True)
    assert len(found) == 78 and {short(x) for x in found} == brute_force(True)


@pytest.mark.parametrize(
    "card, names, sms",
    [
        ("A100-40GB", "1g.5gb 1g.10gb 2g.10gb 3g.20gb 4g.20gb 7g.40gb", (14, 14, 28, 42, 56, 98)),
        ("A100-80GB", "1g.10gb 1g.20gb 2g.20gb 3g.40gb 4g.40gb 7g.80gb", (14, 14, 28, 42, 56, 98)),
        ("H100-80GB", "1g.10gb 1g.20gb 2g.20gb 3g.40gb 4g.40gb 7g.80gb", (16, 26, 32, 60, 64, 132)),
        ("H200-141GB", "1g.18gb 1g.35gb 2g.35gb 3g.71gb 4g.71gb 7g.141gb", (0,) * 6),
        ("B200-180GB", "1g.23gb 1g.45gb 2g.45gb 3g.90gb 4g.90gb 7g.180gb", (0,) * 6),
        ("B300-288GB", "1g.34gb 1g.67gb 2g.67gb 3g.135gb 4g.135gb 7g.269gb", (0,) * 6),
        ("A30-24GB", "1g.6gb 2g.12gb 4g.24gb", (0,) * 3),
    ],
)
def test_profiles_of_the_facts(card, names, sms):
    profiles = CARDS[card].profiles
    assert [p.name for p in profiles] == names.split() and tuple(p.multiprocessors for p in profiles) == sms
    for p, (compute, memory, starts, most) in zip(profiles, (A30 if card == "A30-24GB" else FACTS).values()):
        assert (p.compute, p.memory, p.starts) == (compute, memory, tuple(starts))
        layout = mig_layout(card)
        while fits := [q for q in layout.possible() if q.profile == p.name]:
            layout = layout.add(fits[-1])
        assert len(layout.placed) == most, p.name


def test_two_halves_and_what_a_small_one_blocks():
    layout = mig_layout("A100-80GB", "3g, 3g")
    assert (layout.compute, layout.memory) == (6, 8) and layout.possible() == ()
    before, after = mig_layout("A100-80GB").possible(), mig_layout("A100-80GB", "1g@1").possible()
    gone = [str(p) for p in before if p not in after]
    assert [name for name in ("2g.20gb@0", "3g.40gb@0", "4g.40gb@0", "7g.80gb@0") if name not in gone] == []
    assert "2g.20gb@2" not in gone and "3g.40gb@4" not in gone


@pytest.mark.parametrize(
    "asked, placed",
    [
        ("1g, 2g, 4g", "6 4 0"),
        ("3g, 1g, 2g, 1g", "4 0 2 1"),
        ("2g, 1g, 1g, 1g, 1g, 1g", "4 6 0 1 2 3"),
    ],
)
def test_the_driver_s_own_examples(asked, placed):
    """Where an A100-40GB's instances went without a place: NVIDIA's MIG user guide, Instance Geometry."""
    assert [p.start for p in mig_layout("A100-40GB", asked).placed] == list(map(int, placed.split()))


def test_a_refusal_names_all_that_blocks():
    """The fourth example of the guide: the 3g of 1g, 1g, 2g, 3g is refused."""
    with pytest.raises(ValueError, match="3g.20gb does not fit") as refused:
        mig_layout("A100-40GB", "1g,1g,2g,3g")
    said = str(refused.value)
    assert all(f"{name} has memory slice" in said for name in ("2g.10gb@0", "1g.5gb@6", "1g.5gb@4"))
    with pytest.raises(ValueError, match=r"1g.10gb@7|may start at"):
        mig_layout("A100-80GB", "1g@7")
    full = mig_layout("A100-80GB", "4g@0, 3g@4")
    assert full.obstacle(Placement("7g.80gb", 0)) == (
        "4g.40gb@0 has memory slices 0, 1, 2, 3, and 3g.40gb@4 has memory slices 4, 5, 6, 7, and "
        "none of the 7 compute slices that it needs are left"
    )


def test_ids_and_variants_are_refused_by_name():
    for name, said in (
        ("19", "IDs differ from card to card"),
        ("1g.10gb+me", "takes the same slices"),
        ("1g+me", "same slices"),
    ):
        with pytest.raises(ValueError, match=said):
            mig_layout(placed=name)
        with pytest.raises(ValueError, match=said):
            ai.pack(f"A: {name}")


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
        assert (place in layout.possible()) == valid([*short(layout), *short(mig_layout(placed=str(place)))])
    assert all(isinstance(p, Placement) for p in layout.placed)
