"""Lecture mode: labs fill the window, type and lines are larger, code is hidden, the seed is in sight."""

import os
import weakref
from typing import Any

from oslab.base import checked, flag

__all__ = ["enroll", "lecture", "lecturing"]

_labs: weakref.WeakSet[Any] = weakref.WeakSet()
_on = os.environ.get("OSLAB_LECTURE", "0") not in ("", "0")


def lecturing() -> bool:
    """Whether lecture mode is on; OSLAB_LECTURE=1 starts with it."""
    return _on


def enroll(lab: Any) -> None:
    """Have a lab follow the mode from now on."""
    _labs.add(lab)
    lab.follow_lecture(_on)


@checked(on=flag())
def lecture(on: bool = True) -> None:
    """Switch lecture mode on or off, for the labs that are open and those to come.

    Each lab is drawn as large as its window allows, with larger type; code is hidden, the seed stands in sight, and
    a button gives the lab the whole screen.  Once a lab was clicked on, keys lead through the lecture: n and p to the next
    lab and the one before, f to the whole screen and back, the arrow keys and a presenter's two buttons (Page Down, Page
    Up) step by step, from the last step to the next lab.  In the whole screen the corner says where the lab is on the web.

    Parameters
    ----------
    on : bool
        Or off.

    Raises
    ------
    TypeError
        Anything else.
    """
    global _on
    _on = on
    for lab in tuple(_labs):
        lab.follow_lecture(on)
