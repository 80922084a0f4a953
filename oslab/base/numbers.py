"""Numbers in words and tables: rounded, grouped, with their unit, and never with an exponent."""

from decimal import Decimal
from typing import Any

__all__ = ["duration", "memory_size", "plural", "quantity", "readable", "rounded"]

THIN = "\u202f"
DURATIONS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))


def rounded(value: Any, digits: int = 4) -> Any:
    """Return `value` as a plain int or float, floats to `digits` significant digits; anything else as it is.

    Examples
    --------
    >>> rounded(2 / 3), rounded(12), rounded("rr")
    (0.6667, 12, 'rr')
    """
    if hasattr(value, "item") and getattr(value, "ndim", 1) == 0:
        value = value.item()
    return float(f"{value:.{digits}g}") + 0.0 if isinstance(value, float) else value


def readable(value: float, digits: int = 3) -> str:
    r"""Return `value` as text: whole from a thousand on and grouped, to `digits` significant digits below.

    Examples
    --------
    >>> readable(31_415.9), readable(2 / 3), readable(0.00001234), readable(-0.0)
    ('31\u202f416', '0.667', '0.0000123', '0')
    """
    if value != value or value in (float("inf"), float("-inf")):
        return {"nan": "unknown", "inf": "∞", "-inf": "−∞"}[str(float(value))]
    if isinstance(value, int) or abs(value) >= 999.5:
        return f"{round(value):,}".replace(",", THIN)
    return f"{Decimal(f'{value + 0.0:.{digits}g}'):f}".removesuffix(".0") if value else "0"


def quantity(value: float, unit: str) -> str:
    r"""Return `value` with its `unit`; what rounds to less than a thousandth of the unit is 0.

    Examples
    --------
    >>> quantity(-0.000175, "ns"), quantity(29_970.4, "ms")
    ('0 ns', '29\u202f970 ms')
    """
    return f"{readable(0 if abs(value) < 5e-4 else value)} {unit}"


def duration(seconds: float) -> str:
    """Return a time in `seconds` in the unit that suits it, to 3 digits.

    Examples
    --------
    >>> duration(0.0125), duration(3.2e-7), duration(90)
    ('12.5 ms', '320 ns', '90 s')
    """
    size, unit = next((pair for pair in DURATIONS if abs(seconds) >= pair[0] * 0.9995), DURATIONS[-1])
    return quantity(seconds / size, unit)


def memory_size(size: float) -> str:
    r"""Return `size` bytes in the largest binary unit that they fill, to 3 digits.

    Examples
    --------
    >>> memory_size(4096), memory_size(512 << 30), memory_size(100)
    ('4 KiB', '512 GiB', '100 B')
    """
    for shift, name in ((40, "TiB"), (30, "GiB"), (20, "MiB"), (10, "KiB")):
        if size >= 1 << shift:
            return f"{readable(size / (1 << shift))} {name}"
    return f"{readable(round(size))} B"


def plural(count: float, noun: str, many: str = "") -> str:
    r"""Return a count with its noun: "1 thread", "2 threads"; `many` where the plural is not formed with s.

    Examples
    --------
    >>> plural(1, "thread"), plural(2000, "frame"), plural(0, "try", "tries")
    ('1 thread', '2\u202f000 frames', '0 tries')
    """
    return f"{readable(count)} {noun if count == 1 else many or noun + 's'}"
