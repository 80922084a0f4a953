"""ext4 images that mke2fs makes and debugfs fills; nothing needs root or a mount."""

import os
import subprocess
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

from oslab.base import checked, integer
from oslab.filesystems.capacity import count_files
from oslab.filesystems.measure.mounts import temporary_folder
from oslab.machine import Unavailable, need
from oslab.machine.child import uninterrupted
from oslab.machine.recorded import measured

__all__ = ["IMAGE_SIZE", "ext4_transcript", "fill_images"]

IMAGE_SIZE = 8 << 20
FILE_SIZES = (1024, 4096, 16384, 65536, 262144)
TOOLS = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])
MAKE = "mke2fs -q -F -t ext4 -b 4096 -I 256 -m 0 -O ^has_journal,^resize_inode".split()


def _tool(*command: str, cwd: str) -> str:
    """Run a tool to its end and return what it printed; it takes less than a second, so an interrupt waits for it."""
    with uninterrupted():
        done = subprocess.run(
            command,
            cwd=cwd,
            env={"PATH": TOOLS, "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=20,
            check=False,
            process_group=0,
        )
    return done.stdout


def _make_image(folder: str, bytes_per_inode: int, name: str = "image") -> str:
    return _tool(*MAKE, "-i", str(bytes_per_inode), name, f"{IMAGE_SIZE >> 10}k", cwd=folder)


def _fill_image(folder: str, file_size: int, most: int, name: str = "image") -> list[str]:
    """Write files until one does not fit; return debugfs' lines."""
    Path(folder, "source").write_bytes(b"x" * file_size)
    Path(folder, "commands").write_text("".join(f"write source f{k}\n" for k in range(1, most + 1)))
    return _tool("debugfs", "-w", "-f", "commands", name, cwd=folder).splitlines()


def _count(lines: list[str]) -> int:
    failed = next((k for k, line in enumerate(lines) if line.startswith("write:")), len(lines))
    # A file that gets an inode but not its blocks does not count.
    return sum(line.startswith("Allocated inode") for line in lines[:failed]) - (
        failed < len(lines) and "inode" not in lines[failed]
    )


@checked(bytes_per_inode=integer(1024, 1 << 22))
def fill_images(bytes_per_inode: int = 16384) -> Iterator[Any]:
    """Fill ext4 images of 8 MiB with files of five sizes and count them, without root rights.

    Yields
    ------
    float or list of Series
        Shares of the work done; at the end the files that fit, by file size, labelled with `bytes_per_inode`.

    Raises
    ------
    TypeError, ValueError
        Fewer bytes an inode than mke2fs takes (1024), or more than 4 MiB.
    Unavailable
        mke2fs or debugfs is missing.
    """
    need("e2fsprogs")
    counts = []
    with temporary_folder() as folder:
        for k, size in enumerate(FILE_SIZES):
            _make_image(folder, bytes_per_inode)
            most = min(count_files(IMAGE_SIZE, bytes_per_inode).files(size))
            counts.append(_count(_fill_image(folder, size, most + 40)))
            yield (k + 1) / len(FILE_SIZES)
    yield [measured(str(bytes_per_inode), list(FILE_SIZES), [counts], "files", x_unit="bytes a file")]


def ext4_transcript() -> str:
    """Make an ext4 image with few inodes, fill it, look at an inode; return what the tools said, or what was recorded."""
    try:
        need("e2fsprogs")
    except Unavailable as missing:
        text = resources.files("oslab.filesystems").joinpath("runs", "ext4_image.txt").read_text()
        return f"{missing}\nRecorded on another machine:\n{text}"
    with temporary_folder() as folder:
        _make_image(folder, 1 << 17)
        lines = _fill_image(folder, 1000, 60)
        failed = next(k for k, line in enumerate(lines) if line.startswith("write:"))
        inode = _tool("debugfs", "-R", "stat f1", "image", cwd=folder).splitlines()
        free = _tool("debugfs", "-R", "show_super_stats -h", "image", cwd=folder).splitlines()
    counts = [line for line in free if line.startswith(("Inode count", "Free inodes", "Block count", "Free blocks"))]
    keep = ("Inode:", "Links:", "User:", "EXTENTS", "(0)")
    return "\n".join(
        [
            "$ mke2fs -t ext4 -i 131072 image 8M; debugfs -w image: write source f1, f2, …",
            *lines[failed - 3 : failed + 1],
            "$ debugfs -R 'show_super_stats -h' image",
            *counts,
            "$ debugfs -R 'stat f1' image",
            *(line for line in inode if line.startswith(keep)),
        ]
    )
