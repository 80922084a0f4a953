"""What a sleeping thread waits for: its system call, the call's arguments and what they lead to.

`/proc/PID/task/TID/syscall` says the call and its arguments to whoever may trace the process; `wchan`, the kernel's
function in which it sleeps, says less but to all users that may read the process.  The numbers of the calls are
those of x86-64 and of arm64 (arch/x86/entry/syscalls/syscall_64.tbl, include/uapi/asm-generic/unistd.h).
"""

import bisect
import contextlib
import os
import platform
import re
import struct
import time
from dataclasses import dataclass
from pathlib import Path

from oslab.machine.procfs.memory import MappedRange, maps

__all__ = ["CALLS", "Look", "Wait"]

# name: number on x86-64, on arm64 (-1: not there)
_NUMBERS = {
    **{"read": (0, 63), "write": (1, 64), "readv": (19, 65), "writev": (20, 66), "pread64": (17, 67)},
    **{"pwrite64": (18, 68), "preadv": (295, 69), "pwritev": (296, 70), "sendfile": (40, 71), "ioctl": (16, 29)},
    **{"connect": (42, 203), "accept": (43, 202), "accept4": (288, 242), "sendto": (44, 206), "recvfrom": (45, 207)},
    **{"sendmsg": (46, 211), "recvmsg": (47, 212), "poll": (7, -1), "ppoll": (271, 73), "select": (23, -1)},
    **{"pselect6": (270, 72), "epoll_wait": (232, -1), "epoll_pwait": (281, 22), "epoll_pwait2": (441, 441)},
    **{"nanosleep": (35, 101), "clock_nanosleep": (230, 115), "pause": (34, -1), "rt_sigtimedwait": (128, 137)},
    **{"wait4": (61, 260), "waitid": (247, 95), "vfork": (58, -1), "clone": (56, 220), "futex": (202, 98)},
    **{"futex_waitv": (449, 449), "futex_wait": (455, 455), "semop": (65, 193), "semtimedop": (220, 192)},
    **{"flock": (73, 32), "fcntl": (72, 25), "fsync": (74, 82), "fdatasync": (75, 83), "msync": (26, 227)},
    **{"mmap": (9, 222), "munmap": (11, 215), "mremap": (25, 216), "brk": (12, 214), "madvise": (28, 233)},
    **{"sync_file_range": (277, 84), "io_getevents": (208, 4), "openat": (257, 56), "restart_syscall": (219, 128)},
}
CALLS = {
    pair[column]: name
    for column in [{"x86_64": 0, "aarch64": 1}.get(platform.machine())]
    if column is not None
    for name, pair in _NUMBERS.items()
}
_OF_A_FILE = frozenset("read write readv writev pread64 pwrite64 preadv pwritev sendfile ioctl".split())
_OF_A_SOCKET = frozenset("connect accept accept4 sendto recvfrom sendmsg recvmsg".split())
_OF_STORAGE = frozenset("fsync fdatasync msync sync_file_range io_getevents openat".split())
_OF_MEMORY = frozenset("mmap munmap mremap brk madvise".split())
_OF_A_TIMER = frozenset(("nanosleep", "clock_nanosleep"))
_OF_CHILDREN = frozenset("wait4 waitid vfork clone".split())
_F_SETLKW = (7, 38)
_CONTENDED, _BY_CLOCK = (
    2,
    0x100,
)  # a mutex of glibc (or Rust) that is held and awaited has the value 2; other waits time out
_NEAR = 1 << 16  # bytes above the stack pointer
_MANY, _STALE = 64, 0.5  # file descriptors of a poll that are looked at; seconds for which maps and links are kept
# The kernel's function names, by what they begin with: the first that fits.
_CHANNELS = {
    "sleep": ("hrtimer_nanosleep", "do_nanosleep"),
    "helpers": ("do_wait", "pipe_", "anon_pipe_", "kernel_clone", "wait_for_vfork", "__x64_sys_wait"),
    "network": ("inet_", "sk_wait", "wait_woken", "tcp_", "__skb_wait", "__skb_recv", "udp_"),
    "storage": ("jbd2", "folio_wait", "io_schedule", "rq_qos", "blk_", "submit_bio", "wait_on_page", "nfs", "rpc_wait"),
    "lock": ("locks_lock", "flock_lock", "posix_lock", "do_semtimedop"),
}
_INTERPRETER = re.compile(r"(lib)?python3?[0-9.]*d?(\.so[0-9.]*|\.dylib)?$")
_DEVICES = re.compile(r"/dev/(nvidia|kfd|dri/render|accel)")


@dataclass(frozen=True)
class Wait:
    """What one sleeping thread waits for.

    Attributes
    ----------
    kind : str
        ``storage``, ``network``, ``gil``, ``lock``, ``mutex``, ``sleep`` (a timer alone), ``gpu``; ``futex`` (a lock, or a
        hand-over between threads: only others tell which); ``faults`` (memory management); ``helpers`` (children, or
        threads of its own); ``unknown``.
    said : str
        The call and what it leads to, in words.
    key : object
        Of a futex: the same for all threads that wait at it.
    """

    kind: str
    said: str
    key: object = None


class Look:
    """Looks at the sleeping threads of one process; keeps its maps and the links of its descriptors for a moment.

    Parameters
    ----------
    pid : int
    family : callable
        Returns the processes of the tree, to tell a pipe to one of them from one to a stranger.

    Attributes
    ----------
    refused : bool
        `syscall` may not be read: only `wchan` is left.
    """

    def __init__(self, pid: int, family):
        self.pid, self._family = pid, family
        self.refused = not CALLS
        self._maps: list[MappedRange] = []
        self._read_maps = self._read_links = -1.0
        self._links: dict[int, str] = {}

    def at(self, tid: int, state: str, major: bool = False) -> Wait | None:
        """Return what a thread waits for, None if it runs by now.

        Parameters
        ----------
        tid : int
        state : str
            Its letter in `stat`.
        major : bool
            Whether it has had pages read from a disk of late.
        """
        words = [] if self.refused else self._call(tid)
        if words == ["running"]:
            return None
        if words and words[0] == "-1" and state == "D":
            return Wait("storage", "page fault that reads a disk") if major else Wait("faults", "page fault")
        if len(words) < 9:
            return self._by_channel(tid, state)
        name = CALLS.get(int(words[0]), f"system call {words[0]}")
        arguments = [int(word, 16) for word in words[1:7]]
        found = self._by_call(name, arguments, int(words[7], 16), int(words[8], 16))
        # D is a sleep that no signal ends: but for the calls above, the block layer or a file system.
        return Wait("storage", f"{name} (state D)") if state == "D" and found.kind == "unknown" else found

    def _call(self, tid: int) -> list[str]:
        try:
            with open(f"/proc/{self.pid}/task/{tid}/syscall", "rb", buffering=0) as file:
                return file.read().decode().split()
        except PermissionError:
            self.refused = True
        except OSError:
            pass
        return []

    def _by_channel(self, tid: int, state: str) -> Wait:
        channel = ""
        with contextlib.suppress(OSError), open(f"/proc/{self.pid}/task/{tid}/wchan", encoding="ascii") as file:
            channel = file.read()
        for kind, begins in _CHANNELS.items():
            if channel.startswith(begins):
                return Wait(kind, channel)
        return Wait("storage" if state == "D" else "unknown", channel if channel not in ("", "0") else f"state {state}")

    def _by_call(self, name: str, a: list[int], stack: int, counter: int) -> Wait:
        if name == "futex" or name.startswith("futex_"):
            return self._futex(a, stack, counter)
        if name in _OF_STORAGE:
            return Wait("storage", name)
        if name in _OF_MEMORY:
            return Wait("faults", name)
        if name in _OF_A_TIMER:
            return (
                Wait("lock", "pauses while another has a file's lock") if self._file_locked() else Wait("sleep", name)
            )
        if name in _OF_CHILDREN:
            return Wait("helpers", name)
        if name in ("flock", "semop", "semtimedop") or (name == "fcntl" and a[1] in _F_SETLKW):
            return Wait("lock", name)
        if name in _OF_A_SOCKET or name in _OF_A_FILE:
            kind, what = self._leads_to(a[0])
            kind = {"bell": "helpers", "listening": "network"}.get(kind, kind)
            return Wait("network" if name in _OF_A_SOCKET and kind == "unknown" else kind, f"{name} of {what}")
        if name in ("poll", "ppoll"):
            return self._many(name, self._polled(a[0], a[1]), name == "ppoll" and a[2] or 0 < _signed(a[2]))
        if name in ("select", "pselect6"):
            return self._many(name, self._selected(a), bool(a[4]))
        if name.startswith("epoll"):
            timed = a[3] if name == "epoll_pwait2" else 0 < _signed(a[3])
            return self._many(name, self._watched_by(a[0]), bool(timed))
        return Wait("unknown", name)

    def _futex(self, a: list[int], stack: int, counter: int) -> Wait:
        address = a[0]
        place = self._mapped(address)
        before = self._mapped(place.start - 1) if place and not place.path else None
        owner = place.path if place and place.path else before.path if before else ""
        base = os.path.basename(owner)
        if place and _INTERPRETER.fullmatch(base):
            return Wait("gil", "futex of the interpreter's own data", address)
        caller = self._mapped(counter)
        if base.startswith(("libgomp", "libiomp", "libomp", "libopenblas", "libscipy_openblas", "libmkl")) or (
            caller and re.match(r"lib(gomp|iomp|omp\b|omp-)", os.path.basename(caller.path))
        ):
            return Wait("helpers", "futex of a numerical library's team of threads")
        if place and place.permissions.endswith("s"):  # shared: by its place in the file, whatever its address
            return Wait("futex", "futex in shared memory", (place.path, address - place.start))
        if 0 <= address - stack < _NEAR:  # CPython from 3.13 on parks waiters in their own stacks
            return Wait("futex", "futex (parked)", (self.pid, "parked"))
        if a[2] == _CONTENDED and not a[1] & _BY_CLOCK:
            return Wait("mutex", "mutex", (self.pid, address))
        return Wait("futex", "futex", (self.pid, address))

    def _mapped(self, address: int) -> MappedRange | None:
        for _ in range(2):
            k = bisect.bisect(self._maps, address, key=lambda one: one.start) - 1
            if k >= 0 and address < self._maps[k].end:
                return self._maps[k]
            if time.monotonic() - self._read_maps < _STALE:
                return None
            self._maps, self._read_maps = maps(self.pid), time.monotonic()
        return None

    def _link(self, handle: int) -> str:
        if time.monotonic() - self._read_links > _STALE:
            self._links, self._read_links = {}, time.monotonic()
        if handle not in self._links:
            try:
                self._links[handle] = os.readlink(f"/proc/{self.pid}/fd/{handle}")
            except OSError:
                self._links[handle] = ""
        return self._links[handle]

    def _leads_to(self, handle: int) -> tuple[str, str]:
        """Return the kind of wait that a descriptor means, and what it is."""
        link = self._link(handle)
        if link.startswith("socket:"):
            inode, sockets = link[8:-1], self._sockets()
            state = sockets.get(inode)
            if state == "unix":  # the ends of a pair have numbers that follow each other
                ends = {f"socket:[{int(inode) + k}]" for k in (-1, 0, 1)}
                if any(ends & _all_links(pid) for pid in self._family() if pid != self.pid):
                    return "helpers", "a socket pair"
                both = len(ends & _all_links(self.pid)) > 1
                return ("bell", "its own bell") if both else ("network", "a local socket")
            return ("listening", "a listening socket") if state == "0A" else ("network", "a socket")
        if link == "anon_inode:[eventfd]":
            return "bell", "its own bell"
        if link.startswith("pipe:"):
            own = any(link in _all_links(pid) for pid in self._family() if pid != self.pid)
            return ("helpers", "a pipe of its own") if own else ("unknown", "a pipe of another program")
        if _DEVICES.match(link):
            return "gpu", link
        if link.startswith("/") and not link.startswith(("/dev/pts", "/dev/tty", "/proc/")):
            return "storage", "a file"
        return "unknown", link or "a descriptor"

    def _sockets(self) -> dict[str, str]:
        """Return the inodes of the sockets of its network namespace: "unix", or the state of TCP and UDP."""
        if time.monotonic() - self.__dict__.get("_read_sockets", -9.0) > _STALE:
            self._read_sockets, self._known_sockets = time.monotonic(), {}
            for kind in ("tcp", "tcp6", "udp", "udp6", "unix"):
                with contextlib.suppress(OSError), open(f"/proc/{self.pid}/net/{kind}", encoding="ascii") as file:
                    for line in file.readlines()[1:]:
                        words = line.split()
                        if kind == "unix" and len(words) > 6:
                            self._known_sockets[words[6]] = "unix"
                        elif len(words) > 9:
                            self._known_sockets[words[9]] = words[3] if kind.startswith("tcp") else "udp"
        return self._known_sockets

    def _many(self, name: str, handles: list[int], timed: bool) -> Wait:
        """What a call waits for that looks at many descriptors: the most telling of them."""
        found = dict(self._leads_to(handle) for handle in handles[:_MANY])
        for kind in ("network", "gpu", "storage", "helpers"):
            if kind in found:
                return Wait(kind, f"{name} of {found[kind]}")
        if timed:  # it would also be woken by its own threads, but it goes on by itself
            return Wait("sleep", f"{name} with a timeout")
        if "listening" in found:
            return Wait("network", f"{name} of {found['listening']}")
        return Wait("helpers" if "bell" in found else "unknown", name)

    def _polled(self, address: int, count: int) -> list[int]:
        raw = self._memory(address, 8 * min(count, _MANY))
        return [handle for handle, _, _ in struct.iter_unpack("=ihh", raw) if handle >= 0]

    def _selected(self, a: list[int]) -> list[int]:
        size = (min(a[0], 1024) + 63) // 64 * 8
        sets = [int.from_bytes(self._memory(address, size), "little") for address in a[1:4] if address]
        return [handle for handle in range(min(a[0], 1024)) if any(one >> handle & 1 for one in sets)]

    def _watched_by(self, handle: int) -> list[int]:
        try:
            with open(f"/proc/{self.pid}/fdinfo/{handle}", encoding="ascii") as file:
                return [int(line.split()[1]) for line in file if line.startswith("tfd:")]
        except OSError:
            return []

    def _memory(self, address: int, size: int) -> bytes:
        try:
            with open(f"/proc/{self.pid}/mem", "rb", buffering=0) as file:
                file.seek(address)
                return file.read(size // 8 * 8)
        except (OSError, ValueError, OverflowError):
            return b""

    def _file_locked(self) -> bool:
        """Whether another process holds a lock on a file that this one has open: a data base that is busy."""
        if time.monotonic() - self.__dict__.get("_read_locks", -9.0) < _STALE / 5:
            return self._held
        self._read_locks = time.monotonic()
        locked = set()
        with contextlib.suppress(OSError), open("/proc/locks", encoding="ascii") as file:
            for line in file:
                words = line.split()
                if "WRITE" in words and "->" not in words:
                    pid, inode = words[words.index("WRITE") + 1 : words.index("WRITE") + 3]
                    if int(pid) != self.pid:
                        locked.add(int(inode.rpartition(":")[2]))
        opened, own = set(), set()
        with contextlib.suppress(OSError):
            for name in os.listdir(f"/proc/{self.pid}/fd") if locked else ():
                with contextlib.suppress(OSError):
                    if self._link(int(name)).startswith("/"):
                        inode = os.stat(f"/proc/{self.pid}/fd/{name}").st_ino
                        opened.add(inode)
                        # What a parent opened and locked, as flock(1) does, is locked for its children too.
                        if inode in locked and "lock:" in Path(f"/proc/{self.pid}/fdinfo/{name}").read_text("ascii"):
                            own.add(inode)
        self._held = bool(locked & opened - own)
        return self._held


def _signed(value: int) -> int:
    """An int of C, of which the register shows 32 bits, or 64 with its sign."""
    value &= 0xFFFFFFFF
    return value - (1 << 32) if value >> 31 else value


_LINKS: dict[int, tuple[float, frozenset[str]]] = {}


def _all_links(pid: int) -> frozenset[str]:
    """Where the descriptors of a process lead, kept for a moment."""
    read, found = _LINKS.get(pid, (-9.0, frozenset()))
    if time.monotonic() - read > _STALE:
        links = set()
        with contextlib.suppress(OSError):
            for name in os.listdir(f"/proc/{pid}/fd"):
                with contextlib.suppress(OSError):
                    links.add(os.readlink(f"/proc/{pid}/fd/{name}"))
        found = frozenset(links)
        _LINKS[pid] = (time.monotonic(), found)
    return found
