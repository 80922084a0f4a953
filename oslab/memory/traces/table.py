"""Traces in tables: CSV with a column of page numbers, keys or offsets, and MSR's block traces."""

import csv
import io
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from oslab.base import integer, shown
from oslab.memory.traces.formats import NUMBER, Block, cut, page_ranges, parse_number
from oslab.memory.traces.stream import Stream

__all__ = ["Layout", "find_layout", "read_table"]

ROWS = 1 << 16
PAGE = 4096
DISK_BITS = 36
ITEMS = {"page", "page number", "page_number", "key", "object", "obj", "obj_id", "object_id", "id"}
OFFSETS = {"offset", "address", "addr", "byte_offset", "offset_bytes"}
SIZES = {"size", "length", "bytes", "obj_size", "req_size", "size_bytes", "count"}
KINDS = {"type", "op", "rw", "iotype", "operation"}
MSR = 7  # columns: time, host, disk, Read or Write, offset, size, response time


@dataclass(frozen=True)
class Layout:
    """Where in a table's rows the references are.

    Attributes
    ----------
    item : int
        The column of the page number, key or offset, from 0.
    size, kind, disk : int
        The columns of a request's bytes, of what says that it writes, of the disk's number; -1 for none.
    header : bool or None
        Whether the first line is one; None if it may be.
    delimiter : str
    says : str
        What the table is, in words.
    """

    item: int
    size: int = -1
    kind: int = -1
    disk: int = -1
    header: bool | None = None
    delimiter: str = ","
    says: str = "CSV"


def find_layout(head: bytes, column: int | str | None, size: int | str | None) -> Layout | None:
    """Return where a table's references are, or None if the text is no table.

    Parameters
    ----------
    head : bytes
        The beginning of the text.
    column, size : int or str, optional
        The columns that the caller names; without them the first line's names, or MSR's order, decide.

    Raises
    ------
    ValueError
        A table whose column is neither named nor known; a column that there is not.
    """
    text = head.decode("utf-8", errors="replace")
    lines = [line for line in text.splitlines()[:20] if line.strip() and not line.startswith("#")]
    delimiter = _delimiter(lines[0]) if lines else ","
    rows = list(csv.reader(lines, delimiter=delimiter))
    first = [cell.strip() for cell in rows[0]] if rows else []
    if column is not None or size is not None:
        item, header = _place("column", 0 if column is None else column, first)
        wide, _ = _place("size", size, first) if size is not None else (-1, False)
        kind = _known(first, KINDS) if header or wide >= 0 else -1
        return Layout(
            item, wide, kind, header=header or None, delimiter=delimiter, says=f"CSV, column {first_of(first, item)}"
        )
    if len(first) < 2 or delimiter == " ":
        return None
    if len(first) == MSR and first[3].lower() in ("read", "write"):
        return Layout(4, 5, 3, 2, False, delimiter, "MSR's block trace")
    wide, kind = _known(first, SIZES), _known(first, KINDS)
    for names, sized in ((OFFSETS, True), (ITEMS, False)):
        if (item := _known(first, names)) >= 0:
            return Layout(item, wide if sized else -1, kind, -1, True, delimiter, f"CSV, column {first[item]!r}")
    numbers = [all(parse_number(cell.strip().encode()) is not None for cell in row if cell.strip()) for row in rows]
    table = len({len(row) for row in rows}) == 1 and len(rows) > 1
    if all(numbers) and not table:
        return None  # a list, broken into lines
    said = delimiter.join(first)
    raise ValueError(f"line 1: {cut(said.encode())} has columns: say which one, as column=, of {shown(said)}")


def first_of(names: list[str], place: int) -> str:
    """Return a column as a message names it."""
    return repr(names[place]) if place < len(names) and parse_number(names[place].encode()) is None else str(place)


def _delimiter(line: str) -> str:
    return next((mark for mark in (",", ";", "\t", " ") if mark in line.strip()), ",")


def _known(names: list[str], known: set[str]) -> int:
    """The first column that bears one of the known names; -1 for none."""
    return next((k for k, name in enumerate(names) if name.lower() in known), -1)


def _place(argument: str, column: Any, names: list[str]) -> tuple[int, bool]:
    """Return a column's place from 0, and whether the first line names it."""
    if isinstance(column, str):
        if column not in names:
            raise ValueError(f"{argument}={shown(column)}: the first line names {', '.join(names) or 'none'}")
        return names.index(column), True
    return integer(0, 10_000).check(argument, column), False


def read_table(stream: Stream, layout: Layout, page_size: int | None) -> Iterator[Block]:
    """Yield the references of a table's rows; a request of several pages yields one reference for each page.

    Where the first of them is no number, keys are names, and are numbered as they come.
    """
    decoded = (
        line for block in stream.lines() for line in io.StringIO(block.decode("utf-8", errors="replace"), newline="")
    )
    rows = csv.reader(decoded, delimiter=layout.delimiter)
    names: dict[str, int] | None = None
    columns = [array("q") for _ in range(4)]  # items, sizes, whether they write, disks
    begun = False
    for row in rows:
        if not any(cell.strip() for cell in row) or row[0].startswith("#"):
            continue
        number = rows.line_num
        if max(layout.item, layout.size, layout.kind, layout.disk) >= len(row):
            raise ValueError(
                f"line {number}: {len(row)} columns; expected column {max(layout.item, layout.size)} in it"
            )
        word = row[layout.item].strip()
        if not begun:
            begun = True
            parsed = parse_number(word.encode())
            if layout.header or (layout.header is None and parsed is None and number == 1):
                layout, begun = replace(layout, header=False), False
                continue
            names = {} if parsed is None and layout.size < 0 and word[:1].isalpha() else None
        columns[0].append(_number(word, number) if names is None else names.setdefault(word, len(names)))
        if layout.size >= 0:
            columns[1].append(_number(row[layout.size].strip(), number))
        if layout.kind >= 0:
            columns[2].append(row[layout.kind].strip()[:1] in ("w", "W"))
        if layout.disk >= 0:
            columns[3].append(_number(row[layout.disk].strip(), number))
        if len(columns[0]) == ROWS:
            yield _block(columns, layout, page_size)
            columns = [array("q") for _ in range(4)]
    yield _block(columns, layout, page_size)


def _number(word: str, line: int) -> int:
    number = parse_number(word.encode())
    if number is None:
        raise ValueError(f"line {line}: {cut(word.encode())} is not a page number; expected {NUMBER}")
    return number


def _block(columns: list[array], layout: Layout, page_size: int | None) -> Block:
    items, sizes, writing, disks = (np.frombuffer(column, np.int64) for column in columns)
    writes = writing.astype(bool) if layout.kind >= 0 else None
    if layout.size < 0:
        return (items // page_size if page_size else items), writes
    pages, count = page_ranges(items, sizes, page_size or PAGE)
    if layout.disk >= 0:
        pages = pages + (np.repeat(disks, count) << DISK_BITS)
    return pages, None if writes is None else np.repeat(writes, count)
