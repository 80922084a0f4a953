"""What lines of Python that map memory cost: the faults they should take."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from oslab.base import Result, checked, columns, integer

__all__ = ["COLUMNS", "LINES", "LineCosts", "line_costs"]

COLUMNS = 512
PAGE, BLOCK, HUGE = 4096, 16, 2 << 20
NEW = 8 << 20

LINES = (
    "mmap the file",
    "slice header",
    "slice record",
    "np.memmap",
    "data[0:rows]",
    "sum the batch",
    "sum it again",
    "new memory, 4 KiB pages",
    "new memory, 2 MiB pages",
)


@dataclass(frozen=True)
class LineCosts(Result):
    """What `line_costs` returns.

    Attributes
    ----------
    batch : int
        Rows of the batch, 512 numbers of 4 bytes each.
    lines : tuple of str
        `LINES`.
    faults : tuple of int
        That each line takes.
    reasons : tuple of str
    """

    batch: int
    lines: tuple[str, ...]
    faults: tuple[int, ...]
    reasons: tuple[str, ...]

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield one row a line."""
        return columns({"line": self.lines, "faults": self.faults, "why": self.reasons})

    def __str__(self) -> str:
        return ", ".join(f"{line}: {faults}" for line, faults in zip(self.lines, self.faults, strict=True))


@checked(rows=integer(1, 8192))
def line_costs(rows: int = 1024) -> LineCosts:
    """Count the faults of the lines by which a file, and new memory, are mapped and touched.

    Parameters
    ----------
    rows : int
        Of the batch, 1 to 8192.

    Raises
    ------
    ValueError
        Another number.

    Notes
    -----
    The file is in the page cache; a fault maps the 16 pages of its block (see `read_mapped`), and in new memory one page of
    its size.

    Examples
    --------
    >>> line_costs(1024).faults
    (0, 1, 0, 0, 0, 32, 0, 2048, 4)
    """
    size = rows * COLUMNS * 4
    return LineCosts(
        rows,
        LINES,
        (0, 1, 0, 0, 0, -(-size // (PAGE * BLOCK)), 0, NEW // PAGE, NEW // HUGE),
        (
            "a mapping reserves addresses and loads no page",
            "a slice of an mmap is a copy, so its page is touched",
            "a copy from the same page",
            "another mapping: again only addresses",
            "a slice of an array is a view, so nothing is touched",
            "one fault for every 16 pages touched",
            "every page is in the page table now",
            f"{NEW >> 20} MiB written for the first time, a fault for each page",
            "a fault for each huge page instead of 512 for small pages",
        ),
    )
