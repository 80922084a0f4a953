"""What notebook 04 hands to `explore` beside a function and a view, where that is too long for a cell."""

from __future__ import annotations

from oslab.lab.controls import slider
from oslab.lab.presses import Presses
from oslab.synchronization.banker import Decision, decide, parse_matrix
from oslab.synchronization.buffer import MISTAKES

__all__ = ["BANK", "HAND", "SPEEDS", "TRIAL", "bank", "hand"]

MOST = 10

# Lab 1: the schedule is pressed, the rest chosen.
HAND = {"guard": {"nothing": "none", "a lock": "lock"}}


def hand(value: str = "AB") -> Presses:
    """Return the buttons A, B, C with which a schedule is pressed."""
    return Presses("ABC", value, "let thread {} take its next step")


# Lab 2.
SPEEDS = {"produce": slider(0.5, 10.0, 0.5, unit="ms"), "consume": slider(0.5, 10.0, 0.5, unit="ms")}
TRIAL = {"mistake": {kind.label: key for key, kind in MISTAKES.items()}, "producers": slider(1, 2), "consumers": slider(1, 2),
         "size": slider(1, 3, unit="places")}

# Lab 5: Silberschatz's example.
BANK = {"process": slider(0, 4), "a": slider(0, MOST), "b": slider(0, MOST), "c": slider(0, MOST)}


def bank(process: int = 1, a: int = 1, b: int = 0, c: int = 2, available: str = "3 3 2",
         allocation: str = "0 1 0, 2 0 0, 3 0 2, 2 1 1, 0 0 2",
         maximum: str = "7 5 3, 3 2 2, 9 0 2, 2 2 2, 4 3 3") -> Decision:
    """Decide on a request for up to three resource types, the matrices typed as text; see `decide` and `parse_matrix`."""
    free = parse_matrix("available", available)
    if len(free) != 1:
        raise ValueError(f"available={available!r}: one row of numbers is needed")
    asked = [a, b, c] + [0] * (len(free[0]) - 3)
    if any(asked[len(free[0]):]):
        raise ValueError(f"a, b, c = {a}, {b}, {c}: there are only {len(free[0])} resource types")
    return decide(free[0], parse_matrix("maximum", maximum), parse_matrix("allocation", allocation), process, asked[:len(free[0])])
