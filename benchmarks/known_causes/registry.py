"""The list of programs: what each is made to be slow by, and what else may rightly be said of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["PROGRAMS", "Known", "program", "ready"]


@dataclass(frozen=True)
class Known:
    """A program of known cause.

    Attributes
    ----------
    kind : str
        What sort of slowness this is; there are more kinds than causes.
    run : callable
        Never returns.
    causes : tuple of str
        The first must be one of these.
    also : tuple of str
        These may be named beside it.
    note : str
        What must be noted; then no cause need be named.
    quota : float
        CPUs' worth of time that it is given, by ``"group"`` (a control group) or ``"stop"`` (stop signals); 0: no quota.
    by : str
    """

    kind: str
    run: Callable[[], None]
    causes: tuple[str, ...]
    also: tuple[str, ...] = ()
    note: str = ""
    quota: float = 0.0
    by: str = ""


PROGRAMS: dict[str, Known] = {}


def program(kind: str, *causes: str, **more: object) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Register a function as a program."""

    def register(run: Callable[[], None]) -> Callable[[], None]:
        PROGRAMS[run.__name__] = Known(kind, run, causes, **more)  # type: ignore[arg-type]
        return run

    return register


def ready() -> None:
    """Say that the steady state begins."""
    print("ready", flush=True)
