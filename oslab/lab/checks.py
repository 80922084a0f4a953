"""Arguments that are not allowed, named, with those that are."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

__all__ = ["one_of", "whole"]


def whole(name: str, value: Any, low: int = 1, high: int | None = None) -> int:
    """Return `value` as an int.

    Raises
    ------
    TypeError
        No whole number, or a bool.
    ValueError
        One below `low` or above `high`.

    Examples
    --------
    >>> whole("frames", 0)
    Traceback (most recent call last):
    ValueError: frames=0: allowed are whole numbers from 1 up
    """
    power = (high or 0).bit_length()
    last = f"2**{power} - 1" if power > 32 and high == (1 << power) - 1 else high
    allowed = f"allowed are whole numbers from {low} {'up' if high is None else f'to {last}'}"
    if type(value).__name__ in ("bool", "bool_") or not hasattr(value, "__index__"):
        raise TypeError(f"{name}={value!r}: {allowed}")
    if value < low or (high is not None and value > high):
        raise ValueError(f"{name}={value!r}: {allowed}")
    return int(value)


def one_of(name: str, value: Any, allowed: Collection[Any]) -> None:
    """Raise a `ValueError` where `value` is not among those allowed."""
    if isinstance(value, bool) or value not in allowed:
        raise ValueError(f"{name}={value!r}: allowed are {', '.join(map(str, allowed))}")
