"""A command run under limits, by a supervisor; and the folder of this session, gone with it.

Safe in any thread: limits are set in a process of their own, and no signal handler is installed here.
"""

import atexit
import base64
import contextlib
import ctypes
import functools
import os
import stat
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from oslab.base import duration
from oslab.machine.child import Child
from oslab.machine.procfs import text as procfs
from oslab.machine.supervisor import OPEN_TO_ALL
from oslab.machine.unavailable import Unavailable

__all__ = ["ask", "run_folder", "session_folder", "supervise"]

SUPERVISOR = Path(__file__).with_name("supervisor.py")
PREFIX = "oslab-session-"
GRACE = 3.0  # seconds that a supervisor has to end everything
FILE_SIZE = 64 << 20


def supervise(
    command: Sequence[str],
    folder: Path,
    *,
    stdin: str = "",
    seconds: float = 3.0,
    memory: int | None = None,
    output: int = 64 << 10,
    processes: int = 32,
    linger: float = 0.0,
    stop: Callable[[], bool] | None = None,
    apart: bool = True,
) -> dict[str, Any]:
    """Run a command in a folder and return how it ended; nothing of it runs afterwards.

    Parameters
    ----------
    command : sequence of str
        The program by its full path, and its arguments.
    folder : Path
        Where it runs; also its home and its place for temporary files.
    seconds : float
        Wall-clock time.
    memory : int, optional
        Bytes of address space, for each process.
    output : int
        Bytes kept of each stream.
    processes : int
        Most at one time.
    linger : float
        Seconds that its children may go on after it has ended.
    stop : callable, optional
        Looked at twenty times a second; the run is ended when it returns true.
    apart : bool
        Where the system allows it, with a /tmp, a /dev/shm and System V objects of its own; and where this is root, as
        a user who has nothing else, and to whom `folder` is given.  The command then lies in `folder` or beside it.

    Returns
    -------
    dict
        `wait_status`, `stopped` (``"time"``, ``"processes"``, ``"output"``, ``"asked"`` or ``""``), `left`
        (processes that had to be ended after it), `litter` (what it left in /tmp and its like), `trouble` (why it
        could not be started), `stdout`, `stderr` (bytes), `stdout_bytes`, `stderr_bytes`, `seconds`, `user_time`,
        `system_time` (seconds), `peak` (bytes resident).
    """
    job = {
        "command": list(command),
        "folder": str(folder),
        "environment": _environment(folder),
        "stdin": stdin,
        "seconds": seconds,
        "memory": memory,
        "file_size": FILE_SIZE,
        "output": output,
        "processes": processes,
        "linger": linger,
        "own_user": apart and _open_to_all(folder.parent),
        "apart": str(folder.parent) if apart else "",
    }
    since = time.time()
    try:
        # Also when interrupted: the closed pipe tells the supervisor to end what it started.
        with Child(SUPERVISOR, grace=GRACE, session=True) as child:
            child.say(job)
            report = child.line(seconds + 2 * GRACE, stop)
    except Unavailable as error:
        nothing = {
            "wait_status": None,
            "stopped": "",
            "left": 0,
            "litter": [],
            "seconds": 0.0,
            "stdout": b"",
            "stderr": b"",
        }
        return {"trouble": f"its supervisor gave no report: {error}", "stdout_bytes": 0, "stderr_bytes": 0, **nothing}
    if apart and not report["apart"]:
        report["litter"] = _litter(since, folder.parent, report["user"])
    return {**report, **{name: base64.b64decode(report[name]) for name in ("stdout", "stderr")}}


def ask(file: Path, *arguments: object, seconds: float, packages: bool = False) -> str:
    """Run a file of Python, with the standard library only unless it needs `packages`, under limits; return what it printed.

    Nothing of it is left, also where it forks.

    Raises
    ------
    Unavailable
        It did not end well; the message says why.
    """
    if not hasattr(os, "fork"):
        raise Unavailable("This needs fork, which this system does not have.")
    with run_folder() as folder:
        command = [sys.executable, "-I", *([] if packages else ["-S"]), str(file), *map(str, arguments)]
        report = supervise(command, folder, seconds=seconds, apart=False)
    what = arguments[0] if arguments else file.stem
    if report["stopped"]:
        raise Unavailable(f"{what}: it hung, and was killed after {duration(seconds)}; nothing of it is left.")
    if report["wait_status"] != 0 or report["trouble"]:
        last = report["stderr"].decode(errors="replace").strip().splitlines()[-1:] or [report["trouble"]]
        raise Unavailable(f"{what}: it could not be measured here ({last[0]}).")
    return report["stdout"].decode()


def _litter(since: float, but: Path, spare_user: int | None) -> list[str]:
    """Return what a user has made since in the places open to all, and System V objects; a spare user's is removed."""
    user, found = spare_user or os.getuid(), []
    for path in (path for place in map(Path, OPEN_TO_ALL) if place.is_dir() for path in place.iterdir()):
        with contextlib.suppress(OSError):
            seen = path.lstat()
            if seen.st_uid == user and seen.st_ctime >= since - 0.1 and path not in (but, *but.parents):
                found.append(str(path))
                if spare_user:
                    _remove(path) if stat.S_ISDIR(seen.st_mode) else path.unlink()
    for kind in ("shm", "sem", "msg"):
        names, *lines = [line.split() for line in (procfs.read(Path("/proc/sysvipc", kind)) or "-").splitlines()]
        for row in (dict(zip(names, map(int, line))) for line in lines):
            if row["cuid"] == user and row["ctime"] >= int(since):
                found.append(f"System V {kind} {row[names[1]]}")
                if spare_user:
                    getattr(ctypes.CDLL(None), f"{kind}ctl")(row[names[1]], 0, 0)  # 0 is IPC_RMID
    return found


def _open_to_all(folder: Path) -> bool:
    """Whether another user can reach what is in a folder."""
    return all(each.stat().st_mode & 1 for each in (folder, *folder.parents))


def _environment(folder: Path) -> dict[str, str]:
    """The same few variables wherever the notebook runs, so that a program's output does not depend on them."""
    path = os.environ.get("PATH", "/usr/local/bin:/usr/bin:/bin")
    return {"PATH": path, "HOME": str(folder), "TMPDIR": str(folder), "LC_ALL": "C", "LANG": "C"}


@contextlib.contextmanager
def run_folder() -> Iterator[Path]:
    """Make an empty folder, and remove it with all that is in it."""
    folder = Path(tempfile.mkdtemp(dir=session_folder()))
    try:
        yield folder
    finally:
        _remove(folder)


def session_folder() -> Path:
    """Return the folder of this process, which is removed when it ends.

    What sessions left that were killed is removed too: each holds a lock on a file while it lives.
    """
    return _make_session(os.getpid())


@functools.lru_cache(maxsize=1)
def _make_session(pid: int) -> Path:
    root = _executable_root()
    for old in root.glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError), _locked(old / "lock") as gone:
            if gone and old.stat().st_uid == os.getuid():
                _remove(old)
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=root))
    if os.getuid() == 0:
        folder.chmod(0o711)
    holding = _locked(folder / "lock", make=True)
    holding.__enter__()
    atexit.register(_close_session, folder, pid, holding)
    return folder


def _close_session(folder: Path, pid: int, holding: Any) -> None:
    if os.getpid() == pid:  # not in a child that has inherited this
        _remove(folder)
        holding.__exit__(None, None, None)


@contextlib.contextmanager
def _locked(file: Path, make: bool = False) -> Iterator[bool]:
    """Hold a lock on a file that the system lets go when this process ends; false if somebody else has it."""
    import fcntl

    with open(file, "a" if make else "r+") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
        else:
            yield True


def _executable_root() -> Path:
    """Return the folder for temporary files, or the user's cache where programs cannot be run from that one."""
    root = Path(tempfile.gettempdir())
    try:
        if os.statvfs(root).f_flag & getattr(os, "ST_NOEXEC", 0):
            import platformdirs

            root = Path(platformdirs.user_cache_dir("oslab", appauthor=False))
            root.mkdir(parents=True, exist_ok=True)
    except OSError:
        pass
    return root


def _remove(folder: Path) -> None:
    """Remove a folder, also what a program made in it and then locked up, however deep."""
    with contextlib.suppress(OSError):
        folder.chmod(0o700)
        top = os.open(folder, os.O_RDONLY)
        try:
            _empty(top)
        finally:
            os.close(top)
        folder.rmdir()


def _empty(top: int) -> None:
    """Empty an open folder: folders in its folders are moved up, so that no path grows long and nothing recurses."""
    moved = 0
    waiting = os.listdir(top)
    while waiting:
        name = waiting.pop()
        with contextlib.suppress(OSError):
            if not stat.S_ISDIR(os.lstat(name, dir_fd=top).st_mode):
                os.unlink(name, dir_fd=top)
                continue
            os.chmod(name, 0o700, dir_fd=top)
            here = os.open(name, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=top)
            try:
                for inner in os.listdir(here):
                    if stat.S_ISDIR(os.lstat(inner, dir_fd=here).st_mode):
                        os.chmod(inner, 0o700, dir_fd=here)
                        moved += 1
                        waiting.append(f".oslab-{moved}")
                        os.rename(inner, waiting[-1], src_dir_fd=here, dst_dir_fd=top)
                    else:
                        os.unlink(inner, dir_fd=here)
            finally:
                os.close(here)
            os.rmdir(name, dir_fd=top)
