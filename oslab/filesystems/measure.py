"""What this machine does: names of real files, an ext4 image, reads through the VFS, and what durable costs.

Everything made here stands in a temporary folder that goes again, also after an interrupt; nothing needs root or a mount.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from importlib import resources
from pathlib import Path
from typing import Any

from oslab.base.series import Series
from oslab.filesystems.capacity import count_files
from oslab.filesystems.names import parse
from oslab.machine import Unavailable, need, recorded

__all__ = [
    "IMAGE_SIZE",
    "durable_costs",
    "ext4_transcript",
    "fill_images",
    "free_space",
    "mounts_by_type",
    "read_costs",
    "real_names",
    "recorded_run",
]

IMAGE_SIZE = 8 << 20
FILE_SIZES = (1024, 4096, 16384, 65536, 262144)
REPEATS = 9
TOOLS = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])


def recorded_run(name: str) -> Callable[[], list[Series] | None]:
    """Return a function that loads a recorded run, or gives None where there is none."""
    return lambda: recorded.load("oslab.filesystems", name) if name in recorded.names("oslab.filesystems") else None


def _here(label: str, x: list[str] | list[int], rows: Any, unit: str, **more: Any) -> Series:
    return Series.of_repeats(label, x, rows, unit, origin="this machine", **recorded.here(), **more)


# Names.


def real_names(script: str) -> list[Series]:
    """Run the commands of lab 2 on real files, and ask os.stat about the first file made after each.

    Returns
    -------
    list of Series
        Links, size in bytes, and units of 512 bytes on disk, one value a command; -1 once the file is gone.
    """
    rows, opened, first = [], {}, None
    listed = parse(script)
    with tempfile.TemporaryDirectory(prefix="oslab-") as folder:
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
        _here(label, x, [column], label) for label, column in zip(("links", "bytes", "units of 512 bytes"), zip(*rows))
    ]


def _act(command: str, paths: list[Path], names: list[str], opened: dict[str, int]) -> None:
    if command == "create":
        os.close(os.open(paths[0], os.O_CREAT | os.O_EXCL | os.O_WRONLY))
    elif command == "write":
        with open(paths[0], "r+b") as file:
            file.write(names[1].encode())
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


# An ext4 image.


def _tool(*command: str, cwd: str) -> str:
    done = subprocess.run(
        command,
        cwd=cwd,
        env={"PATH": TOOLS, "LC_ALL": "C"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=20,
        check=False,
    )
    return done.stdout


def _make_image(folder: str, bytes_per_inode: int, name: str = "image") -> str:
    return _tool(
        "mke2fs",
        "-q",
        "-F",
        "-t",
        "ext4",
        "-b",
        "4096",
        "-I",
        "256",
        "-i",
        str(bytes_per_inode),
        "-m",
        "0",
        "-O",
        "^has_journal,^resize_inode",
        name,
        f"{IMAGE_SIZE >> 10}k",
        cwd=folder,
    )


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


def fill_images(bytes_per_inode: int = 16384) -> Iterator[Any]:
    """Fill ext4 images of 8 MiB with files of five sizes and count them, as root of nothing.

    Yields
    ------
    float or list of Series
        Shares of the work done; at the end the files that fit, by file size, labelled with `bytes_per_inode`.

    Raises
    ------
    Unavailable
        mke2fs or debugfs is missing.
    """
    need("e2fsprogs")
    counts = []
    with tempfile.TemporaryDirectory(prefix="oslab-") as folder:
        for k, size in enumerate(FILE_SIZES):
            _make_image(folder, bytes_per_inode)
            most = min(count_files(IMAGE_SIZE, bytes_per_inode).files(size))
            counts.append(_count(_fill_image(folder, size, most + 40)))
            yield (k + 1) / len(FILE_SIZES)
    yield [_here(str(bytes_per_inode), list(FILE_SIZES), [counts], "files", x_unit="bytes a file")]


def ext4_transcript() -> str:
    """Make an ext4 image with few inodes, fill it, look at an inode; return what the tools said, or what was recorded."""
    try:
        need("e2fsprogs")
    except Unavailable as missing:
        text = resources.files("oslab.filesystems").joinpath("runs", "ext4_image.txt").read_text()
        return f"{missing}\nRecorded on another machine:\n{text}"
    with tempfile.TemporaryDirectory(prefix="oslab-") as folder:
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


# What is mounted.


def _mounts() -> list[tuple[str, str]]:
    """Mount point and type of everything mounted; empty where there is no /proc."""
    try:
        lines = Path("/proc/self/mounts").read_text().splitlines()
    except OSError:
        return []
    return [(fields[1].encode().decode("unicode_escape"), fields[2]) for fields in map(str.split, lines)]


def free_space() -> list[dict[str, Any]]:
    """Return one row for each mounted file system of 1 MiB or more: its size, and the shares of blocks and inodes in use."""
    rows = {}
    for point, kind in _mounts() or [("/", "?")]:
        try:
            s = os.statvfs(point)
        except OSError:
            continue
        if s.f_blocks * s.f_frsize >= 1 << 20:
            rows[point] = {
                "mounted at": point,
                "type": kind,
                "GiB": float(f"{s.f_blocks * s.f_frsize / 2**30:.3g}"),
                "blocks used, %": round(100 * (1 - s.f_bfree / s.f_blocks), 1),
                "inodes": s.f_files,
                "inodes used, %": round(100 * (1 - s.f_ffree / s.f_files), 1) if s.f_files else 0.0,
            }
    return list(rows.values())


def mounts_by_type() -> list[dict[str, Any]]:
    """Return one row for each type of file system mounted here: how many, one of them, whether a device is below."""
    mounts = _mounts()
    try:
        known = [line.split() for line in Path("/proc/filesystems").read_text().splitlines()]
    except OSError:
        known = []
    without = {words[-1] for words in known if words[0] == "nodev"}
    return [
        {
            "type": kind,
            "mounted": count,
            "for example": next(p for p, k in mounts if k == kind),
            "a block device below": "no" if kind in without else "yes",
        }
        for kind, count in Counter(k for _, k in mounts).most_common()
    ]


def _disk_folder() -> tuple[str | None, str]:
    """A writable folder that does not stand in memory, if there is one, and its type of file system."""
    mounts = _mounts()
    for folder in (tempfile.gettempdir(), "/var/tmp", os.getcwd()):
        over = [m for m in mounts if folder == m[0] or folder.startswith(m[0].rstrip("/") + "/")]
        kind = max(over, key=lambda m: len(m[0]))[1] if over else "disk"
        if os.access(folder, os.W_OK) and kind not in ("tmpfs", "ramfs"):
            return folder, kind
    return None, "tmpfs"


# Latencies.


def _spread(actions: dict[str, Callable[[], Any]], loops: tuple[int, ...]) -> list[list[float]]:
    """Time actions in turn; rows are repeats, in microseconds a call."""
    rows = []
    for _ in range(REPEATS):
        row = []
        for action, times in zip(actions.values(), loops):
            action()  # brings back to the cache what the others threw out
            begin = time.perf_counter_ns()
            for _ in range(times):
                action()
            row.append((time.perf_counter_ns() - begin) / times / 1000)
        rows.append(row)
    return rows


def read_costs() -> list[Series]:
    """Time one system call, pread of 4 KiB, on file systems that answer it in different ways; some 0.5 s.

    Returns
    -------
    list of Series
        Microseconds by where the bytes come from; for procfs a read of /proc/self/maps, which may hold less.
    """
    folder, kind = _disk_folder()
    data = os.urandom(1 << 20)
    with (
        tempfile.TemporaryFile(dir=folder) as file,
        open("/proc/self/maps", "rb", buffering=0) as made_up,
        tempfile.TemporaryFile(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None) as memory,
    ):
        for target in (file, memory):
            target.write(data)
            target.flush()
        os.fsync(file.fileno())
        places = iter(range(1 << 30))

        def cold() -> None:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            os.pread(file.fileno(), 4096, next(places) * 40960 % (1 << 20))

        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_RANDOM)
        actions = {
            "tmpfs": lambda: os.pread(memory.fileno(), 4096, 0),
            f"{kind}, in the page cache": lambda: os.pread(file.fileno(), 4096, 4096),
            "procfs, made on demand": lambda: os.pread(made_up.fileno(), 4096, 0),
            f"{kind}, from the disk": cold,
        }
        rows = _spread(actions, (2000, 2000, 200, 20))
    return [_here("read 4 KiB", list(actions), rows, "µs")]


def durable_costs() -> list[Series]:
    """Time what a program may do to keep 4 KiB: write, with fsync, with O_DSYNC, and the safe replacement; some 0.5 s.

    Returns
    -------
    list of Series
        Microseconds by way.
    """
    folder, kind = _disk_folder()
    data = os.urandom(4096)
    with tempfile.TemporaryDirectory(prefix="oslab-", dir=folder) as name:
        target, aside = os.path.join(name, "target"), os.path.join(name, "aside")
        plain = os.open(target, os.O_CREAT | os.O_WRONLY)
        each = os.open(os.path.join(name, "each"), os.O_CREAT | os.O_WRONLY | os.O_DSYNC)
        directory = os.open(name, os.O_RDONLY)

        def synced() -> None:
            os.pwrite(plain, data, 0)
            os.fsync(plain)

        def replace(whole: bool) -> None:
            fd = os.open(aside, os.O_CREAT | os.O_WRONLY | os.O_TRUNC)
            try:
                os.write(fd, data)
                os.fsync(fd)
            finally:
                os.close(fd)
            os.rename(aside, target)
            if whole:
                os.fsync(directory)

        actions = {
            "write": lambda: os.pwrite(plain, data, 0),
            "O_DSYNC write": lambda: os.pwrite(each, data, 0),
            "write, fsync": synced,
            "aside, fsync, rename": lambda: replace(False),
            "the same, fsync directory": lambda: replace(True),
        }
        try:
            rows = _spread(actions, (200, 4, 4, 4, 4))
        finally:
            for fd in (plain, each, directory):
                os.close(fd)
    return [_here(f"keep 4 KiB on {kind}", list(actions), rows, "µs")]
