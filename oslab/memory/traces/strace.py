"""What strace says of reads and writes of files, as references to pages of the page cache.

`CALLS` are the system calls to trace; ``strace -f -y`` writes the names of files into them.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from oslab.memory.traces.formats import Block
from oslab.memory.traces.stream import Stream

__all__ = ["CALLS", "Request", "StraceLog", "read_strace"]

CALLS = "read,pread64,readv,preadv,preadv2,write,pwrite64,writev,pwritev,mmap,openat,open,creat,lseek"
LINE = re.compile(rb"^(?:\[pid +)?(\d+)?\]?\s*(?:[\d:.]+ )?(\w+)\((.*)\)\s+= (-?(?:0x)?[0-9a-f]+)(?:<(.*)>)?")
RESUMED = re.compile(rb"^(?:\[pid +)?(\d+)?\]?\s*(?:[\d:.]+ )?<\.\.\. \w+ resumed>(.*)$", re.S)
UNFINISHED = b"<unfinished ...>"
FILE = re.compile(rb"(\d+)<(/[^>]*)>")
NOT_CACHED = (b"/dev/", b"/proc/", b"/sys/")
FILE_BITS = 36  # of a page's number inside its file: 256 TiB
LONGEST_MAPPING = 1 << 32


class Request(NamedTuple):
    """A stretch of a file that a program asked for: bytes; whether it writes; the file's name."""

    path: bytes
    offset: int
    size: int
    write: bool


class StraceLog:
    """Reads strace's lines one after the other, and knows where in each file the next `read` begins.

    Processes that share a descriptor share its place.  A mapping counts once, as if it were read through.
    """

    def __init__(self) -> None:
        self._place: dict[tuple[bytes, bytes], int] = {}  # by process and descriptor
        self._shared: dict[tuple[bytes, bytes], int] = {}  # by descriptor and file: what a child inherits
        self._begun: dict[bytes, bytes] = {}

    def read(self, line: bytes) -> Request | None:
        """Return what a line asks for, or None: another call, one that failed, a file without pages."""
        if line.rstrip().endswith(UNFINISHED):
            process = (re.match(rb"(?:\[pid +)?(\d+)", line) or [b"", b""])[1]
            self._begun[process] = line.rstrip()[: -len(UNFINISHED)]
            return None
        if resumed := RESUMED.match(line):
            line = self._begun.pop(resumed[1] or b"", b"") + resumed[2]
        found = LINE.match(line)
        if found is None:
            return None
        process, call, arguments, returned, _ = found.groups()
        result = int(returned, 0) if not returned.startswith(b"0x") else int(returned, 16)
        if call in (b"open", b"openat", b"creat"):
            self._place[process, b"%d" % result] = 0
            return None
        file = FILE.search(arguments)
        if file is None or result < 0 or file[2].startswith(NOT_CACHED):
            return None
        return self._request(process, call, arguments, file, result)

    def _request(self, process: bytes, call: bytes, arguments: bytes, file: re.Match, result: int) -> Request | None:
        descriptor, path = file.groups()
        words = arguments.rsplit(b", ")
        if call == b"mmap":
            size = int(arguments.split(b", ", 2)[1])
            return Request(path, int(words[-1], 0), size, False) if size <= LONGEST_MAPPING else None
        key, shared = (process, descriptor), (descriptor, path)
        if call == b"lseek":
            self._place[key] = self._shared[shared] = result
            return None
        write = b"write" in call
        if call.startswith(b"p"):
            offset = next(int(word, 0) for word in reversed(words) if re.fullmatch(rb"(0x)?[0-9a-f]+", word))
            return Request(path, offset, result, write) if result else None
        offset = self._place.get(key, self._shared.get(shared, 0))
        self._place[key] = self._shared[shared] = offset + result
        return Request(path, offset, result, write) if result else None


def read_strace(stream: Stream, page_size: int) -> Iterator[Block]:
    """Yield the pages of the files that strace's lines read, write and map; each file has numbers of its own."""
    log, files = StraceLog(), dict[bytes, int]()
    for block in stream.lines():
        pages: list[np.ndarray] = [np.empty(0, np.int64)]
        writes: list[np.ndarray] = [np.empty(0, bool)]
        for line in block.splitlines():
            request = log.read(line)
            if request:
                base = files.setdefault(request.path, len(files)) << FILE_BITS
                first, last = request.offset // page_size, (request.offset + request.size - 1) // page_size
                pages.append(np.arange(base + first, base + last + 1))
                writes.append(np.full(last - first + 1, request.write))
        yield np.concatenate(pages), np.concatenate(writes)
