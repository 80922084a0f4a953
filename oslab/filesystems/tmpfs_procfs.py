"""File systems without a disk: one in memory, one whose files are made up when they are read."""

import errno
from collections.abc import Callable
from typing import Any

from oslab.base import Instance, checked
from oslab.filesystems.block_file_system import BlockFileSystem, Stat
from oslab.filesystems.disk import ROOT
from oslab.filesystems.path_walk import fail

__all__ = ["GeneratedFileSystem", "MemoryFileSystem"]


class MemoryFileSystem(BlockFileSystem):
    """Like tmpfs: the same operations, with nothing below; blocks are pages of memory, and a crash leaves nothing."""

    kind = "tmpfs"


class GeneratedFileSystem:
    """Like procfs: a directory of files that are made up when they are read.

    Parameters
    ----------
    files : dict of str to callable
        Each returns the text that a read finds.
    """

    kind, root = "proc", ROOT

    @checked(files=Instance(dict))
    def __init__(self, files: dict[str, Callable[[], str]]):
        self._files = list(files.items())

    def lookup(self, parent: int, name: str) -> int | None:
        """Return the inode of a name."""
        if parent != ROOT:
            raise fail(errno.ENOTDIR, name)
        return next((ROOT + k for k, (known, _) in enumerate(self._files, 1) if known == name), None)

    def stat(self, number: int) -> Stat:
        """Return what stat tells: files of size 0, as in /proc."""
        return Stat(number, "directory" if number == ROOT else "file", 2 if number == ROOT else 1, 0, 0)

    def readlink(self, number: int) -> None:
        """Return None: there are no symbolic links here."""

    def read_inode(self, number: int, offset: int = 0, size: int | None = None) -> bytes:
        """Make the text up and return a part of it."""
        if number == ROOT:
            raise fail(errno.EISDIR, "/")
        text = self._files[number - ROOT - 1][1]().encode(errors="surrogatepass")
        return text[offset : None if size is None else offset + size]

    def write(self, *arguments: Any) -> None:
        """Refuse: EACCES."""
        raise fail(errno.EACCES, "a generated file")

    append = truncate = create = unlink = mkdir = write

    def hold(self, number: int) -> None:
        """Note nothing: what is made up cannot go."""

    release = hold
