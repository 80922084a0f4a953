"""What notebook 04 hands to `explore` beside a function and a view, where that is too long for a cell."""

from oslab.base import Parameter, checked, text
from oslab.lab.buttons import LetterButtons
from oslab.lab.controls import slider, text_area
from oslab.synchronization import MISTAKES, READY
from oslab.synchronization.banker import SILBERSCHATZ

__all__ = ["BANK", "BANKER", "EXAMPLE_STATE", "EXAMPLE_THREADS", "OWN", "HAND", "SPEEDS", "TRIAL", "hand"]

MOST = 10

# Lab 1: the schedule is pressed, the rest chosen.
HAND = {
    "guard": {"nothing": "none", "a lock": "lock"},
    "labels": {"threads": "number of threads", "times": "increments each", "guard": "protected by"},
}


@checked(value=text(10_000))
def hand(value: str = "AB") -> LetterButtons:
    """Return the buttons A, B, C with which a schedule is pressed.

    Parameters
    ----------
    value : str
        The schedule so far.
    """
    return LetterButtons("ABC", value, "let thread {} take its next step")


# Lab 2.
SPEEDS = {
    "produce": slider(0.5, 10.0, 0.5, unit="ms"),
    "consume": slider(0.5, 10.0, 0.5, unit="ms"),
    "labels": {"size": "buffer size", "produce": "time to produce", "consume": "time to consume"},
}
TRIAL = {
    "mistake": {kind.label: key for key, kind in MISTAKES.items()},
    "producers": slider(1, 2),
    "consumers": slider(1, 2),
    "size": slider(1, 3, unit="places"),
    "labels": {"size": "buffer size"},
}

# Lab 5: any number of processes and resource types; BANK is that of the first version's notebooks.
_LINES = SILBERSCHATZ.split("; ")
EXAMPLE_STATE = "\n".join("; ".join(_LINES[k : k + 2]) for k in range(0, len(_LINES), 2))  # two a line: all in sight
BANKER = {"process": Parameter(1, low=0, help="counted from 0"), "state": text_area(3)}
BANK = {"process": slider(0, 4), "a": slider(0, MOST), "b": slider(0, MOST), "c": slider(0, MOST)}

# The learner's own threads, or a ready program in their place.
EXAMPLE_THREADS = """a = 0
b = 0
def A():
    while b == 0: pass
    a = 1
def B():
    while a == 0: pass
    b = 1"""
OWN = {"ready": ["your own", *READY], "program": text_area(7), "labels": {"ready": "ready program"}}
