"""Readers of trace formats: each takes a stream and yields page numbers, a block at a time, and which of them write."""

import io
import re
from array import array
from collections.abc import Iterable, Iterator

import numpy as np

from oslab.base import plural
from oslab.memory.traces.stream import Stream

__all__ = [
    "FORMATS",
    "Block",
    "LackeyPages",
    "cut",
    "page_ranges",
    "parse_number",
    "read_faults",
    "read_lackey",
    "read_npy",
    "read_oracle",
    "read_text",
    "recognise",
]

Block = tuple[np.ndarray, np.ndarray | None]

FORMATS = (
    "text with page numbers, CSV, .npy, the output of valgrind's lackey, of strace and of perf script, MSR's block "
    "traces, libCacheSim's oracleGeneral, each also packed with gzip or zstd"
)
NPY = b"\x93NUMPY"
LACKEY = re.compile(rb"(I | [LSM]) +[0-9a-fA-F]+,\d+\s*$")
FAULT = re.compile(rb"^\s*\S.*?page-faults(?::\w+)?:\s*([0-9a-fA-F]+)[ \t]*(\S?)", re.M)
PLAIN = bytes([9, 10, 13, 32, 44, 59, *range(48, 58)])
SPACES = bytes.maketrans(b",;\t\r\n", b"     ")
WORD = re.compile(rb"(0[xX][0-9a-fA-F]+|[0-9]+)(?:-(0[xX][0-9a-fA-F]+|[0-9]+))?([wW]?)")
NUMBER = "one whole number from 0 to 2**63 - 1, decimal or 0x hexadecimal"
MOST = 2**63 - 1
TEXT_BYTES = bytes([9, 10, 12, 13, *range(32, 127), *range(128, 256)])
ORACLE = np.dtype([("time", "<u4"), ("id", "<u8"), ("size", "<u4"), ("next", "<i8")])
LONGEST_RANGE = 1 << 24


def recognise(head: bytes) -> str:
    """Return what a file is by its first bytes: ``npy``, ``oracle``, ``lackey``, ``faults``, ``strace`` or ``text``.

    Raises
    ------
    ValueError
        None of these; the formats are named.
    """
    if head.startswith(NPY):
        return "npy"
    if head[:4096].translate(None, TEXT_BYTES):
        if _is_oracle(head):
            return "oracle"
        raise ValueError(f"source is no text (it begins with {head[:8]!r}): allowed are {FORMATS}")
    lines = head.splitlines()[:200]
    if any(LACKEY.match(line) for line in lines):
        return "lackey"
    if any(b"page-faults" in line for line in lines if not line.startswith(b"#")):
        return "faults"
    if any(re.match(rb"(\[pid +)?[\d\]. ]*\w+\(.*\) += -?(0x)?\w+", line) for line in lines):
        return "strace"
    return "text"


def _is_oracle(head: bytes) -> bool:
    """Whether bytes look like records of libCacheSim's oracleGeneral: times that never fall, next uses ahead."""
    some = np.frombuffer(head[: len(head) // ORACLE.itemsize * ORACLE.itemsize], ORACLE)[:1000]
    return bool(len(some) and (np.diff(some["time"].astype(np.int64)) >= 0).all() and (some["next"] >= -1).all())


def read_npy(stream: Stream) -> Iterator[Block]:
    """Yield the numbers of a ``.npy`` file of one dimension; no pickle is loaded."""
    head = io.BytesIO(stream.head)
    try:
        version = np.lib.format.read_magic(head)
        header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, _, dtype = header(head)
    except ValueError as error:
        raise ValueError(f"source is not a .npy file of numbers: {error}") from None
    if dtype.hasobject:
        raise ValueError("source is not a .npy file of numbers: it holds Python objects")
    if len(shape) != 1 or dtype.kind not in "iuf":
        raise ValueError(f"the .npy file holds {dtype} of shape {shape}; expected one dimension of whole numbers")
    skip, done, rest = head.tell(), 0, b""
    for block in stream.blocks():
        block, skip = rest + block[skip:], 0
        count = min(len(block) // dtype.itemsize, shape[0] - done)
        yield np.frombuffer(block, dtype, count), None
        done, rest = done + count, block[count * dtype.itemsize :]
    if done < shape[0]:
        raise ValueError(f"source is cut off: {done} of {plural(shape[0], 'number')} are there")


def read_oracle(stream: Stream) -> Iterator[Block]:
    """Yield the object numbers of oracleGeneral records: time, id, size, next use; 24 bytes each.

    Numbers are taken modulo 2**63; sizes are left out.
    """
    done = 0
    for block in stream.blocks(ORACLE.itemsize):
        if len(block) % ORACLE.itemsize:
            raise ValueError(
                f"source is cut off in record {done + len(block) // ORACLE.itemsize + 1}: {ORACLE.itemsize} bytes each"
            )
        records = np.frombuffer(block, ORACLE)
        done += len(records)
        yield (records["id"] & np.uint64(MOST)).astype(np.int64), None


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
    data, fetches, lines : int
        Loads, stores and modifies seen; instruction fetches seen; lines seen.
    """

    def __init__(self, page_size: int = 4096, instructions: bool = False):
        self.pages = array("Q")
        self.data = self.fetches = self.lines = 0
        self._last = -1
        self._instructions = instructions
        self._bits = page_size.bit_length() - 1

    def read(self, lines: Iterable[bytes]) -> None:
        """Take in lines; those that are not references (valgrind's own, the program's) are skipped.

        Raises
        ------
        ValueError
            A reference that cannot be read; its line is named.
        """
        pages, last, number = self.pages, self._last, self.lines
        for number, line in enumerate(lines, self.lines + 1):
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
                    f"line {number}: {cut(line)} is no reference of lackey's; "
                    f"expected a letter, a hexadecimal address, a comma and a size"
                ) from None
            if page != last:
                pages.append(page)
                last = page
        self._last, self.lines = last, number

    def take(self) -> np.ndarray:
        """Return the pages known so far, and forget them."""
        found, self.pages = np.frombuffer(self.pages, np.uint64), array("Q")
        return found


def read_lackey(stream: Stream, page_size: int, instructions: bool) -> Iterator[Block]:
    """Yield the pages of lackey's output, references in a row to the same page merged."""
    pages = LackeyPages(page_size, instructions)
    for block in stream.lines():
        pages.read(block.splitlines())
        yield pages.take(), None


def read_faults(stream: Stream, page_size: int) -> Iterator[Block]:
    """Yield the faulting pages of ``perf script -F comm,tid,time,event,addr`` after ``perf record -e page-faults -d``.

    Raises
    ------
    ValueError
        The numbers are those of instructions, as perf script prints without ``-F``.
    """
    bits = page_size.bit_length() - 1
    for block in stream.lines():
        found = FAULT.findall(block)
        if any(after for _, after in found):
            raise ValueError(
                "source has the addresses of instructions, not of the pages: call perf script -F comm,tid,time,event,addr"
            )
        yield np.array([int(address, 16) for address, _ in found], np.uint64) >> np.uint64(bits), None


def read_text(stream: Stream) -> Iterator[Block]:
    """Yield the numbers of a text: numbers, ranges, each with a ``w`` behind it if it writes; ``#`` starts a comment."""
    line = 1
    for block in stream.lines():
        yield _read_block(block, line)
        line += block.count(b"\n")


def _read_block(block: bytes, line: int) -> Block:
    if not block.translate(None, PLAIN):  # nothing but numbers: read in one go
        numbers = np.fromstring(block.translate(SPACES).decode("ascii"), np.int64, sep=" ")  # empty: no number
        if len(numbers) == 0 or numbers.max() < MOST:
            return numbers, None
    found, writes = array("q"), bytearray()
    for number, text in enumerate(block.split(b"\n"), line):
        for word in re.split(rb"[\s,;]+", text.partition(b"#")[0]):
            if word:
                _add_word(word, number, found)
                writes += bytes([word[-1:] in b"wW"]) * (len(found) - len(writes))
    return np.frombuffer(found, np.int64), np.frombuffer(writes, np.bool_) if any(writes) else None


def _add_word(word: bytes, line: int, found: array) -> None:
    matched = WORD.fullmatch(word)
    first = parse_number(matched[1]) if matched else None
    last = parse_number(matched[2]) if matched and matched[2] else first
    if first is None or last is None:
        raise ValueError(f"line {line}: {cut(word)} is not a page number; expected {NUMBER}")
    if not 0 <= last - first < LONGEST_RANGE:
        raise ValueError(f"line {line}: {cut(word)}: a range goes up, over {LONGEST_RANGE} pages at most")
    found.extend(range(first, last + 1))


def page_ranges(offset: np.ndarray, size: np.ndarray, page_size: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the pages that requests touch, one request after the other, and how many each of them touches.

    Parameters
    ----------
    offset, size : ndarray of int64, shape (n,)
        Bytes; a request of no bytes touches the page of its offset.
    page_size : int
    """
    first = offset // page_size
    count = (offset + np.maximum(size, 1) - 1) // page_size - first + 1
    starts = np.cumsum(count) - count
    return np.repeat(first - starts, count) + np.arange(int(count.sum())), count


def parse_number(word: bytes) -> int | None:
    """Return a page number, decimal or 0x hexadecimal, or None."""
    try:
        number = int(word, 16) if word[:2].lower() == b"0x" else int(word)
    except ValueError:
        return None
    return number if 0 <= number <= MOST else None


def cut(text: bytes) -> str:
    """Return a word of a file as a message shows it."""
    word = text.decode(errors="replace").strip()
    return repr(word if len(word) <= 40 else word[:37] + "...")
