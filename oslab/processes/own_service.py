"""An inference server whose requests take the times that were measured of a learner's own service."""

import os
import re
from pathlib import Path

import numpy as np

from oslab.base import SEED, Several, checked, choice, integer, real, shown, text
from oslab.processes.server import LOADS, REQUESTS, THREADS, Serving, serve, serve_loop
from oslab.processes.switching import switch_cost

__all__ = ["read_times", "serve_times"]

NUMBER = re.compile(r"\d*\.?\d+(e[+-]?\d+)?|\d+\.", re.I)
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
        No number, or one that is none (with its line).
    OSError
        A file that cannot be read.
    """
    content = Path(times).read_text(encoding="utf-8", errors="replace") if os.path.isfile(times) else times
    lines = enumerate(content.splitlines(), 1)
    words = [(n, word) for n, line in lines for word in re.findall(r"[^,;\s]+", line.partition("#")[0])]
    found = np.array([float(word) if NUMBER.fullmatch(word) else 0.0 for _, word in words])
    wrong = [f", line {n}: {shown(word)}" for (n, word), ms in zip(words, found) if not 0 < ms <= 1e7]
    if wrong or not words:
        said = [*wrong, f"={shown(times)}"][0]
        raise ValueError(f"times{said}: allowed are numbers of ms, up to 10 000 000, at least one, or a file's name")
    return found


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
    draw = np.random.default_rng(seed)
    whole, clients = draw.choice(read_times(times), REQUESTS), max(1, round(32 * pressure)) if load == "closed" else 0
    work, waits = whole * (1 - waiting), whole * waiting
    rate = pressure * cores / work.mean()  # a ms
    gaps = draw.exponential(10.0 if clients else 1 / rate, REQUESTS)
    active = np.arange(max(threads) + 1)
    turn = QUANTUM + switch_cost(active, cores, working_set * 1024, CACHE, LINE, DIRECT)
    speed = np.minimum(1.0, cores / np.maximum(active, 1)) * QUANTUM / turn
    rows, warm = [], REQUESTS // 10
    for count in threads:
        latency, left = np.empty((2, REQUESTS))
        serve_loop(gaps, work, waits, count, cores, speed, clients, latency, left)
        order = np.sort(left)
        rows.append((1e3 * (REQUESTS - warm) / (order[-1] - order[warm - 1]), *np.percentile(latency[warm:], [50, 99])))
    return Serving(np.array(threads), *np.array(rows).T, load, clients or 1e3 * rate, cores)
