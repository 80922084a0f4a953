"""Runs one experiment of `experiments.py` in a program of its own, with a time limit."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from oslab.machine import Unavailable
from oslab.machine.sandbox import run_folder, supervise

__all__ = ["run_experiment"]

EXPERIMENTS = Path(__file__).with_name("experiments.py")
SECONDS = 6.0


def run_experiment(kind: str, *arguments: float) -> dict[str, Any]:
    """Run an experiment and return what it found.

    Raises
    ------
    Unavailable
        It did not end well; the message says why.
    """
    if not hasattr(os, "fork"):
        raise Unavailable("This needs fork, which this system does not have.")
    with run_folder() as folder:
        report = supervise(
            [sys.executable, "-I", "-S", str(EXPERIMENTS), kind, *map(str, arguments)],
            folder,
            seconds=SECONDS,
            own_user=False,
        )
    if report["stopped"]:
        raise Unavailable(f"{kind}: it hung, and was killed after {SECONDS:g} s; nothing of it is left.")
    if report["wait_status"] != 0 or report["trouble"]:
        last = report["stderr"].decode(errors="replace").strip().splitlines()[-1:] or [report["trouble"]]
        raise Unavailable(f"{kind}: it could not be measured here ({last[0]}).")
    return json.loads(report["stdout"])
