"""Data loading beside computing: workers, prefetched batches, the copy to the GPU, and how busy the GPU is.

Batches go to the workers in turn, as PyTorch's DataLoader hands them out, and are taken in order.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from oslab.base import SEED, Stepped, checked, choice, flag, integer, plural, quantity, readable, real

__all__ = ["Feeding", "feed"]

PAGEABLE, PINNED = 6.0, 25.0  # GB/s, round assumptions: a staged copy by the CPU, and DMA over PCIe 4.0 x16
NOUNS = {"processes": ("process", "processes"), "threads": ("thread",)}
KINDS = tuple(NOUNS)


@dataclass(frozen=True, eq=False)
class Feeding(Stepped, over="started"):
    """What `feed` returns; times in ms, float64[batches].  A step is a batch.

    Attributes
    ----------
    workers, prefetch : int
    kind : str
        "processes" or "threads".
    started, decoded : ndarray
        When a worker began a batch and had it ready.
    taken, copied : ndarray
        When its copy began and ended.
    computing, computed : ndarray
        When the GPU began and ended.
    reasons : tuple of str
        What the GPU waited for before each batch: "decode", "copy", or "" if it did not wait.
    """

    workers: int
    prefetch: int
    kind: str
    started: np.ndarray
    decoded: np.ndarray
    taken: np.ndarray
    copied: np.ndarray
    computing: np.ndarray
    computed: np.ndarray
    reasons: tuple[str, ...]

    @property
    def step(self) -> float:
        """Mean ms from batch to batch once the pipeline is full: over whole turns of the workers in the second half."""
        first, turn = self.steps // 2, max(self.workers, 1)
        count = max((self.steps - first) // turn * turn, 1)
        return float((self.computed[first + count - 1] - self.computed[first - 1]) / count)

    @property
    def gpu_busy(self) -> float:
        """Share of the time in which the GPU computes once the pipeline is full."""
        return float((self.computed - self.computing)[-1] / self.step)

    @property
    def bottleneck(self) -> str:
        """The stage for which the GPU waited most in the second half; "compute" where it waited less than 5 % of the time."""
        if self.gpu_busy >= 0.95:
            return "compute"
        waits = np.diff(self.computing) - (self.computed - self.computing)[:-1]
        part = range(self.steps // 2, self.steps)
        lost = {name: sum(waits[k - 1] for k in part if self.reasons[k] == name) for name in ("decode", "copy")}
        return max(lost, key=lambda name: lost[name])

    def _replayed(self, step: int) -> dict[str, int]:
        """How many batches are being decoded, lie ready, and are on the GPU when a batch (from 1) begins to compute."""
        now = self.computing[step - 1] if step else 0.0
        return {
            "in work": int(((self.started <= now) & (self.decoded > now)).sum()),
            "ready": int(((self.decoded <= now) & (self.taken > now)).sum()),
            "on the GPU": int(((self.copied <= now) & (self.computed > now)).sum()),
        }

    def why(self, step: int) -> str:
        """Say what the GPU waited for before a batch (from 1)."""
        k = self._step(step, 1) - 1
        if not self.reasons[k]:
            return f"batch {step}: it was ready, so the GPU did not wait"
        wait = self.computing[k] - (self.computed[k - 1] if k else 0.0)
        return f"batch {step}: the GPU waited {quantity(wait, 'ms')} for its {self.reasons[k]}"

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield one row for each of the first 20 batches."""
        for k in range(min(self.steps, 20)):
            yield {
                "batch": k + 1,
                "decode began, ms": self.started[k],
                "ready, ms": self.decoded[k],
                "copied, ms": self.copied[k],
                "computed, ms": self.computed[k],
            }

    def __str__(self) -> str:
        return (
            f"{plural(self.workers, *NOUNS[self.kind])}, {plural(self.prefetch, 'batch', 'batches')} each ahead: "
            f"{quantity(self.step, 'ms')} a batch, GPU busy {readable(100 * self.gpu_busy)} %, it waits for {self.bottleneck}"
        )


@checked(
    workers=integer(0, 64),
    prefetch=integer(1, 64, unit="batches"),
    decode=real(0, 1e6, unit="ms"),
    compute=real(0.001, 1e6, unit="ms"),
    batch=real(0, 1e6, unit="MB"),
    pinned=flag(),
    kind=choice(KINDS),
    gil=real(0, 1),
    cpus=integer(1, 256),
    spread=real(0, 2),
    batches=integer(4, 2000),
    seed=SEED,
)
def feed(
    workers: int = 4,
    prefetch: int = 2,
    decode: float = 200.0,
    *,
    compute: float = 60.0,
    batch: float = 154.0,
    pinned: bool = True,
    kind: str = "processes",
    gil: float = 0.3,
    cpus: int = 8,
    spread: float = 0.0,
    batches: int = 60,
    seed: int = 1,
) -> Feeding:
    """Run a training loop with a data loader.

    Parameters
    ----------
    workers : int
        0: the training process decodes by itself, nothing overlaps.
    prefetch : int
        Batches that each worker may be ahead (``prefetch_factor``).
    decode, compute : float
        ms for a batch, on one CPU and on the GPU.
    batch : float
        MB to be copied.
    pinned : bool
        Page-locked memory: copied by DMA at 25 GB/s, while the GPU computes the batch before; otherwise at 6 GB/s, and
        the GPU waits.
    kind : {'processes', 'threads'}
        Threads share one GIL.
    gil : float
        Share of the decoding that holds the GIL; 0 to 1.
    cpus : int
        For the workers; more than CPUs take turns.  Threads that wait for the lock use no CPU: all together never use more
        than 1 / `gil` of them.
    spread : float
        Standard deviation of the logarithm of the decoding time; 0 to 2.
    batches : int
        4 to 2000.
    seed : int

    Raises
    ------
    ValueError
        A value out of range.

    Notes
    -----
    The GIL is handed on from batch to batch, after the part of the decoding that does not need it.
    """
    draw = np.random.default_rng(seed)
    running = min(workers, 1 / gil) if kind == "threads" and gil else workers  # the lock keeps threads from running
    cost = decode * np.exp(draw.normal(0, spread, batches) - spread**2 / 2) * max(1.0, running / cpus)
    copy = batch / (PINNED if pinned else PAGEABLE)
    started, decoded, taken, copied, computing, computed = np.zeros((6, batches))
    lock, reasons = 0.0, []
    before = -1  # of the arrays' last entry, still 0 when the first batch asks
    for k in range(batches):
        if workers:
            own = decoded[k - workers] if k >= workers else 0.0
            ahead = taken[k - workers * prefetch] if k >= workers * prefetch else 0.0
            started[k] = max(own, ahead)
        else:
            started[k] = computed[before]
        if kind == "threads" and workers:
            free = started[k] + (1 - gil) * cost[k]
            decoded[k] = lock = max(free, lock) + gil * cost[k] if gil else free
        else:
            decoded[k] = started[k] + cost[k]
        if pinned:
            taken[k] = max(decoded[k], copied[before], computing[before])
        else:
            taken[k] = max(decoded[k], computed[before])
        copied[k] = taken[k] + copy
        computing[k] = max(copied[k], computed[before])
        computed[k] = computing[k] + compute
        waited = computing[k] - computed[before]
        reasons.append("" if waited <= 1e-9 else "decode" if decoded[k] > computed[before] else "copy")
        before = k
    return Feeding(workers, prefetch, kind, started, decoded, taken, copied, computing, computed, tuple(reasons))
