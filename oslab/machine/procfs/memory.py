"""What one process has mapped, and where that lies: /proc/PID/maps, smaps_rollup and numa_maps."""

import re
from dataclasses import dataclass

from oslab.machine.procfs.text import Pid, entries, of, size, whole, whole_lines

__all__ = ["MappedRange", "NumaRange", "maps", "numa_maps", "smaps_rollup"]

_MAP = re.compile(r"([0-9a-f]+)-([0-9a-f]+) ([r-][w-][x-][sp]) [0-9a-f]{8,} [0-9a-f]+:[0-9a-f]+ [0-9]+(?: +(.*))?$")
_POLICY = re.compile(
    r"(default|local|prefer|prefer \(many\)|bind|interleave|weighted interleave)(=[a-z|]+)?(:[0-9,-]+)?"
)
# What ends the policy in a line: a count or a file, or a word without one; old kernels name the thread of a stack.
_AFTER_POLICY = re.compile(r"(?!default|prefer|bind|interleave|local|weighted).*=.*|heap|huge|stack(:[0-9]+)?")


@dataclass(frozen=True)
class MappedRange:
    """One line of ``/proc/PID/maps``.

    Attributes
    ----------
    start, end : int
        Addresses; `end` is the first one beyond.
    permissions : str
        Such as ``"r-xp"``: read, write, execute, private or shared.
    path : str
        A file, a name in brackets such as ``[heap]``, or empty.
    """

    start: int
    end: int
    permissions: str
    path: str

    @property
    def size(self) -> int:
        """Bytes of address space."""
        return self.end - self.start


@dataclass(frozen=True)
class NumaRange:
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


def maps(pid: Pid = "self") -> list[MappedRange]:
    """Return the ranges that a process has mapped, in order of address; an empty list if they cannot be read."""
    found = []
    for line in whole_lines(of(pid, "maps")):
        match = _MAP.match(line)
        if match:
            start, end = int(match[1], 16), int(match[2], 16)
            if start < end:
                found.append(MappedRange(start, end, match[3], match[4] or ""))
    return found


def smaps_rollup(pid: Pid = "self") -> dict[str, int] | None:
    """Return the sums of ``/proc/PID/smaps_rollup`` in bytes: Rss, Pss, Shared_Clean, AnonHugePages and so on."""
    sizes = {name: size(value) for name, value in entries(of(pid, "smaps_rollup")).items()}
    return {name: number for name, number in sizes.items() if number is not None} or None


def numa_maps(pid: Pid = "self") -> list[NumaRange] | None:
    """Return ``/proc/PID/numa_maps``; None where the kernel knows no NUMA (there is no such file)."""
    text = of(pid, "numa_maps")
    return None if text is None else [one for line in whole_lines(text) if (one := _range(line))]


def _range(line: str) -> NumaRange | None:
    address, *words = line.split() or [""]
    split = next((k for k, word in enumerate(words) if _AFTER_POLICY.fullmatch(word)), len(words))
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
        elif not equals and _AFTER_POLICY.fullmatch(word):
            path = path or ("" if key == "huge" else key.partition(":")[0])
        elif number is None:
            return None
        elif re.fullmatch(r"N[0-9]+", key):
            if pages.setdefault(int(key[1:]), number) != number:
                return None
        elif key == "kernelpagesize_kB":
            page_size = number * 1024
    return NumaRange(int(address, 16), policy, pages, page_size, path)
