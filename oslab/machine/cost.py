"""What one operation costs on a machine, with its spread; and a place where measured costs are kept.

A cost is measured once for a machine, kernel and processor count, and kept in the user's cache directory
(OSLAB_CACHE_DIR overrules it); where nothing can be written, until the process ends.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import platform
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from oslab.base import Series, plural, quantity, readable, rounded
from oslab.machine import recorded, usable_cpus

__all__ = ["Cost", "kept"]

_KEPT: dict[str, list[Series]] = {}


@dataclass(frozen=True)
class Cost:
    """A cost with its spread; ``float(cost)`` is its median, for models that take a number.

    Attributes
    ----------
    label : str
    median, low, high : float
    unit : str
    repeats : int
        How many values the median was taken of.
    origin : str
        ``"this machine"`` or ``"recorded"``.
    machine, kernel, date : str
    note : str
        What else a reader must know.
    """

    label: str
    median: float
    low: float
    high: float
    unit: str
    repeats: int = 1
    origin: str = "this machine"
    machine: str = ""
    kernel: str = ""
    date: str = ""
    note: str = ""

    @classmethod
    def of(cls, series: Series, k: int = 0, note: str = "") -> Cost:
        """Return the cost at one x of a series."""
        return cls(
            series.label,
            float(series.median[k]),
            float(series.low[k]),
            float(series.high[k]),
            series.unit,
            series.repeats,
            series.origin,
            series.machine,
            series.kernel,
            series.date,
            note,
        )

    def __float__(self) -> float:
        return self.median

    def table(self) -> list[dict[str, Any]]:
        """Return one row, rounded to 3 digits."""
        values = {f"median, {self.unit}": self.median, "low": self.low, "high": self.high}
        rounds = {name: rounded(value, 3) for name, value in values.items()}
        return [{"what": self.label, **rounds, "repeats": self.repeats}]

    def __str__(self) -> str:
        where = self.origin if self.origin != "recorded" else f"recorded on {self.machine}, {self.date}"
        note = f"; {self.note}" if self.note else ""
        return (
            f"{self.label}: {quantity(self.median, self.unit)} ({readable(self.low)} to {readable(self.high)} in "
            f"{plural(self.repeats, 'repeat')}, {where}{note})"
        )


def kept(name: str, measure: Callable[[], list[Series]], fresh: bool = False) -> list[Series]:
    """Return what was measured under a name on this machine, or measure it now and keep it.

    Parameters
    ----------
    name : str
        What was measured, and with which arguments.
    measure : callable
        Returns a list of series.
    fresh : bool
        Measure again.
    """
    machine = [recorded.machine_kind(), platform.release(), platform.node(), usable_cpus()]
    key = hashlib.sha256(json.dumps([1, name, machine]).encode()).hexdigest()[:24]
    file = _folder() / f"{key}.json"
    if not fresh:
        if key not in _KEPT:
            with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
                _KEPT[key] = [Series.from_json(one) for one in json.loads(file.read_text(encoding="utf-8"))["series"]]
        if key in _KEPT:
            return _KEPT[key]
    _KEPT[key] = measure()
    with contextlib.suppress(OSError):  # nowhere to write: kept while the process lives
        _write(file, json.dumps({"name": name, "series": [one.to_json() for one in _KEPT[key]]}))
    return _KEPT[key]


def _folder() -> Path:
    home = os.environ.get("OSLAB_CACHE_DIR")
    if not home:
        import platformdirs

        home = platformdirs.user_cache_dir("oslab", appauthor=False)
    return Path(home) / "costs"


def _write(file: Path, text: str) -> None:
    """Write a file that others see whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=file.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as partial:
            partial.write(text)
        os.replace(name, file)
    except BaseException:
        os.unlink(name)
        raise
