"""The questions behind `capabilities`: each asked of the machine itself, at little cost, without rights or traces."""

import ctypes
import errno
import importlib.util
import os
import platform
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from oslab.base import plural, quantity
from oslab.machine import csource, procfs
from oslab.machine.limits import SYS, cpu_quota, memory_limit, thp_mode, usable_cpus
from oslab.machine.procfs import control_groups, mounts, text

__all__ = ["CHECKS", "Answer", "Check"]

Answer = tuple[bool, str, str]  # here or not; why not, or what there is; what helps
Check = tuple[str, str, tuple[int, ...], Callable[[], Answer]]  # key, label, chapters, what asks
CHECKS: list[Check] = []

LINUX = sys.platform == "linux"
ONLY_LINUX = "this system is not Linux", "run the course on Linux, in a virtual machine or on Binder"
IO_URING_SETUP, IORING_PARAMS = 425, 120


def asks(
    key: str, label: str, *chapters: int, linux: bool = False
) -> Callable[[Callable[[], Answer]], Callable[[], Answer]]:
    """File the decorated function as the question for a capability, which only Linux may have."""

    def file(question: Callable[[], Answer]) -> Callable[[], Answer]:
        CHECKS.append((key, label, chapters, lambda: (False, *ONLY_LINUX) if linux and not LINUX else question()))
        return question

    return file


def _read(path: Path) -> str | None:
    found = text.read(path)
    return None if found is None else found.strip()


def _system_call(number: int, *arguments: Any) -> tuple[int, int]:
    """Make a system call; return its result and errno."""
    call = ctypes.CDLL(None, use_errno=True).syscall
    call.restype = ctypes.c_long
    result = call(ctypes.c_long(number), *arguments)
    return result, ctypes.get_errno()


def _tool(name: str, package: str) -> Answer:
    # What administrators use is often not on an ordinary user's path.
    path = shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"]))
    return (True, path, "") if path else (False, f"{name} is not installed", f"install {package}")


@asks("compiler", "a C compiler", 1, 3, 4, 6)
def _compiler() -> Answer:
    found = csource.compiler()
    if found:
        return True, found, ""
    if not hasattr(os, "fork"):
        return False, "C programs are run by fork, which this system does not have", "run the course on Linux or macOS"
    how = "run xcode-select --install" if sys.platform == "darwin" else "install gcc or clang (Debian: build-essential)"
    return False, "neither cc, gcc nor clang was found", how


@asks("numba", "compiled kernels (numba)", 2, 3, 7)
def _numba() -> Answer:
    if os.environ.get("OSLAB_JIT", "1") == "0":
        return False, "OSLAB_JIT=0 switches them off", "unset OSLAB_JIT"
    there = importlib.util.find_spec("numba") is not None
    return (True, "numba", "") if there else (False, "numba is not installed", "pip install numba")


@asks("procfs", "the files of /proc", 1, 2, 3, 7, linux=True)
def _procfs() -> Answer:
    there = procfs.status() is not None
    return there, "mounted" if there else "/proc is not mounted", "" if there else "mount proc on /proc"


@asks("pinning", "pinning a thread to a CPU", 1, 2, 3, 7)
def _pinning() -> Answer:
    if not hasattr(os, "sched_setaffinity"):
        return False, *ONLY_LINUX
    mine = os.sched_getaffinity(0)
    os.sched_setaffinity(0, mine)
    return True, "CPU " + ", ".join(map(str, sorted(mine)[:8])) + (" …" if len(mine) > 8 else ""), ""


@asks("two_cpus", "two CPUs", 1, 2, 4, 7)
def _two_cpus() -> Answer:
    count, quota, all_of_them = usable_cpus(), cpu_quota(), os.cpu_count() or 1
    said = f"{count} of {all_of_them} usable" + (f", with the time of {plural(quota, 'CPU')} (quota)" if quota else "")
    enough = min(count, quota or count) >= 2
    return enough, said, "" if enough else "a machine or container with two CPUs"


@asks("nice", "a lower priority (nice)", 2)
def _nice() -> Answer:
    if not hasattr(os, "getpriority"):
        return False, "this system has no priorities", "run the course on Linux or macOS"
    now = os.getpriority(os.PRIO_PROCESS, 0)
    return now < 19, f"nice is {now} now, 19 at most", "" if now < 19 else "start the notebook without nice"


@asks("huge_pages", "transparent huge pages", 3, linux=True)
def _huge_pages() -> Answer:
    mode = thp_mode()
    if mode in ("always", "madvise"):
        return True, "used for all memory" if mode == "always" else "used where a program asks (madvise)", ""
    why = "this kernel does not support them" if mode is None else "switched off (set to never)"
    return False, why, "as root: echo madvise > /sys/kernel/mm/transparent_hugepage/enabled"


@asks("cgroup2", "a control group of your own (version 2)", 7, linux=True)
def _cgroup2() -> Answer:
    own = [folder for controllers, folder in control_groups() if not controllers]
    with_controllers = [
        one.point for one in mounts() if one.kind == "cgroup2" and _read(Path(one.point, "cgroup.controllers"))
    ]
    if not own or not with_controllers:
        some = any(one.kind == "cgroup" for one in mounts())
        why = "only version 1 has controllers here" if some else "no control group is mounted"
        return False, why, "boot with systemd.unified_cgroup_hierarchy=1"
    there = own[0]
    if os.access(there, os.W_OK) and os.access(there / "cgroup.procs", os.W_OK):
        return True, f"{there} is writable, controllers: {_read(there / 'cgroup.controllers') or 'none'}", ""
    return False, f"{there} is not writable", "systemd-run --user --scope -p Delegate=yes, or a privileged container"


@asks("numa", "more than one NUMA node", 7)
def _numa() -> Answer:
    nodes = sorted((SYS / "devices/system/node").glob("node[0-9]*"))
    if len(nodes) > 1:
        return True, f"{len(nodes)} nodes", ""
    return False, "there is one node" if nodes else "the system shows no nodes", "a machine with two sockets"


@asks("io_uring", "io_uring", 6, linux=True)
def _io_uring() -> Answer:
    fd, error = _system_call(IO_URING_SETUP, ctypes.c_uint(2), ctypes.create_string_buffer(IORING_PARAMS))
    if fd >= 0:
        os.close(fd)
        return True, "allowed", ""
    switch = _read(text.PROC / "sys/kernel/io_uring_disabled")
    if switch in ("1", "2"):
        group = _read(text.PROC / "sys/kernel/io_uring_group")
        who = "switched off for all" if switch == "2" else f"allowed only to root and to group {group}"
        return False, f"{who} (kernel.io_uring_disabled={switch})", "as root: sysctl kernel.io_uring_disabled=0"
    if error == errno.ENOSYS:
        return (
            False,
            "the kernel lacks it, or the container hides it (ENOSYS)",
            "Linux 5.1 or later, or a seccomp profile that allows it",
        )
    return (
        False,
        f"refused ({os.strerror(error)}), as by a container's seccomp profile",
        "docker run --security-opt seccomp=…, a profile that allows io_uring_setup",
    )


@asks("liburing", "the package liburing (io_uring from Python)", 6, linux=True)
def _liburing() -> Answer:
    there = importlib.util.find_spec("liburing") is not None
    return (True, "liburing", "") if there else (False, "liburing is not installed", "pip install liburing")


@asks("strace", "strace", 1, 6, linux=True)
def _strace() -> Answer:
    return _tool("strace", "strace")


@asks("e2fsprogs", "tools for ext4 images (e2fsprogs)", 5)
def _e2fsprogs() -> Answer:
    for name in ("mke2fs", "debugfs", "dumpe2fs"):
        found = _tool(name, "e2fsprogs")
        if not found[0]:
            return found
    return found


@asks("gpu", "an NVIDIA GPU", 7)
def _gpu() -> Answer:
    tool = shutil.which("nvidia-smi")
    devices = sorted(p.name for p in Path("/dev").glob("nvidia[0-9]*"))
    if tool and (devices or Path("/dev/dxg").exists()):
        return True, ", ".join(devices) or "through WSL", ""
    why = "no device /dev/nvidia0" if tool else "nvidia-smi is not installed"
    return False, why, "a machine with an NVIDIA GPU and its driver"


@asks("free_threading", "Python without its global lock", 7)
def _free_threading() -> Answer:
    version = platform.python_version()
    if not getattr(sys, "_is_gil_enabled", lambda: True)():
        return True, f"Python {version}, free-threaded", ""
    return False, f"Python {version} has the lock", "install python3.14t (uv python install 3.14t)"


@asks("shared_memory", "shared memory (/dev/shm)", 7, linux=True)
def _shared_memory() -> Answer:
    size = os.statvfs("/dev/shm")
    total = size.f_blocks * size.f_frsize
    said = quantity(total / 2**20, "MiB")
    small = total <= 64 << 20
    return (
        not small,
        said + (", as containers start with" if small else ""),
        "docker run --shm-size=1g" if small else "",
    )


@asks("memory", "512 MiB of free memory", 3, 7)
def _memory() -> Answer:
    known, limit = procfs.meminfo(), memory_limit()
    free = getattr(known, "available", None)
    if free is None:
        return True, "how much is free is not known", ""
    said = f"{quantity(free / 2**30, 'GiB')} free"
    said += f", at most {quantity(limit / 2**30, 'GiB')} for this group" if limit else ""
    enough = min(free, limit or free) >= 512 << 20
    return enough, said, "" if enough else "close other notebooks, or a larger container"
