"""Two sockets: where workers run, where their memory lies, where the GPU is plugged in, and what a training step takes.

A page lies on the node that first touches it, on the node to which it is bound, or alternately on both.  How much a core
can read follows from the latency by Little's law: lines under way, times their size, over the latency.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any, NamedTuple

from oslab.base import Result, checked, choice, integer, quantity, readable, real

__all__ = ["MACHINES", "MEMORY", "PAGES", "TrainingStep", "TwoSockets", "best_placement", "place"]

LINE, LINES_UNDER_WAY = 64, 12
PASSES = 6  # times that the bytes of a batch cross a core: read, decode, resize, normalise, collate, pin
PAGES = ("first_touch", "bind_0", "bind_1", "interleave")
MEMORY = {
    "where first touched": "first_touch",
    "on node 0": "bind_0",
    "on node 1": "bind_1",
    "alternately": "interleave",
}


class TwoSockets(NamedTuple):
    """A machine with two nodes; latencies in ns, bandwidths in GB/s (of one node's memory, one way of the link, PCIe)."""

    label: str
    local: float
    remote: float
    memory: float = 120.0
    link: float = 30.0
    pcie: float = 25.0

    def core(self, remote: bool) -> float:
        """Return what one core can read, GB/s."""
        return LINE * LINES_UNDER_WAY / (self.remote if remote else self.local)


# Latencies: the round numbers of many texts, and idle latencies by Intel's Memory Latency Checker on real machines.
# The bandwidths are round assumptions, the same for all, so that only the latency differs.
MACHINES = {
    "textbook": TwoSockets("100 / 300 ns, as often quoted", 100.0, 300.0),
    "measured_a": TwoSockets("77.9 / 143.2 ns, measured", 77.9, 143.2),
    "measured_b": TwoSockets("85.0 / 136.3 ns, measured", 85.0, 136.3),
    "measured_c": TwoSockets("89.3 / 138.9 ns, measured", 89.3, 138.9),
    "measured_d": TwoSockets("108.2 / 195.7 ns, measured", 108.2, 195.7),
    "cxl": TwoSockets("84.5 / 564.5 ns, CXL memory, measured", 84.5, 564.5),
}


@dataclass(frozen=True)
class TrainingStep(Result):
    """What `place` returns; times in ms a batch, of all GPUs together where they share something.

    Attributes
    ----------
    machine : str
        Key of `MACHINES`.
    workers, gpu : int
        Nodes.
    pages : str
    shares : tuple of float
        Of the memory, on each node.
    bandwidth : float
        Of one worker's core, GB/s.
    stages : dict of str to float
        How long a batch keeps each busy: decode, memory 0, memory 1, link, copy, compute.
    step : float
        From one batch to the next: decoding, copying and computing go on at the same time, the slowest decides.
    latencies : tuple of float
        ns, of the own node's memory and of the other's.
    """

    machine: str
    workers: int
    pages: str
    gpu: int
    shares: tuple[float, float]
    bandwidth: float
    stages: dict[str, float]
    step: float
    latencies: tuple[float, float]

    @property
    def bottleneck(self) -> str:
        """The stage that takes longest."""
        return max(self.stages, key=lambda name: self.stages[name])

    @property
    def gpu_idle(self) -> float:
        """Share of the time in which the GPU does not compute."""
        return 1 - self.stages["compute"] / self.step

    @property
    def link_use(self) -> float:
        """Share of the time in which the link between the sockets is busy."""
        return self.stages["link"] / self.step

    @property
    def numactl(self) -> str:
        """The command line for this placement."""
        memory = {"first_touch": "--localalloc", "interleave": "--interleave=0,1"}.get(
            self.pages, f"--membind={self.pages[-1]}"
        )
        return f"numactl --cpunodebind={self.workers} {memory} python train.py"

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield one row for each stage."""
        for name, ms in self.stages.items():
            yield {"stage": name, "ms a batch": ms, "busy, %": 100 * ms / self.step}

    def __str__(self) -> str:
        return (
            f"workers on node {self.workers}, memory {self.pages}, GPU on node {self.gpu}: step {quantity(self.step, 'ms')}, "
            f"{self.bottleneck} takes longest, link busy {readable(100 * self.link_use)} %, GPU idle "
            f"{readable(100 * self.gpu_idle)} %"
        )


@checked(
    workers=integer(0, 1),
    pages=choice(PAGES),
    gpu=integer(0, 1),
    machine=choice(MACHINES),
    gpus=integer(1, 64),
    compute=real(0, 1e6, above=True, unit="ms"),
    batch=real(0, 1e6, above=True, unit="MB"),
    count=integer(1, 1024),
    decode=real(0, 1e6, above=True, unit="ms"),
    local=real(0, 1e5, unit="ns"),
    remote=real(0, 1e5, unit="ns"),
)
def place(
    workers: int = 0,
    pages: str = "first_touch",
    gpu: int = 1,
    *,
    machine: str = "textbook",
    gpus: int = 1,
    compute: float = 40.0,
    batch: float = 154.0,
    count: int = 8,
    decode: float = 180.0,
    local: float = 0.0,
    remote: float = 0.0,
) -> TrainingStep:
    """Work out a training step for a placement.

    Parameters
    ----------
    workers : int
        Node on whose cores the DataLoader's workers run.
    pages : str
        One of `PAGES`: where the batches lie in host memory.
    gpu : int
        Node whose PCIe lanes lead to the GPU.
    machine : str
        A key of `MACHINES`.
    gpus : int
        GPUs on that node, each with workers, a batch and PCIe lanes of its own; memory and link are shared.
    compute : float
        ms of GPU time for a batch.
    batch : float
        MB (10**6 bytes): 256 images of 3 x 224 x 224 numbers of 4 bytes are 154.
    count : int
        Workers for each GPU.
    decode : float
        ms of CPU time for a batch, without waiting for memory.
    local, remote : float
        ns, measured on a machine of your own; 0 for those of `machine`.

    Raises
    ------
    ValueError
        A value out of range.

    Notes
    -----
    A batch crosses a worker's core `PASSES` times; these bytes load the memory of the nodes where they lie, and the link
    if the worker is on the other.  The GPU reads the batch once, over the link if its lanes are on the other node.
    Bytes are counted as going one way.  Not in the model: caches, queues before a full link, two ways at once.
    """
    two = MACHINES[machine]
    two = two._replace(local=local or two.local, remote=remote or two.remote)
    on_0 = {"first_touch": 1.0 - workers, "bind_0": 1.0, "bind_1": 0.0, "interleave": 0.5}[pages]
    shares = (on_0, 1 - on_0)
    far = shares[1 - workers]
    moved = PASSES * batch
    waiting = moved * ((1 - far) / two.core(False) + far / two.core(True))
    stages = {
        "decode": (decode + waiting) / count,
        "memory 0": gpus * shares[0] * (moved + batch) / two.memory,
        "memory 1": gpus * shares[1] * (moved + batch) / two.memory,
        "link": gpus * (far * moved + shares[1 - gpu] * batch) / two.link,
        "copy": batch / (min(two.pcie, two.link) if shares[1 - gpu] else two.pcie),
        "compute": compute,
    }
    return TrainingStep(machine, workers, pages, gpu, shares, moved / waiting, stages, max(stages.values()), two[1:3])


@checked(gpu=integer(0, 1))
def best_placement(gpu: int = 1, **options: Any) -> tuple[TrainingStep, ...]:
    """Return every placement for a GPU, the shortest step first; ties: the smaller load on the link, then fewer remote reads.

    Parameters
    ----------
    gpu : int
        Node whose PCIe lanes lead to the GPU.
    **options
        As for `place`.
    """
    all_of_them = (place(workers, pages, gpu, **options) for workers, pages in product((0, 1), PAGES))
    return tuple(
        sorted(all_of_them, key=lambda p: (p.step, p.stages["link"], p.stages["decode"], PAGES.index(p.pages)))
    )
