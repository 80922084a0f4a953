"""The commands of lab 2 on real files, and what os.stat says of the first."""

import os
from pathlib import Path

from oslab.base import Series
from oslab.filesystems.measure.mounts import temporary_folder
from oslab.filesystems.name_commands import parse
from oslab.machine.recorded import measured

__all__ = ["real_names"]


def real_names(script: str) -> list[Series]:
    """Run the commands of lab 2 on real files, and ask os.stat about the first file made after each.

    Returns
    -------
    list of Series
        Links, size in bytes, and units of 512 bytes on disk, one value a command; -1 once the file is gone.
    """
    rows, opened, first = [], {}, None
    listed = parse(script)
    with temporary_folder() as folder:
        where = Path(folder)
        try:
            for command, *names in listed:
                _act(command, [where / n for n in names], names, opened)
                stats = [os.lstat(entry) for entry in where.iterdir()] + [os.fstat(fd) for fd in opened.values()]
                first = first or (stats[0].st_ino if stats else None)
                mine = next((s for s in stats if s.st_ino == first), None)
                rows.append((mine.st_nlink, mine.st_size, mine.st_blocks) if mine else (-1, -1, -1))
        finally:
            for fd in opened.values():
                os.close(fd)
    x = [" ".join(words) for words in listed]
    return [
        measured(label, x, [column], label)
        for label, column in zip(("links", "bytes", "units of 512 bytes"), zip(*rows))
    ]


def _act(command: str, paths: list[Path], names: list[str], opened: dict[str, int]) -> None:
    if command == "create":
        os.close(os.open(paths[0], os.O_CREAT | os.O_EXCL | os.O_WRONLY))
    elif command == "write":
        with open(paths[0], "r+b") as file:
            file.write(names[1].encode(errors="surrogatepass"))
            file.flush()
            os.fsync(file.fileno())  # or the blocks are not taken yet
    elif command == "open":
        opened[names[0]] = os.open(paths[0], os.O_RDONLY)
    elif command == "close":
        os.close(opened.pop(names[0]))
    elif command == "symlink":
        os.symlink(names[0], paths[1])
    else:
        getattr(os, command)(*paths)
