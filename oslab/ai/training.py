"""A training loop in a few numbers: what of a step each cause takes, by a fluid model of CPUs, loaders and a quota."""

import math
from dataclasses import dataclass, replace

from oslab.ai.diagnosis import CAUSES, Diagnosis, Evidence, diagnose
from oslab.base import checked, integer, real, text

__all__ = ["LoopSettings", "train"]

SETTINGS = {
    "workers": integer(0, 8),
    "batch": integer(1, 64),
    "decode": real(0, 50, unit="ms"),
    "threads": integer(1, 16),
    "quota": real(0.05, 1),
    "traffic": real(0, 1024, unit="MiB"),
    "storage": real(0, 50, unit="ms"),
    "fresh": real(0, 256, unit="MiB"),
}
FAULT, LONGEST = 0.3e-6, 1000


@dataclass(frozen=True)
class LoopSettings:
    """What can be set on a training loop.

    Attributes
    ----------
    workers : int
        Loader processes; with none the loop decodes itself.
    batch : int
        Samples a step.
    decode : float
        Milliseconds of CPU time to decode a sample.
    threads : int
        Of the numerical library; all but one spin, since a step as small as this has work for one.
    quota : float
        Share of each 100 ms in which the loop and its children may run.
    traffic : float
        MiB that arrays larger than the caches move in a step.
    storage : float
        Milliseconds a sample for which a loader sleeps, waiting for storage.
    fresh : float
        MiB of new memory taken, and given back, in a step.

    Raises
    ------
    ValueError, TypeError
        Out of range.
    """

    workers: int = 1
    batch: int = 8
    decode: float = 4.0
    threads: int = 1
    quota: float = 1.0
    traffic: float = 0.0
    storage: float = 0.0
    fresh: float = 0.0

    def __post_init__(self) -> None:
        for name, kind in SETTINGS.items():
            object.__setattr__(self, name, kind.check(name, getattr(self, name)))


@checked(
    **SETTINGS,
    cpus=integer(1, 1024),
    sample=real(0.001, 1000, unit="ms"),
    roof=real(0.1, 100_000, unit="GB/s"),
    program=text(LONGEST),
)
def train(
    workers: int = 1,
    batch: int = 8,
    decode: float = 4.0,
    threads: int = 1,
    quota: float = 1.0,
    traffic: float = 0.0,
    storage: float = 0.0,
    fresh: float = 0.0,
    cpus: int = 2,
    sample: float = 0.2,
    roof: float = 20.0,
    program: str = "",
) -> Diagnosis:
    """Predict what limits a loop.

    Loaders and loop overlap; the slower of the two sets the step.  More that want to run than there are CPUs share
    them equally; time in a step that is spent ready, and not running, is booked to the CPUs.

    Parameters
    ----------
    workers, batch, decode, threads, quota, traffic, storage, fresh
        As in `LoopSettings`.
    cpus : int
    sample : float
        Milliseconds of arithmetic for a sample.
    roof : float
        GB/s that memory moves.
    program : str
        A program of yours, its number or a command, for which there is no model: nothing is booked.

    Raises
    ------
    ValueError
        Out of range.
    """
    if program:
        return Diagnosis(dict.fromkeys(CAUSES, 0.0), (), "it has not been watched", (), math.nan, program)
    k = LoopSettings(workers, batch, decode, threads, quota, traffic, storage, fresh)
    decoding, reading = k.batch * k.decode / 1000, k.batch * k.storage / 1000
    faults = k.fresh * 256
    moving, kernel = k.traffic * 2**20 / (roof * 1e9), faults * FAULT
    own = k.batch * sample / 1000 + moving + kernel
    load_work = 0.0 if k.workers else decoding
    share, step, loader = 1.0, 1.0, 0.0
    for _ in range(200):
        loop = (own + load_work) / share + (0.0 if k.workers else reading)
        loader = (decoding / share + reading) / k.workers if k.workers else 0.0
        step = max(loop, loader)
        wanting = (own + load_work) / share / step + (k.workers and decoding / share / step) + k.threads - 1
        share = 0.5 * share + 0.5 * min(1.0, cpus / max(wanting, 1e-9))
    data = max(0.0, step - own / share)
    wall = step / k.quota
    scale = 8 / wall  # eight seconds are booked
    return replace(
        diagnose(
            Evidence(
                8.0,
                max(4, round(scale)),
                data * scale / k.quota,
                24 * (k.traffic * 2**20 // 24) * scale,
                roof * 1e9,
                (own + load_work) * scale,
                (own + load_work) * (1 / share - 1) * scale,
                kernel * scale,
                faults * scale,
                1 - k.quota,
                k.workers,
                decoding * scale,
                decoding * (1 / share - 1) * scale,
            )
        ),
        settings=k,
    )
