"""Series: numbers along an axis with their spread and where they come from."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

__all__ = ["Series"]

ORIGINS = ("model", "this machine", "recorded")


@dataclass(frozen=True, eq=False)
class Series:
    """Values along x, with their spread, and where they come from.

    Attributes
    ----------
    label : str
        What was measured or modelled: ``"4 KiB pages"``.
    x : ndarray of float64 or str, shape (n,)
    median, low, high : ndarray of float64, shape (n,)
        A model without spread leaves `low` and `high` at the median.
    unit, x_unit : str
        Of the values, and of `x`.
    origin : str
        ``"model"``, ``"this machine"`` or ``"recorded"``.
    machine, kernel, date : str
        Of the machine it was taken on; empty for a model.
    repeats : int
        How many values the median was taken of.
    """

    label: str
    x: np.ndarray
    median: np.ndarray
    unit: str
    x_unit: str = ""
    low: Any = None
    high: Any = None
    origin: str = "model"
    machine: str = ""
    kernel: str = ""
    date: str = ""
    repeats: int = field(default=1)

    def __post_init__(self) -> None:
        if self.origin not in ORIGINS:
            raise ValueError(f"origin={self.origin!r}: allowed are {', '.join(ORIGINS)}")
        x = np.asarray(self.x)
        object.__setattr__(self, "x", x if x.dtype.kind in "US" else x.astype(np.float64))
        for name in ("median", "low", "high"):
            given = getattr(self, name)
            values = np.asarray(self.median if given is None else given, dtype=np.float64)
            if values.shape != self.x.shape or values.ndim != 1:
                raise ValueError(f"{name} has shape {values.shape}, x has {self.x.shape}; one value for each x")
            object.__setattr__(self, name, values)

    @classmethod
    def of_repeats(cls, label: str, x: Any, repeats: Any, unit: str, **fields: Any) -> Series:
        """Make a series from repeated measurements.

        Parameters
        ----------
        repeats : array_like, shape (r, n)
            One row a repeat; the median and the range over the rows are kept.
        """
        rows = np.atleast_2d(np.asarray(repeats, dtype=np.float64))
        return cls(
            label,
            x,
            np.median(rows, axis=0),
            unit,
            low=rows.min(axis=0),
            high=rows.max(axis=0),
            repeats=len(rows),
            **fields,
        )

    @property
    def where(self) -> str:
        """Where it comes from, as shown in a legend."""
        if self.origin == "recorded":
            return f"recorded on {self.machine}, {self.date}" if self.machine else "recorded"
        return self.origin

    @property
    def brief(self) -> str:
        """Where it comes from, short enough for a picture."""
        return "recorded" if self.origin == "recorded" else "measured here" if self.origin != "model" else "model"

    @property
    def place(self) -> str:
        """Where it was measured, as said in a sentence."""
        return "here" if self.origin == "this machine" else f"on a {self.machine}, {self.date}"

    def take(self, places: Any) -> Series:
        """Return the same series at some of its x only, given by their positions."""
        return replace(self, **{name: getattr(self, name)[places] for name in ("x", "median", "low", "high")})

    def at(self, x: float) -> Series:
        """Return the series at one x only, by straight lines between those that there are."""
        where = np.array([x], dtype=np.float64)
        parts = {name: np.interp(where, self.x, getattr(self, name)) for name in ("median", "low", "high")}
        return replace(self, x=where, **parts)

    def is_noisy(self, effect: Any = None, most: Any = None) -> np.ndarray:
        """Return which values say nothing of what they stand beside, because the machine was too noisy.

        Parameters
        ----------
        effect : float or array_like of float, shape (n,), optional
            The difference that is to be seen, in the series' unit; a range of the repeats that is wider hides it.
        most : float or array_like of float, shape (n,), optional
            What the model allows at the most; a value that lies above it by more than its own range, or 5 % where that
            is more, was not of the same thing.

        Returns
        -------
        ndarray of bool, shape (n,)

        Examples
        --------
        >>> run = Series("reads", [1, 2], [10, 20], "µs", low=[9, 12], high=[11, 30])
        >>> run.is_noisy(effect=8).tolist(), run.is_noisy(most=[8.5, 5]).tolist()
        ([False, True], [False, False])
        """
        spread, noisy = self.high - self.low, np.zeros(len(self.median), dtype=bool)
        if effect is not None:
            noisy |= spread > np.abs(effect)
        if most is not None:
            noisy |= self.median - most > np.maximum(spread, 0.05 * np.abs(most))
        return noisy

    def to_json(self) -> dict[str, Any]:
        """Return what `from_json` takes: lists, strings and numbers only."""
        return {k: v.tolist() if isinstance(v, np.ndarray) else v for k, v in asdict(self).items()}

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> Series:
        """Return the series that `to_json` wrote down."""
        return cls(**record)

    def table(self) -> list[dict[str, Any]]:
        """Return one row for each x, rounded to 4 digits."""
        head = self.x_unit or "x"
        return [
            {
                head: x if isinstance(x, str) else float(f"{x:.4g}"),
                f"median, {self.unit}": float(f"{m:.4g}"),
                "low": float(f"{lo:.4g}"),
                "high": float(f"{hi:.4g}"),
            }
            for x, m, lo, hi in zip(self.x.tolist(), self.median, self.low, self.high, strict=True)
        ]

    def __str__(self) -> str:
        points = ", ".join(f"{row[self.x_unit or 'x']}: {row[f'median, {self.unit}']}" for row in self.table())
        return f"{self.label} ({self.where}), {self.unit}: {points}"
