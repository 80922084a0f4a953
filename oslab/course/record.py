"""``python -m oslab record reads|faults|schedule -o FILE (-p PID | -- COMMAND …)``: what a real program did, for the labs."""

import argparse
import contextlib
import datetime
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from array import array
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from oslab.base import Several, checked, duration, memory_size, plural, real, text
from oslab.machine import procfs
from oslab.machine.recorded import machine_kind
from oslab.memory.traces import load
from oslab.memory.traces.strace import CALLS, StraceLog
from oslab.memory.traces.stream import Stream
from oslab.memory.traces.writing import TITLE, trace_lines
from oslab.scheduling import Workload
from oslab.scheduling.measure.sampled_schedule import sample_schedule

__all__ = ["main", "record_faults", "record_reads", "record_schedule", "record_working_set"]

PAGE = 4096
HELPS = {
    "strace": "install strace (apt install strace), or in your own loader use memory.record_indices(indices, bytes_per_sample)",
    "perf": "install perf (apt install linux-perf or linux-tools-generic), or add --by sample, which needs no tool",
}
COMMAND = Several(text(100_000), most=10_000)
SECONDS = real(0.01, 86_400, unit="s")
FILES_NAMED = 20
USAGE = "python -m oslab record reads|faults|schedule -o FILE [--by perf|sample] (-p PID [--seconds S] | -- COMMAND …)"


class Missing(OSError):
    """A tool that is not here, or may not do what is asked, and what helps."""


def _tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise Missing(f"{name} is missing: {HELPS[name]}")
    return found


def _run(tool: list[str], target: Sequence[str], seconds: float) -> None:
    """Run a tool over a command, or for some seconds over a process, and have it end in order."""
    to_end = seconds if target[:1] == ["-p"] else None
    with subprocess.Popen([*tool, *target], stderr=subprocess.PIPE, text=True, errors="replace") as process:
        try:
            said = process.communicate(timeout=to_end)[1]
        except (subprocess.TimeoutExpired, KeyboardInterrupt):
            process.send_signal(signal.SIGINT)
            said = process.communicate()[1]
    wrong = next((line for line in said.splitlines() if "ermission" in line or "not permitted" in line), "")
    if wrong:
        raise Missing(f"{Path(tool[0]).name} is not permitted: {wrong.strip()[:200]}; run it as root")


@checked(target=COMMAND, seconds=SECONDS)
def record_reads(target: Sequence[str], seconds: float = 10.0) -> Iterator[str]:
    """Yield the pages of files that a command read, wrote and mapped, by strace; the files lie one after the other.

    Parameters
    ----------
    target : sequence of str
        A command, or ``-p`` and a process's number.
    seconds : float
        How long to watch a process.

    Raises
    ------
    OSError
        strace is missing, or may not watch the process.
    """
    strace = _tool("strace")
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "log.strace")
        quick = [] if target[0] == "-p" else ["--seccomp-bpf"]  # stops at these calls alone
        _run([strace, "-f", "-qq", "-y", "-s", "0", *quick, "-e", f"trace={CALLS}", "-o", str(log)], target, seconds)
        yield from _lay_out(log)


def _lay_out(log: Path) -> Iterator[str]:
    reader, files, sizes = StraceLog(), dict[bytes, int](), list[int]()
    found = array("q")  # file, first page, last page, whether it writes
    stream = Stream(log)
    for block in stream.lines():
        for line in block.splitlines():
            if request := reader.read(line):
                file = files.setdefault(request.path, len(files))
                last = (request.offset + request.size - 1) // PAGE
                sizes += [0] * (len(files) - len(sizes))
                sizes[file] = max(sizes[file], last + 1)
                found.extend((file, request.offset // PAGE, last, request.write))
    stream.close()
    starts = np.cumsum([0, *sizes])
    for path, file in sorted(files.items(), key=lambda one: -sizes[one[1]])[:FILES_NAMED]:
        yield f"# pages {starts[file]}-{starts[file + 1] - 1}: {path.decode(errors='replace')}\n"
    begin, end, writes = -1, -2, 0  # requests that go on where the one before ended make one line
    for file, first, last, write in np.frombuffer(found, np.int64).reshape(-1, 4).tolist():
        first, last = first + int(starts[file]), last + int(starts[file])
        if first != end + 1 or write != writes:
            yield from _line(begin, end, writes)
            begin, writes = first, write
        end = last
    yield from _line(begin, end, writes)


def _line(first: int, last: int, write: int) -> Iterator[str]:
    if first >= 0:
        yield f"{first}{f'-{last}' if last > first else ''}{'w' if write else ''}\n"


@checked(target=COMMAND, seconds=SECONDS)
def record_faults(target: Sequence[str], seconds: float = 10.0) -> Iterator[str]:
    """Yield the pages that a command touched first, by perf's page-fault events; arguments as for `record_reads`.

    Raises
    ------
    OSError
        perf is missing, or may not watch.
    """
    perf = _tool("perf")
    with tempfile.TemporaryDirectory() as folder:
        data = str(Path(folder, "perf.data"))
        _run([perf, "record", "-q", "-e", "page-faults", "-c", "1", "-d", "-o", data], target, seconds)
        script = [perf, "script", "-i", data, "-F", "comm,tid,time,event,addr"]
        said = subprocess.run(script, capture_output=True).stdout
    if b"page-faults" not in said:
        raise Missing(
            "perf saw no page fault: /proc/sys/kernel/perf_event_paranoid must be 2 or less, or call it as root"
        )
    yield from trace_lines(load(said))


@checked(target=COMMAND, seconds=SECONDS, every=real(0.01, 60, unit="s"))
def record_working_set(target: Sequence[str], seconds: float = 10.0, every: float = 0.1) -> Iterator[str]:
    """Yield, as CSV, how much of its memory a process has and how much it touched since the last look.

    The marks of its page tables are cleared before each interval (``/proc/PID/clear_refs``), which needs no tool, and
    of one's own processes no right.

    Parameters
    ----------
    target : sequence of str
        As for `record_reads`.
    seconds, every : float
        How long to watch a process; of a command, until it ends.  The interval.
    """
    yield "time s,resident bytes,touched bytes\n"
    with _watched(target) as (pid, alive):
        begin = time.monotonic()
        while alive() and (target[0] != "-p" or time.monotonic() < begin + seconds):
            with contextlib.suppress(OSError):  # it may have just ended
                Path(f"/proc/{pid}/clear_refs").write_text("1")
            time.sleep(every)
            seen = procfs.smaps_rollup(pid)
            if seen and seen.get("Rss"):
                yield f"{time.monotonic() - begin:.3f},{seen['Rss']},{seen.get('Referenced', 0)}\n"


@checked(target=COMMAND, seconds=SECONDS, by=text(20))
def record_schedule(target: Sequence[str], seconds: float = 10.0, by: str = "") -> Iterator[str]:
    """Yield the bursts of a command's tasks as `Workload.parse` reads them.

    Parameters
    ----------
    target, seconds
        As for `record_reads`.
    by : str
        ``"perf"``: exact, by ``perf sched record``, which needs root; ``"sample"``: looked up every 2 ms in
        ``/proc/PID/schedstat``, coarse: shorter bursts run together.  '': the first if it may.
    """
    if by != "sample" and (by == "perf" or (shutil.which("perf") and os.geteuid() == 0)):
        yield from _perf_schedule(_tool("perf"), target, seconds)
        return
    yield "# sampled every 2 ms from schedstat: coarse, shorter bursts run together; as root perf gives each burst\n"
    with _watched(target) as (pid, alive):
        yield sample_schedule(pid, alive, seconds if target[0] == "-p" else 86_400.0).as_text()


def _perf_schedule(perf: str, target: Sequence[str], seconds: float) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        data = str(Path(folder, "perf.data"))
        if target[0] == "-p":  # perf sched watches the whole machine, so for as long as sleep takes
            _run([perf, "sched", "record", "-o", data], ["--", "sleep", str(seconds)], seconds)
            kept = sorted(int(p.name) for p in Path(f"/proc/{target[1]}/task").glob("*"))
        else:
            number = Path(folder, "pid")  # perf does not tell it
            noted = ["sh", "-c", 'echo $$ > "$0"; exec "$@"', str(number), *target]
            _run([perf, "sched", "record", "-o", data], ["--", *noted], seconds)
            kept = [int(number.read_text())]
        script = [perf, "script", "-i", data, "--ns", "-F", "comm,tid,cpu,time,event,trace"]
        said = subprocess.run(script, capture_output=True, text=True, errors="replace").stdout
    yield Workload.from_perf_sched(said, of=kept).as_text()


@contextlib.contextmanager
def _watched(target: Sequence[str]) -> Iterator[tuple[int, Callable[[], bool]]]:
    """Start a command, or take a process that runs; give its number, and what tells whether it still runs."""
    if target[0] == "-p":
        pid = int(target[1])
        yield pid, lambda: procfs.stat(pid) is not None
        return
    with subprocess.Popen(target) as process:
        try:
            yield process.pid, lambda: process.poll() is None
        finally:
            if process.poll() is None:
                process.terminate()


KINDS = {"reads": record_reads, "faults": record_faults, "schedule": record_schedule}


def main(arguments: list[str]) -> int:
    """Record, write the file, and say how to see it; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m oslab record", description=__doc__, usage=USAGE)
    parser.add_argument("kind", choices=KINDS, help="pages of files; pages touched first; bursts of CPU and waiting")
    parser.add_argument("-o", "--output", required=True, type=Path, metavar="FILE")
    parser.add_argument("-p", "--pid", type=int, help="watch a running process, for --seconds")
    parser.add_argument("--seconds", type=float, default=10.0, help="default: %(default)s")
    parser.add_argument("--by", choices=("perf", "sample"), default="", help="of faults and schedule")
    split = arguments.index("--") if "--" in arguments else len(arguments)
    given, command = parser.parse_args(arguments[:split]), arguments[split + 1 :]
    if bool(command) == (given.pid is not None):
        parser.error("give either -p PID or -- COMMAND")
    target = ["-p", str(given.pid)] if given.pid is not None else command
    sampled = given.by == "sample"
    record = record_working_set if sampled and given.kind == "faults" else KINDS[given.kind]
    options = {"by": given.by} if given.kind == "schedule" else {}
    begin, lines = time.monotonic(), 0
    try:
        if given.pid is None and shutil.which(command[0]) is None:
            raise Missing(f"{command[0]}: there is no such command")
        with given.output.open("w", encoding="utf-8", errors="replace") as out:
            if record is not record_working_set:
                out.writelines(_header(given.kind, target))
            for line in record(target, given.seconds, **options):
                out.write(line)
                lines += not line.startswith("#")
    except (OSError, ValueError) as error:
        print(f"Nothing was recorded: {error}", file=sys.stderr)
        given.output.unlink(missing_ok=True)
        return 1
    took, size = duration(time.monotonic() - begin), memory_size(given.output.stat().st_size)
    print(f"{given.output}: {plural(lines, 'line')}, {size}, in {took}.  In a lab, choose “your file”, then this name.")
    return 0


def _header(kind: str, target: Sequence[str]) -> Iterator[str]:
    yield f"# {TITLE}\n# kind: {kind}\n# command: {' '.join(target)[:1000]!r}\n# machine: {machine_kind()}\n"
    yield f"# date: {datetime.date.today()}\n" + (f"# page size: {PAGE}\n" if kind != "schedule" else "")
