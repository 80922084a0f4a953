"""Rows as text: what a notebook prints where there is no picture."""

from collections.abc import Iterable, Mapping
from typing import Any

__all__ = ["as_text"]


def as_text(rows: Iterable[Mapping[str, Any]]) -> str:
    """Return rows of equal keys as aligned columns, the keys on top.

    Examples
    --------
    >>> print(as_text([{"name": "a", "inode": 3}, {"name": "b", "inode": 3}]))
    name  inode
    a     3
    b     3
    """
    listed = [dict(row) for row in rows]
    if not listed:
        return "(none)"
    lines = [[str(key) for key in listed[0]], *([str(v) for v in row.values()] for row in listed)]
    widths = [max(map(len, column)) for column in zip(*lines)]
    return "\n".join("  ".join(cell.ljust(w) for cell, w in zip(line, widths)).rstrip() for line in lines)
