"""The bytes of a file or of a bytes object, unpacked and read in blocks: a file may be larger than memory."""

import gzip
import io
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from oslab.base import shown

__all__ = ["Stream"]

BLOCK = 1 << 20
HEAD = 1 << 16
MARK = b"\xef\xbb\xbf"
LONGEST_NAME = 4096
SOURCES = "allowed are a file's name, text with line breaks, and bytes"


class Stream:
    """The content of a trace file, read once from its beginning.

    Parameters
    ----------
    source : str, path or bytes
        A file's name, or what would be in it: text with a line break in it, or bytes.  What gzip or zstd packed is
        unpacked; for zstd its program does it.

    Attributes
    ----------
    name : str
        The file's name without its ending, or ''.
    packed : str
        ``", packed with gzip"``, ``", packed with zstd"`` or ''.
    head : bytes
        Up to 64 KiB from the beginning, without a UTF-8 mark.

    Raises
    ------
    TypeError, ValueError
        Something that is no source; packed with zstd where its program is missing.
    OSError
        The file cannot be read.
    """

    def __init__(self, source: Any):
        self._raw, self.name, self._size = _open(source)
        self._process: subprocess.Popen | None = None
        start = self._raw.read(4)
        self._raw.seek(0)
        self.packed, self._file = "", self._raw
        if start[:2] == b"\x1f\x8b":
            self.packed, self._file = ", packed with gzip", gzip.GzipFile(fileobj=self._raw)
        elif start == b"\x28\xb5\x2f\xfd":
            self.packed, self._file = ", packed with zstd", self._unzstd()
        self.head = self._read(HEAD)
        if self.head.startswith(MARK):
            self.head = self.head[len(MARK) :]

    def _unzstd(self) -> Any:
        program = shutil.which("zstd")
        if program is None:
            raise ValueError("source is packed with zstd, and its program is missing: install zstd, or unpack the file")
        if isinstance(self._raw, io.BytesIO):
            given = self._raw.getvalue()
            done = subprocess.run([program, "-dcq"], input=given, capture_output=True)
            if done.returncode:
                raise ValueError(f"source{self.packed} is damaged: zstd cannot unpack it")
            return io.BytesIO(done.stdout)
        os.lseek(self._raw.fileno(), 0, os.SEEK_SET)  # of what the program reads; Python's own buffer is another thing
        self._process = subprocess.Popen(
            [program, "-dcq"], stdin=self._raw, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        return self._process.stdout

    def _read(self, size: int) -> bytes:
        """Read `size` bytes, fewer only at the end: a pipe gives what it has."""
        parts, have = [], 0
        try:
            while have < size and (part := self._file.read(size - have)):
                parts.append(part)
                have += len(part)
        except (EOFError, gzip.BadGzipFile) as error:
            raise ValueError(f"source{self.packed} is damaged: {error}") from None
        if have < size and self._process is not None and self._process.wait():
            raise ValueError(f"source{self.packed} is damaged: zstd cannot unpack it")
        return b"".join(parts)

    @property
    def share(self) -> float:
        """How much has been read, 0 to 1."""
        if not self._size:
            return 1.0
        # The program that unpacks shares the file's place with us.
        place = os.lseek(self._raw.fileno(), 0, os.SEEK_CUR) if self._process is not None else self._raw.tell()
        return min(1.0, place / self._size)

    def blocks(self, multiple: int = 1) -> Iterator[bytes]:
        """Yield the content in blocks of about a MiB; the size of each but the last is a multiple of `multiple`."""
        size = BLOCK // multiple * multiple
        rest = self.head
        while block := rest + self._read(size - len(rest)):
            rest = b""
            yield block

    def lines(self) -> Iterator[bytes]:
        """Yield blocks that end where a line ends."""
        rest = b""
        for block in self.blocks():
            whole, _, after = block.rpartition(b"\n")
            if _:
                yield rest + whole + b"\n"
                rest = after
            else:
                rest += block
        if rest:
            yield rest

    def close(self) -> None:
        """Close the file, and end the program that unpacks it."""
        if self._process is not None:
            self._process.stdout.close()  # type: ignore[union-attr]
            self._process.wait()
        self._raw.close()


def _open(source: Any) -> tuple[Any, str, int]:
    """Return a binary file, its name, and its size in bytes."""
    if isinstance(source, (bytes, bytearray, memoryview)):
        return io.BytesIO(bytes(source)), "", len(source)
    if isinstance(source, str) and "\n" in source:
        return io.BytesIO(source.encode(errors="replace")), "", len(source)
    if not isinstance(source, str | os.PathLike) or len(os.fspath(source)) > LONGEST_NAME:
        raise TypeError(f"source={shown(source)}: {SOURCES}")
    try:
        path = Path(source)
        if path.is_dir():
            raise IsADirectoryError(21, "source is a folder, no file", str(path))
        return path.open("rb"), path.name.split(".")[0], path.stat().st_size
    except ValueError:  # NUL, or what no file system can write
        raise ValueError(f"source={shown(source)}: {SOURCES}") from None
