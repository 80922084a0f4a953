"""Runs one command under limits and says how it ended: a program of its own, ``python -I -S supervisor.py``.

It reads a job (one line of JSON) from its standard input and writes a report (JSON) when nothing of the job runs
any more.  When its standard input closes, or it gets SIGTERM, it ends everything it started.

It is a process and not a function because limits are set between fork and exec, which is safe only where there are
no other threads.  On Linux it adopts the orphans of what it runs, so that none escapes by leaving its process group.
The kernel's limit on processes counts all of a user's and none of root's.  So it is set above those that there are,
processes are counted besides, and where this runs as root the command gets a user of its own.

A command that is set apart also gets, where the system allows it, a /tmp, a /dev/shm and System V objects of its own,
which go with it.
"""

import base64
import contextlib
import ctypes
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from types import SimpleNamespace

__all__ = ["Supervisor", "descendants", "main"]

BEAT, SLOW_BEAT = 0.05, 0.5  # seconds between two counts of processes, where these are cheap and where not
DISCARDED = 64  # a program may print so many times what is kept before it is stopped
HEADROOM = 64  # the kernel's limit counts threads, so it stands so far above that on processes
SPARE_USERS = 61184, 4336  # the range that systemd gives to users made for one run
CHUNK = 1 << 16
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
CLONE_NEWNS, CLONE_NEWIPC, CLONE_NEWUSER = 1 << 17, 1 << 27, 1 << 28
MS_NOSUID, MS_NODEV, MS_BIND, MS_REC, MS_PRIVATE = 2, 4, 1 << 12, 1 << 14, 1 << 18
OPEN_TO_ALL = "/tmp", "/var/tmp", "/dev/shm"


def main() -> None:
    """Do the job on standard input."""
    job = SimpleNamespace(**json.loads(sys.stdin.buffer.readline()))
    _prctl(PR_SET_CHILD_SUBREAPER, 1)
    supervisor = Supervisor(job)
    signal.signal(signal.SIGTERM, lambda *_: supervisor.ask("asked"))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    print(json.dumps(supervisor.run()), flush=True)


class Sink:
    """One stream of the program: its first bytes kept, all of them counted."""

    def __init__(self, keep: int):
        self.keep, self.kept, self.total = keep, bytearray(), 0
        self.source, self.target = os.pipe()
        os.set_blocking(self.source, False)

    def read(self) -> bool:
        """Take what is there; return whether more may come."""
        try:
            data = os.read(self.source, CHUNK)
        except BlockingIOError:
            return False
        self.total += len(data)
        self.kept += data[: max(0, self.keep - len(self.kept))]
        return bool(data)


class Supervisor:
    """One run of one command.

    Parameters
    ----------
    job : namespace
        `command`, `folder`, `environment`, `stdin`; the limits `seconds`, `memory` (bytes or None), `file_size`,
        `output` (bytes kept), `processes`; `linger`, the seconds that orphans may go on; `own_user`, whether root
        gives the command a user of its own; and `apart`, the folder that it sees in places of its own, or ''.
    """

    def __init__(self, job: SimpleNamespace):
        self.job = job
        self.out, self.err = Sink(job.output), Sink(job.output)
        self.stopped = ""
        self.pid, self.user, self.newest = 0, None, 0
        self.ended: float | None = None
        self.status, self.usage = None, None
        self.left, self.apart = 0, False

    def ask(self, why: str) -> None:
        """Have everything ended, for a reason; the first one counts."""
        self.stopped = self.stopped or why

    def run(self) -> dict:
        """Run to the end and return the report."""
        wake, woken = os.pipe()
        for end in (wake, woken):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(woken, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self.apart = bool(self.job.apart) and _in_a_fork(partial(_set_apart, self.job.apart))
        trouble = self._start()
        begin = time.monotonic()
        try:
            if not trouble:
                self._watch(begin, wake)
        finally:
            self._end_all()
        end = self.ended or time.monotonic()
        for sink in (self.out, self.err):
            while sink.read():
                pass
        report = {key: getattr(self, key) for key in ("stopped", "left", "apart", "user")}
        report |= {"trouble": trouble, "wait_status": None if trouble else self.status, "seconds": end - begin}
        for name, sink in (("stdout", self.out), ("stderr", self.err)):
            report[name] = base64.b64encode(sink.kept).decode()
            report[f"{name}_bytes"] = sink.total
        if self.usage:
            # The forked child counts as it was before exec: what is no more than that says nothing of the command.
            import resource

            least = 1.1 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            peak = self.usage.ru_maxrss if self.usage.ru_maxrss > least else 0
            report["peak"] = peak * (1 if sys.platform == "darwin" else 1024)
            report |= {"user_time": self.usage.ru_utime, "system_time": self.usage.ru_stime}
        return report

    def _start(self) -> str:
        """Fork and exec; return why it failed, or ''."""
        told, tell = os.pipe()
        gives = self.job.own_user and os.getuid() == 0 and hasattr(os, "setresuid")
        self.user = user = _spare_user() if gives else None
        room = (0 if user else _others()) + self.job.processes + HEADROOM
        while not user and room < 1 << 20 and not _in_a_fork(partial(_can_fork, room)):
            room *= 2  # in a container a user's processes can be counted that cannot be seen
        self.newest = _newest()
        self.pid = os.fork()
        if not self.pid:
            try:
                self._become(room, user)
                os.execve(self.job.command[0], self.job.command, self.job.environment)
            except BaseException as error:  # whatever it is, the parent has to be told
                os.write(tell, str(error).encode())
            os._exit(127)
        with contextlib.suppress(OSError):
            os.setpgid(self.pid, self.pid)
        for end in (tell, self.out.target, self.err.target):
            os.close(end)
        return os.read(told, 4096).decode(errors="replace")

    def _become(self, room: int, user: int | None) -> None:
        """Turn the forked child into what the command is to start in."""
        job = self.job
        os.setpgid(0, 0)
        name = os.path.join(job.folder, ".stdin")
        with open(name, "w", encoding="utf-8", errors="surrogatepass") as file:
            file.write(job.stdin)
        given = os.open(name, os.O_RDONLY)
        os.unlink(name)
        for target, source in enumerate((given, self.out.target, self.err.target)):
            os.dup2(source, target)
        if self.apart:
            _set_apart(job.apart)
        os.chdir(job.folder)
        for sign in (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGINT, signal.SIGTERM, signal.SIGCHLD):
            signal.signal(sign, signal.SIG_DFL)
        _limit("RLIMIT_CORE", 0)
        _limit("RLIMIT_FSIZE", job.file_size)
        _limit("RLIMIT_CPU", int(job.seconds) + 2)
        _limit("RLIMIT_AS", job.memory)
        _limit("RLIMIT_NPROC", room)
        # Where memory runs out in spite of the limit, the kernel is to end this and not the notebook.
        with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
            file.write("1000")
        if user:
            os.chown(job.folder, user, user)
            os.setgroups([])
            os.setresgid(user, user, user)
            os.setresuid(user, user, user)
        _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)

    def _watch(self, begin: float, wake: int) -> None:
        """Read what it prints and count its processes until it has ended or a limit is passed."""
        poll = select.poll()
        sinks = {self.out.source: self.out, self.err.source: self.err}
        for fd in (0, wake, *sinks):
            poll.register(fd, select.POLLIN)
        counted = begin
        while not self.stopped:
            for fd, event in poll.poll(min(BEAT, self.job.seconds / 10) * 1000 + 1):
                if fd == wake:
                    with contextlib.suppress(BlockingIOError):
                        os.read(wake, CHUNK)
                elif fd == 0:
                    self.ask("asked")  # nothing more is sent: its other end was closed
                elif not sinks[fd].read() and event & select.POLLHUP:
                    poll.unregister(fd)
            now = time.monotonic()
            if self._reap() == 0 or (self.ended and now >= self.ended + self.job.linger):
                return
            if now - begin > self.job.seconds:
                self.ask("time")
            elif max(s.total for s in sinks.values()) > self.job.output * DISCARDED:
                self.ask("output")
            elif now - counted >= (BEAT if self.newest else SLOW_BEAT):
                counted = now
                # Only where so many have been started at all is it worth looking for whose they are.
                started = _newest() - self.newest if self.newest else self.job.processes
                if started not in range(self.job.processes) and len(descendants()) > self.job.processes:
                    self.ask("processes")

    def _reap(self) -> int | None:
        """Collect the children that have ended; return 0 if none is left."""
        while True:
            try:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return 0
            if pid == 0:
                return None
            if pid == self.pid:
                self.status, self.usage, self.ended = status, usage, time.monotonic()

    def _end_all(self) -> None:
        """Kill until nothing is left.

        One signal to a process group, or to all of a user's processes, reaches also what is being forked.  What may
        be left is first stopped: a stopped process forks no more and still fills its place under the kernel's limit,
        so those that are born meanwhile become fewer with each round.
        """
        if self._reap() == 0 and sys.platform == "linux":
            return
        self.left = len(descendants()) if self.ended else 0
        with contextlib.suppress(OSError):
            os.killpg(self.pid, signal.SIGKILL)
        if self.user:
            _kill_all_of(self.user)
        stopped: set[int] = set()
        while self._reap() != 0 and (fresh := set(descendants()) - stopped):
            stopped |= fresh
            for pid in fresh:
                _kill(pid, signal.SIGSTOP)
        while self._reap() != 0:
            for pid in descendants():
                _kill(pid, signal.SIGKILL)
            time.sleep(0.002)


def descendants() -> list[int]:
    """Return the processes that descend from this one, ended ones that nobody has waited for among them."""
    children: dict[int, list[int]] = {}
    for pid, parent in _parents().items():
        children.setdefault(parent, []).append(pid)
    found = children.pop(os.getpid(), [])
    for pid in found:
        found += children.pop(pid, [])
    return found


def _parents() -> dict[int, int]:
    """Return the parent of every process, by the files of /proc or by ps."""
    found = {}
    if os.path.exists("/proc/self/stat"):
        for name in filter(str.isdigit, os.listdir("/proc")):
            with contextlib.suppress(OSError), open(f"/proc/{name}/stat", "rb", buffering=0) as file:
                found[int(name)] = int(file.read(512).rpartition(b")")[2].split(None, 2)[1])
        return found
    with contextlib.suppress(OSError, ValueError):
        ps = subprocess.Popen(["ps", "-axo", "pid=,ppid="], stdout=subprocess.PIPE, text=True)
        pairs = [line.split() for line in ps.communicate()[0].splitlines()]
        found = {int(pid): int(parent) for pid, parent in pairs if int(pid) != ps.pid}
    return found


def _kill_all_of(user: int) -> None:
    """Kill every process of a user, by one signal sent as that user."""
    helper = os.fork()
    if helper:
        os.waitpid(helper, 0)
        return
    os.setresuid(user, user, user)
    _kill(-1, signal.SIGKILL)
    os._exit(0)


def _newest() -> int:
    """Return the number last given to a process, or 0 where the system does not tell."""
    try:
        with open("/proc/loadavg", encoding="ascii") as file:
            return int(file.read().split()[4])
    except (OSError, ValueError, IndexError):
        return 0


def _users() -> list[tuple[int, int]]:
    """Return user and number of threads of each process that can be seen."""
    found = []
    for name in filter(str.isdigit, os.listdir("/proc") if os.path.isdir("/proc") else ()):
        with contextlib.suppress(OSError):
            found.append((os.stat(f"/proc/{name}").st_uid, os.stat(f"/proc/{name}/task").st_nlink - 2))
    return found


def _others() -> int:
    """Return how many threads this user has already."""
    return sum(threads for user, threads in _users() if user == os.getuid()) or len(_parents())


def _spare_user() -> int:
    """Return the number of a user who has no process."""
    taken = {user for user, _ in _users()}
    first, count = SPARE_USERS
    return next(user for k in range(count) if (user := first + (os.getpid() + k) % count) not in taken)


def _in_a_fork(question: Callable[[], bool]) -> bool:
    """Ask in a process of its own, which changes nothing of this one."""
    pid = os.fork()
    if pid:
        return os.waitpid(pid, 0)[1] == 0
    try:
        answer = question()
    except BaseException:
        answer = False
    os._exit(not answer)


def _can_fork(room: int) -> bool:
    """Return whether a process under this limit can fork."""
    _limit("RLIMIT_NPROC", room)
    inner = os.fork()
    if not inner:
        os._exit(0)
    os.waitpid(inner, 0)
    return True


def _set_apart(folder: str) -> bool:
    """Give this process places for temporary files and System V objects of its own; return whether all could be done.

    Parameters
    ----------
    folder : str
        Seen in them as before.
    """
    if sys.platform != "linux":
        return False
    c, user, group = ctypes.CDLL(None), os.getuid(), os.getgid()
    if c.unshare(CLONE_NEWNS | CLONE_NEWIPC):
        if c.unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWIPC):
            return False
        for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
            with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
                file.write(text)
    inside = os.open(folder, os.O_RDONLY)  # still to be reached when something lies over it
    failed = c.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None)
    for place in filter(os.path.isdir, OPEN_TO_ALL):
        failed |= c.mount(b"tmpfs", place.encode(), b"tmpfs", MS_NOSUID | MS_NODEV, b"size=64m,mode=1777")
    if not failed and not os.path.isdir(folder):  # it lies below one of them
        os.makedirs(folder)
        failed = c.mount(f"/proc/self/fd/{inside}".encode(), os.fsencode(folder), None, MS_BIND, None)
    os.close(inside)
    return not failed


def _kill(pid: int, sign: int) -> None:
    with contextlib.suppress(OSError):
        os.kill(pid, sign)


def _limit(name: str, value: int | None) -> None:
    """Set a limit as far as the system has it and allows it."""
    import resource

    kind = getattr(resource, name, None)
    if value is None or kind is None:
        return
    hard = resource.getrlimit(kind)[1]
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(kind, (value, value))


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


if __name__ == "__main__":
    main()
