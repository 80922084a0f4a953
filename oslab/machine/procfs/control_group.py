"""The control groups of a process, and what one was granted, took and was denied; of version 2 or version 1."""

import math
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from oslab.machine.procfs.mounts import Mount, mounts
from oslab.machine.procfs.text import Pid, counts, of, read, whole, whole_lines

__all__ = ["GroupUsage", "control_groups", "group_usage"]

# Version 1 writes "no limit" as the largest multiple of a page below 2**63.
_NO_LIMIT = 1 << 60


@dataclass(frozen=True)
class GroupUsage:
    """A control group; None is not known, infinity is no limit.

    Attributes
    ----------
    version : {1, 2}
    quota : float or None
        CPUs' worth of time: quota / period.
    period : float or None
        Seconds.
    run_time : float or None
        Seconds on CPUs.
    periods, throttled_periods : int or None
        With a quota: periods that passed, and those in which it was used up.
    throttled_time : float or None
        Seconds stood still for it, summed over CPUs.
    memory, memory_high, memory_max : float or None
        Bytes: taken, throttled and reclaimed beyond, killed beyond.
    """

    version: int
    quota: float | None = None
    period: float | None = None
    run_time: float | None = None
    periods: int | None = None
    throttled_periods: int | None = None
    throttled_time: float | None = None
    memory: float | None = None
    memory_high: float | None = None
    memory_max: float | None = None


def control_groups(pid: Pid = "self") -> list[tuple[str, Path]]:
    """Return the control groups that a process is in, in each hierarchy its own first and the outermost last.

    Returns
    -------
    list of (str, Path)
        Controllers with commas between them (empty for version 2), and the group's folder.

    Notes
    -----
    Where a hierarchy is mounted, with which controllers and from which group on, is said by ``mountinfo`` alone.
    """
    found = []
    mounted = [mount for mount in mounts() if mount.kind in ("cgroup", "cgroup2")]
    for line in whole_lines(of(pid, "cgroup")):
        _, controllers, path = (*line.split(":", 2), "", "")[:3]
        fitting = [m for m in mounted if _holds(m, controllers)]
        if not fitting or not path.startswith("/") or path.startswith("/.."):  # outside of what is seen from here
            continue
        folders = [folder for m in fitting if (folder := _folder(m, path))]
        # Inside a container the path may be the one outside; what is mounted is then this group.
        place, top = folders[0] if folders else (Path(fitting[0].point), Path(fitting[0].point))
        while True:
            found.append((controllers, place))
            if place == top:
                break
            place = place.parent
    return found


def _holds(mount: Mount, controllers: str) -> bool:
    if not controllers:
        return mount.kind == "cgroup2"
    return mount.kind == "cgroup" and mount.options.issuperset(controllers.split(","))


def _folder(mount: Mount, path: str) -> tuple[Path, Path] | None:
    """Return the group's folder and that of the mount, if it can be seen through this mount."""
    if PurePosixPath(path).is_relative_to(mount.root):
        folder = Path(mount.point) / PurePosixPath(path).relative_to(mount.root)
        if folder.is_dir():
            return folder, Path(mount.point)
    return None


def group_usage(folder: str | Path, version: int = 2) -> GroupUsage:
    """Read the files of a control group; of version 1 those of the controllers that are mounted there."""
    folder = Path(folder)

    def word(name: str) -> str | None:
        lines = whole_lines(read(folder / name))
        return lines[0] if len(lines) == 1 else None

    if version == 2:
        quota, period, *_ = *(word("cpu.max") or "").split(), "", ""
        memory = "current", "high", "max"
    else:
        quota, period = ("max" if one == "-1" else one for one in map(word, ("cpu.cfs_quota_us", "cpu.cfs_period_us")))
        memory = "usage_in_bytes", "soft_limit_in_bytes", "limit_in_bytes"
    granted, length, used = _amount(quota), whole(period), counts(read(folder / "cpu.stat"))
    return GroupUsage(
        version,
        None if granted is None or not length else granted / length,
        _scaled(length, 1e6),
        _scaled(used.get("usage_usec"), 1e6) if version == 2 else _scaled(whole(word("cpuacct.usage")), 1e9),
        used.get("nr_periods"),
        used.get("nr_throttled"),
        _scaled(used.get("throttled_usec"), 1e6) if version == 2 else _scaled(used.get("throttled_time"), 1e9),
        *(_amount(word(f"memory.{name}")) for name in memory),
    )


def _amount(word: str | None) -> float | None:
    number = whole(word)
    return math.inf if word == "max" or (number or 0) >= _NO_LIMIT else number


def _scaled(value: int | None, unit: float) -> float | None:
    return None if value is None else value / unit
