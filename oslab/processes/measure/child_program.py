"""Runs one experiment of `experiments.py` in a program of its own, with a time limit."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from oslab.machine import Unavailable
from oslab.machine.sandbox import ask

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
    return json.loads(ask(EXPERIMENTS, kind, *arguments, seconds=SECONDS))
