"""Files of /proc and of control groups as typed records: sizes in bytes, times in seconds.

What is missing, cut off or damaged is None (or left out), never a guess.  Each function returns None (or nothing) where
its file cannot be read: on systems without /proc, for a process that has gone, or without the right.  A process is
given by its number, ``"self"``, or a folder with such files.  Units follow Documentation/filesystems/proc.rst of the
kernel (the ``kB`` of these files means 1024 bytes).
"""

from typing import TYPE_CHECKING

import lazy_loader as _lazy

from oslab.machine.procfs.control_group import GroupUsage, control_groups, group_usage
from oslab.machine.procfs.memory import MappedRange, NumaRange, maps, numa_maps, smaps_rollup
from oslab.machine.procfs.mounts import Mount, disk_folder, mounts
from oslab.machine.procfs.process import (
    ProcessIo,
    ProcessStat,
    ProcessStatus,
    SchedulerTimes,
    children,
    descriptors,
    io,
    own_processes,
    sched,
    schedstat,
    stat,
    status,
)
from oslab.machine.procfs.system import (
    CpuInfo,
    CpuTimes,
    MemoryInfo,
    Pressure,
    Stall,
    SystemStat,
    cpuinfo,
    interrupts,
    meminfo,
    pressure,
    softirqs,
    system_stat,
)
from oslab.machine.procfs.text import cpu_list

__getattr__ = _lazy.attach(__name__, submod_attrs={"sampler": ["Sampler", "Samples"]})[0]  # it needs numpy
if TYPE_CHECKING:
    from oslab.machine.procfs.sampler import Sampler, Samples

__all__ = [
    "CpuInfo",
    "CpuTimes",
    "GroupUsage",
    "MappedRange",
    "MemoryInfo",
    "Mount",
    "NumaRange",
    "Pressure",
    "ProcessIo",
    "ProcessStat",
    "ProcessStatus",
    "Sampler",
    "Samples",
    "SchedulerTimes",
    "Stall",
    "SystemStat",
    "children",
    "control_groups",
    "cpu_list",
    "cpuinfo",
    "descriptors",
    "disk_folder",
    "group_usage",
    "interrupts",
    "io",
    "maps",
    "meminfo",
    "mounts",
    "numa_maps",
    "own_processes",
    "pressure",
    "sched",
    "schedstat",
    "smaps_rollup",
    "softirqs",
    "stat",
    "status",
    "system_stat",
]
