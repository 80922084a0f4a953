"""What one process takes: /proc/PID/io, limits and numa_maps."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from oslab.machine.procfs.process import Pid
from oslab.machine.procfs.text import Record, entries, of, whole, whole_lines

__all__ = ["Limit", "NumaRange", "ProcessIo", "io", "limits", "numa_maps"]

_UNITS = {
    "cpu time": "seconds",
    "processes": "processes",
    "open files": "files",
    "file locks": "locks",
    "pending signals": "signals",
    "realtime timeout": "us",
    "nice priority": "",
    "realtime priority": "",
    **dict.fromkeys(
        (
            "file size",
            "data size",
            "stack size",
            "core file size",
            "resident set",
            "locked memory",
            "address space",
            "msgqueue size",
        ),
        "bytes",
    ),
}
_LIMIT = re.compile(r"Max ([a-z ]+?) {2,}(unlimited|[0-9]+) +(unlimited|[0-9]+) +([a-z]*) *$")
_POLICIES = ("default", "prefer", "bind", "interleave", "local", "weighted")
_POLICY = re.compile(
    r"(default|local|prefer|prefer \(many\)|bind|interleave|weighted interleave)(=[a-z|]+)?(:[0-9,-]+)?"
)


@dataclass(frozen=True)
class ProcessIo(Record):
    """``/proc/PID/io``: bytes and calls.

    Attributes
    ----------
    read_characters, written_characters : int or None
        Bytes that went through read and write calls, from the page cache and pipes too.
    read_calls, write_calls : int or None
    read_bytes, write_bytes : int or None
        Bytes that had to be fetched from, or will be sent to, a device.
    cancelled_write_bytes : int or None
        Bytes never sent, since the file was cut short or removed before.
    """

    read_characters: int | None
    written_characters: int | None
    read_calls: int | None
    write_calls: int | None
    read_bytes: int | None
    write_bytes: int | None
    cancelled_write_bytes: int | None


@dataclass(frozen=True)
class Limit(Record):
    """One line of ``/proc/PID/limits``; `soft` holds now, and may be raised to `hard`; unlimited is infinity."""

    name: str
    soft: float
    hard: float
    unit: str


@dataclass(frozen=True)
class NumaRange(Record):
    """One line of ``/proc/PID/numa_maps``.

    Attributes
    ----------
    start : int
        Address.
    policy : str
        ``default``, ``bind:0-1``, ``interleave:0-1`` and so on.
    pages : dict of int to int
        Pages of this range by node.
    page_size : int or None
        Bytes; None in kernels before 3.8, which do not say.
    path : str
        A file, ``heap``, ``stack``, or empty.
    """

    start: int
    policy: str
    pages: dict[int, int]
    page_size: int | None
    path: str


def io(pid: Pid = "self") -> ProcessIo | None:
    """Return ``/proc/PID/io``; only one's own processes may be looked at."""
    e = entries(of(pid, "io"))
    keys = ("rchar", "wchar", "syscr", "syscw", "read_bytes", "write_bytes", "cancelled_write_bytes")
    return ProcessIo(*(whole(e.get(key)) for key in keys)) if e else None


def limits(pid: Pid = "self") -> dict[str, Limit] | None:
    """Return ``/proc/PID/limits`` by name: ``"open files"``, ``"locked memory"`` and so on."""
    found = {}
    for line in whole_lines(of(pid, "limits")):
        match = _LIMIT.match(line)
        if match:
            soft, hard = (math.inf if word == "unlimited" else int(word) for word in match.group(2, 3))
            # A line that was cut off may lack its unit, which the kernel writes for each name (fs/proc/base.c).
            if soft <= hard and match[4] == _UNITS.get(match[1], match[4]):
                found[match[1]] = Limit(match[1], soft, hard, match[4])
    return found or None


def numa_maps(pid: Pid = "self") -> list[NumaRange] | None:
    """Return ``/proc/PID/numa_maps``; None where the kernel knows no NUMA (there is no such file)."""
    text = of(pid, "numa_maps")
    return None if text is None else [one for line in whole_lines(text) if (one := _range(line))]


def _range(line: str) -> NumaRange | None:
    address, *words = line.split() or [""]
    split = next(
        (
            k
            for k, word in enumerate(words)
            if "=" in word and not word.startswith(_POLICIES) or word in ("heap", "stack", "huge")
        ),
        len(words),
    )
    policy = " ".join(words[:split])
    if not re.fullmatch("[0-9a-f]+", address) or not _POLICY.fullmatch(policy):
        return None
    pages: dict[int, int] = {}
    page_size, path = None, ""
    for word in words[split:]:
        key, equals, value = word.partition("=")
        number = whole(value)
        if key == "file":
            path = value
        elif key in ("heap", "stack", "huge") and not equals:
            path = path or ("" if key == "huge" else key)
        elif number is None:
            return None
        elif re.fullmatch(r"N[0-9]+", key):
            if pages.setdefault(int(key[1:]), number) != number:
                return None
        elif key == "kernelpagesize_kB":
            page_size = number * 1024
    return NumaRange(int(address, 16), policy, pages, page_size, path)
