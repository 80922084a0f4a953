"""Reading the text of such files: only whole lines count, and a key that is said twice differently says nothing."""

import os
from collections.abc import Iterable
from pathlib import Path

__all__ = ["PROC", "Pid", "counts", "cpu_list", "entries", "of", "read", "size", "ticks", "whole", "whole_lines"]

PROC = Path("/proc")
Pid = int | str | Path


def of(pid: Pid, name: str) -> str | None:
    """Return the text of a process's file; `pid` may be a folder, since joining an absolute path replaces /proc."""
    return read(os.path.join(PROC, str(pid), name))


def read(path: str | Path) -> str | None:
    """Return the text, or None where it cannot be read."""
    try:
        with open(path, "rb", buffering=0) as file:  # a third of the cost of a text file's layers
            return file.read().decode(errors="replace")
    except OSError:
        return None


def whole_lines(text: str | None) -> list[str]:
    """Return the lines that are ended: a last line without its end was cut off, and its numbers may be too."""
    return (text or "").split("\n")[:-1]


def _unambiguous(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    damaged = set()
    for key, value in pairs:
        if found.setdefault(key, value) != value:
            damaged.add(key)
    return {key: value for key, value in found.items() if key not in damaged}


def entries(text: str | None) -> dict[str, str]:
    """Lines ``key: value`` as a dict; lines without a colon are left out."""
    pairs = (line.partition(":") for line in whole_lines(text) if ":" in line)
    return _unambiguous((key.strip(), value.strip()) for key, _, value in pairs)


def counts(text: str | None) -> dict[str, int]:
    """Lines ``key number`` as a dict; other lines are left out."""
    pairs = [line.split() for line in whole_lines(text)]
    known = _unambiguous((pair[0], pair[1]) for pair in pairs if len(pair) == 2)
    return {key: number for key, value in known.items() if (number := whole(value)) is not None}


def size(value: str | None) -> int | None:
    """``"12 kB"`` as bytes."""
    parts = (value or "").split()
    number = whole(parts[0]) if len(parts) == 2 and parts[1] == "kB" else None
    return None if number is None else number * 1024


def whole(value: str | None) -> int | None:
    """Decimal digits as a number."""
    return int(value) if value is not None and value.isascii() and value.isdigit() else None


def cpu_list(value: str | None) -> frozenset[int] | None:
    r"""``"0-2,5"`` as a set, of CPUs or nodes; Linux 5.15 ends such a file with a NUL on some machines.

    Examples
    --------
    >>> sorted(cpu_list("0-2,5\n\0"))
    [0, 1, 2, 5]
    """
    found: set[int] = set()
    for part in (value or "").strip(" \n\0").split(","):
        first, dash, last = part.partition("-")
        low, high = whole(first), whole(last if dash else first)
        if low is None or high is None or high < low or high > 1 << 16:
            return None
        found.update(range(low, high + 1))
    return frozenset(found)


def ticks(value: str | None) -> float | None:
    """Clock ticks, of which there are 100 a second nearly everywhere, as seconds."""
    number = whole(value)
    return None if number is None else number / os.sysconf("SC_CLK_TCK")
