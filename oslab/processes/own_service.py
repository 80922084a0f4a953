"""An inference server whose requests take the times that were measured of a learner's own service."""

import os
import re
from pathlib import Path

import numpy as np

from oslab.base import SEED, Several, checked, choice, integer, real, shown, text
from oslab.processes.server import LOADS, THREADS, Serving, serve

__all__ = ["read_times", "serve_times"]

NUMBER = re.compile(r"\d*\.?\d+(e[+-]?\d+)?|\d+\.", re.I)


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
    own = read_times(times) if text(100_000).check("times", times).strip() else None
    return serve(load, pressure, cores, waiting, working_set, threads=threads, seed=seed, times=own)
