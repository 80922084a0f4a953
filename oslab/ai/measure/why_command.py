"""``python -m oslab why``: why is a program slow?  Names the cause, the evidence, and the lab that explains it."""

import argparse
import os
import select
import subprocess
import sys
import time
from collections.abc import Sequence

from oslab.ai import CAUSES, Why
from oslab.ai.measure.watched_program import WARM_UP, start_command, watch_command, watch_process, why
from oslab.base import duration, readable, real
from oslab.machine.unavailable import Unavailable

__all__ = ["KNOBS", "main", "try_remedy"]

ONE_THREAD = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")}
# Freed memory is kept (mallopt(3)), so its pages need not be made anew.
KEEP_MEMORY = {"MALLOC_MMAP_THRESHOLD_": str(1 << 32), "MALLOC_TRIM_THRESHOLD_": str(1 << 33)}
KNOBS = {"ready": ONE_THREAD, "others": ONE_THREAD, "faults": KEEP_MEMORY}
CLEAR_GAIN = 1.05
STDERR = 2  # the descriptor: `sys.stderr` may be none


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="oslab why",
        description="Watch a program with all its threads and children, and say why it is slow. A command is started, "
        "watched after its first second, and ended; with --try it runs to its end, several times.",
        usage="%(prog)s [-h] [--seconds S] [--json] [--try] (-p PID | -- COMMAND ...)",
    )
    parser.add_argument("-p", "--pid", type=int, help="a running process")
    parser.add_argument("--seconds", type=float, default=5.0, help="how long to watch, 0.5 to 120 (default: 5)")
    parser.add_argument("--json", action="store_true", help="one line of JSON; what the command prints goes to stderr")
    parser.add_argument(
        "--try", dest="try_", action="store_true", help="run COMMAND again with the setting that the cause suggests"
    )
    parser.add_argument("--no-probe", action="store_true", help="leave the pages' referenced bits alone")
    parser.add_argument("--until-eof", action="store_true", help=argparse.SUPPRESS)  # %%why: until the cell is over
    parser.add_argument("command", nargs="*", metavar="COMMAND")
    given = parser.parse_args(sys.argv[1:] if arguments is None else list(arguments))
    if (given.pid is None) == (not given.command):
        parser.error("either -p PID or -- COMMAND is needed")
    try:
        real(0.5, 120).check("--seconds", given.seconds)
        if given.try_:
            if given.pid is not None:
                parser.error("--try needs a command that ends by itself")
            return try_remedy(given.command, given.seconds)
        found = _watch(given)
    except (Unavailable, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    print(found.to_json() if given.json else found)
    return 0


def _watch(given: argparse.Namespace) -> Why:
    if given.until_eof:
        print("watching", flush=True)
        return watch_process(
            given.pid, given.seconds, not given.no_probe, lambda: bool(select.select([0], [], [], 0)[0])
        )
    if given.pid is not None:
        return why(given.pid, given.seconds, probe_memory=not given.no_probe)
    return watch_command(given.command, given.seconds, not given.no_probe, stdout=STDERR if given.json else None)


def try_remedy(command: Sequence[str], seconds: float = 5.0) -> int:
    """Watch a command to its end, then run it with and without the knob of its cause, in turn; print what was gained."""
    quiet = {"stdout": subprocess.DEVNULL}
    with start_command(command, **quiet) as process:
        time.sleep(min(WARM_UP, seconds / 5))
        found = watch_process(process.pid, seconds)
        status = process.wait()
    print(found)
    if status:
        print(f"\nThe command ended with status {status}: nothing is tried.")
        return 1
    cause = next((one for one in found.causes if one in KNOBS), None)
    if cause is None:
        told = CAUSES[found.causes[0]] if found.causes else "no clear cause"
        print(f"\nFor this ({told}) there is no setting that can be changed from outside.")
        return 0
    knob, took = KNOBS[cause], {True: [], False: []}
    for turned in (False, True, True, False):
        begin = time.perf_counter()
        with start_command(command, **quiet, env=os.environ | (knob if turned else {})) as process:
            process.wait()
        took[turned].append(time.perf_counter() - begin)
    plain, tried = min(took[False]), min(took[True])
    settings = " ".join(f"{name}={value}" for name, value in knob.items())
    print(
        f"\nTried: {settings}\n  as it is {duration(plain)}, with it {duration(tried)} (the better of two runs, in turn)."
    )
    if plain >= CLEAR_GAIN * tried:
        print(f"  It is {readable(plain / tried)} times as fast: the cause is confirmed.")
    else:
        print("  It gains nothing: this cause is not confirmed, or this setting does not affect it.")
    return 0
