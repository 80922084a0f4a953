"""An inference server whose requests take the times that were measured of a learner's own service."""

import os
import re
from pathlib import Path

import numpy as np

from oslab.base import SEED, Several, checked, choice, integer, real, shown, text
from oslab.processes.server import LOADS, REQUESTS, THREADS, Serving, serve, serve_loop
from oslab.processes.switching import switch_cost

__all__ = ["read_times", "serve_times"]

LONGEST_FILE = 64 << 20
CACHE, LINE, DIRECT, QUANTUM = 32 * 1024, 4.0, 2.0, 3.0  # KiB, ns, µs, ms: as in `serve`


@checked(times=text(100_000))
def read_times(times: str) -> np.ndarray:
    """Return the times that a text holds, or the file that it names.

    Parameters
    ----------
    times : str
        Numbers of ms, above 0, with commas, semicolons, blanks or new lines between them; ``#`` starts a comment.  Or a
        file's name.

    Returns
    -------
    ndarray of float64

    Raises
    ------
    TypeError, ValueError
        No number, one that is none (with its line), or a file of more than 64 MiB.
    OSError
        A file that cannot be read.
    """
    content = times
    if os.path.isfile(times):
        if os.path.getsize(times) > LONGEST_FILE:
            raise ValueError(f"times={shown(times)}: allowed are files of at most 64 MiB")
        content = Path(times).read_text(encoding="utf-8", errors="replace")
    found: list[float] = []
    for number, line in enumerate(content.splitlines(), 1):
        for word in re.split(r"[,;\s]+", line.partition("#")[0].strip()):
            if word:
                try:
                    found.append(real(0, 1e7, above=True).check("times", float(word)))
                except ValueError:
                    raise ValueError(
                        f"times, line {number}: {shown(word)}: allowed are numbers of ms from above 0 to 10 000 000, or a "
                        "file's name"
                    ) from None
    if not found:
        raise ValueError(f"times={shown(times)}: allowed are numbers of ms, at least one, or a file's name")
    return np.array(found)


@checked(
    load=choice(LOADS),
    pressure=real(0.05, 1.5),
    cores=integer(1, 64),
    waiting=real(0, 0.9),
    working_set=real(0, 1024),
    threads=Several(integer(1, 64), most=64),
    seed=SEED,
)
def serve_times(
    times: str = "",
    load: str = "open",
    pressure: float = 0.8,
    cores: int = 4,
    waiting: float = 0.5,
    working_set: float = 4.0,
    *,
    threads: tuple[int, ...] = THREADS,
    seed: int = 1,
) -> Serving:
    """Run an inference server as `serve` does, with requests whose times are drawn from measured ones.

    Parameters
    ----------
    times : str
        As for `read_times`: how long single requests took while nothing else ran.  '' for the model's own.
    load, pressure, cores, waiting, working_set, threads, seed
        As for `serve`; `waiting` is the share of each time in which the request waits.

    Raises
    ------
    TypeError, ValueError, OSError
        As for `serve` and `read_times`.
    """
    if not text(100_000).check("times", times).strip():
        return serve(load, pressure, cores, waiting, working_set, threads=threads, seed=seed)
    draw, measured = np.random.default_rng(seed), read_times(times)
    whole = draw.choice(measured, REQUESTS)
    work, mean = whole * (1 - waiting), float(measured.mean()) * (1 - waiting)
    clients = max(1, round(32 * pressure)) if load == "closed" else 0
    rate = pressure * cores / mean  # a ms
    gaps = draw.exponential(10.0 if clients else 1 / rate, REQUESTS)
    active = np.arange(max(threads) + 1)
    cost = switch_cost(active, cores, working_set * 1024, CACHE, LINE, DIRECT)
    speed = np.minimum(1.0, cores / np.maximum(active, 1)) * QUANTUM / (QUANTUM + cost)
    rows, warm = [], REQUESTS // 10
    for count in threads:
        latency, left = np.empty(REQUESTS), np.empty(REQUESTS)
        serve_loop(gaps, work, whole * waiting, count, cores, speed, clients, latency, left)
        order = np.sort(left)
        rows.append((1e3 * (REQUESTS - warm) / (order[-1] - order[warm - 1]), *np.percentile(latency[warm:], [50, 99])))
    return Serving(np.array(threads), *np.array(rows).T, load, clients or 1e3 * rate, cores)
