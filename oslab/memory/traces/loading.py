"""The learner's own traces: text, CSV, .npy and the output of valgrind's lackey, with errors that name the line."""

import csv
import io
import os
import re
from array import array
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from oslab.base import checked, flag, integer, memory_size, plural, shown
from oslab.memory.traces.trace import Trace

__all__ = ["LackeyPages", "load"]

LARGEST_FILE = 1 << 30
LONGEST, LONGEST_NAME = 50_000_000, 4096
LACKEY = re.compile(rb"(I | [LSM]) +[0-9a-fA-F]+,\d+\s*$")
NPY = b"\x93NUMPY"
TEXT_BYTES = bytes([9, 10, 12, 13, *range(32, 127), *range(128, 256)])
NUMBER = "one whole number from 0 to 2**63 - 1, decimal or 0x hexadecimal"


@checked(page_size=integer(1, 1 << 62, optional=True), instructions=flag())
def load(
    source: Any, *, column: int | str | None = None, page_size: int | None = None, instructions: bool = False
) -> Trace:
    r"""Read a trace from a file or from its content.

    Parameters
    ----------
    source : str, path or bytes
        A file's name, or what would be in it: text with a line break in it, or bytes.
        Understood are ``.npy`` files, the output of ``valgrind --tool=lackey --trace-mem=yes``, CSV (when
        `column` is given), and text with one number a line, decimal or 0x hexadecimal, where ``#`` starts a
        comment.
    column : int or str, optional
        The CSV column that holds the numbers: its place from 0, or its name in the first line.
    page_size : int, optional
        Divide the numbers, which are addresses then, by this power of two.  For lackey's output 4096 unless told
        otherwise.
    instructions : bool
        Of lackey's output: keep instruction fetches too, not only loads, stores and modifies.

    Returns
    -------
    Trace
        From lackey's output, references in a row to the same page are merged, as in the recorded traces; from
        the other formats all are kept.

    Raises
    ------
    ValueError
        A line that is not what was expected (it is named), an empty or too large file, a wrong option.
    OSError
        The file cannot be read.

    Examples
    --------
    >>> load("0x10  # the first\n17\n0x10\n")
    Trace(16, 17, 16; 3 references, 2 pages)
    """
    if page_size and page_size & (page_size - 1):
        raise ValueError(f"page_size={page_size}: allowed are powers of two from 1 up")
    content, name = _content(source)
    if content.startswith(NPY):
        numbers = _from_npy(content)
    elif column is not None:
        numbers = _from_csv(content, column)
    elif any(LACKEY.match(line) for line in content[:65536].splitlines()[:200]):
        pages = LackeyPages((page_size or 4096), instructions)
        pages.read(content.splitlines(), most=LONGEST)
        return _trace(np.frombuffer(pages.pages, dtype=np.uint64), None, name)
    else:
        numbers = _from_text(content)
    return _trace(numbers, page_size, name)


class LackeyPages:
    """The reduction of lackey's output to page numbers, a line at a time.

    Parameters
    ----------
    page_size : int
        A power of two; a reference that spans two pages counts for the first.
    instructions : bool
        Whether instruction fetches are kept; they are counted in any case.

    Attributes
    ----------
    pages : array of uint64
        The page numbers, references in a row to the same page merged.
    data, fetches : int
        Loads, stores and modifies seen; instruction fetches seen.
    """

    def __init__(self, page_size: int = 4096, instructions: bool = False):
        self.pages = array("Q")
        self.data = self.fetches = 0
        self._instructions = instructions
        self._bits = page_size.bit_length() - 1

    def read(self, lines: Iterable[bytes], most: int | None = None) -> None:
        """Take in lines; those that are not references (valgrind's own, the program's) are skipped.

        Raises
        ------
        ValueError
            A reference that cannot be read, or more than `most` of them, merged.
        """
        pages = self.pages
        last = pages[-1] if pages else -1
        for number, line in enumerate(lines, 1):
            fetch = line.startswith(b"I ")
            if fetch:
                self.fetches += 1
                if not self._instructions:
                    continue
            elif line.startswith((b" L ", b" S ", b" M ")):
                self.data += 1
            else:
                continue
            try:
                page = int(line[3 : line.index(b",")], 16) >> self._bits
            except ValueError:
                raise ValueError(
                    f"line {number}: {_show(line)} is no reference of lackey's; "
                    f"expected a letter, a hexadecimal address, a comma and a size"
                ) from None
            if page != last:
                pages.append(page)
                last = page
                if most is not None and len(pages) > most:
                    raise ValueError(f"line {number}: allowed are up to {plural(most, 'reference')}")


def _content(source: Any) -> tuple[bytes, str]:
    if isinstance(source, (bytes, bytearray, memoryview)):
        return bytes(source), ""
    if isinstance(source, str) and "\n" in source:
        return source.encode(errors="replace"), ""
    if not isinstance(source, str | os.PathLike) or len(os.fspath(source)) > LONGEST_NAME:
        raise TypeError(f"source={shown(source)}: allowed are a file's name, text with line breaks, and bytes")
    try:
        path = Path(source)
        size = path.stat().st_size
    except ValueError:  # NUL, or what no file system can write
        raise ValueError(
            f"source={shown(source)}: allowed are a file's name, text with line breaks, and bytes"
        ) from None
    if size > LARGEST_FILE:
        raise ValueError(
            f"source: {path.name} has {memory_size(size)}: allowed is up to {memory_size(LARGEST_FILE)}; cut it first"
        )
    return path.read_bytes(), path.stem


def _trace(numbers: np.ndarray, page_size: int | None, name: str) -> Trace:
    if len(numbers) == 0:
        raise ValueError("source holds no page number: at least one is needed")
    if len(numbers) > LONGEST:
        raise ValueError(
            f"source holds {plural(len(numbers), 'reference')}: allowed are up to {plural(LONGEST, 'reference')}"
        )
    trace = Trace(numbers, name, argument="source")
    return Trace(trace.numbers >> (page_size.bit_length() - 1), name) if page_size else trace


def _from_npy(content: bytes) -> np.ndarray:
    try:
        numbers = np.load(io.BytesIO(content), allow_pickle=False)
    except ValueError as error:
        raise ValueError(f"not a .npy file of numbers: {error}") from None
    if numbers.ndim != 1 or numbers.dtype.kind not in "iuf":
        raise ValueError(
            f"the .npy file holds {numbers.dtype} of shape {numbers.shape}; expected one dimension of whole numbers"
        )
    return numbers


def _from_text(content: bytes) -> np.ndarray:
    if content[:4096].translate(None, TEXT_BYTES):
        raise ValueError(
            f"source is no text (it begins with {content[:8]!r}): allowed are text, CSV, lackey's output and .npy files"
        )
    numbers = array("q")
    for line, text in enumerate(content.split(b"\n"), 1):
        word = text.partition(b"#")[0].strip()
        if word and _parse(word) is None and re.search(rb"[,;\t]", word):
            first = content.split(b"\n", 1)[0].decode(errors="replace").strip()
            raise ValueError(f"line {line}: {_show(word)} has columns: say which one, as column=, of {shown(first)}")
        if word:
            numbers.append(_number(word, line))
    return np.frombuffer(numbers, dtype=np.int64)


def _from_csv(content: bytes, column: int | str) -> np.ndarray:
    text = content.decode("utf-8-sig", errors="replace")
    try:
        dialect: Any = csv.Sniffer().sniff(text[:4096], delimiters=",;\t ")
    except csv.Error:
        dialect = csv.excel
    rows = csv.reader(io.StringIO(text, newline=""), dialect)
    place, header = _place(column, rows)
    numbers = array("q")
    for row in rows:
        if not row or all(not cell.strip() for cell in row):
            continue
        if place >= len(row):
            raise ValueError(f"line {rows.line_num}: {len(row)} columns; expected column {column!r} in it")
        word = row[place].strip().encode()
        if header and rows.line_num == 1 and _parse(word) is None:
            continue
        numbers.append(_number(word, rows.line_num))
    return np.frombuffer(numbers, dtype=np.int64)


def _place(column: int | str, rows: Any) -> tuple[int, bool]:
    """Return the column's place from 0, and whether the first line, not read yet, may be a header."""
    if isinstance(column, str):
        names = [cell.strip() for cell in next(rows, [])]
        if column not in names:
            raise ValueError(f"column={shown(column)}: the first line names {', '.join(names) or 'none'}")
        return names.index(column), False
    return integer().check("column", column), True


def _number(word: bytes, line: int) -> int:
    number = _parse(word)
    if number is None:
        raise ValueError(f"line {line}: {_show(word)} is not a page number; expected {NUMBER}")
    return number


def _parse(word: bytes) -> int | None:
    try:
        number = int(word, 16) if word[:2].lower() == b"0x" else int(word)
    except ValueError:
        return None
    return number if 0 <= number < 2**63 else None


def _show(text: bytes) -> str:
    word = text.decode(errors="replace").strip()
    return repr(word if len(word) <= 40 else word[:37] + "...")
