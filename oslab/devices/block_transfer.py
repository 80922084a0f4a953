"""Who copies the bytes of a block: the CPU in a loop, the CPU at each interrupt, or a DMA engine.

The device has one buffer of `unit` bytes: it goes on when that has been taken (with DMA it never waits).  Costs
are round figures, to be changed: reading eight bytes from a device's register, setting up a transfer, an interrupt.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from oslab.base import Stepped, checked, choice, integer, plural, readable, real

__all__ = ["WAYS", "Phase", "TransferRun", "compare_ways", "move_block"]

WAYS = {"polling": "polling", "interrupts": "one interrupt per unit", "dma": "DMA"}
LANES = ("CPU", "bus", "DMA engine", "device")
SETUP = 0.5  # µs to write the device's or the DMA engine's registers
WORD, WORD_COST = 8, 0.1  # bytes, µs: one read of a device's register
BUS_RATE = 8000.0  # MB/s of the memory bus
FINISH, VECTOR = 0.01, 0.09  # µs to finish the current instruction, to look up the vector and save registers


class Phase(NamedTuple):
    """A step of the story: what happens, from and to when in µs, why."""

    name: str
    begin: float
    end: float
    why: str


SIZES = {
    "block": integer(1, 1 << 20, unit="B"),
    "unit": integer(1, 1 << 20, unit="B"),
    "device_rate": real(1e-3, 1e9, unit="MB/s"),
    "interrupt_cost": real(FINISH + VECTOR, 1e9, unit="µs"),
}


@dataclass(frozen=True)
class TransferRun(Stepped, over="phases"):
    """What `move_block` returns.  Times are in µs from the start.

    Attributes
    ----------
    way : str
    block, unit : int
        Bytes.
    device_rate, interrupt_cost : float
        MB/s; µs.
    busy : dict of str to ndarray of float64, shape (n, 2)
        For each lane (``CPU``, ``bus``, ``DMA engine``, ``device``) begin and end of what it does for this transfer.
    phases : tuple of Phase
        The steps.
    interrupts : int
    """

    way: str
    block: int
    unit: int
    device_rate: float
    interrupt_cost: float
    busy: dict[str, np.ndarray]
    phases: tuple[Phase, ...]
    interrupts: int

    @property
    def total(self) -> float:
        """Time until the process may continue, µs."""
        return self.phases[-1].end

    @property
    def cpu(self) -> float:
        """µs that the CPU spends on the transfer."""
        return float(np.diff(self.busy["CPU"], axis=1).sum())

    @property
    def free(self) -> float:
        """The share of the time in which the CPU can do other work."""
        return 1 - self.cpu / self.total

    def all_ways(self) -> tuple[TransferRun, ...]:
        """Return the same transfer by each way, in the order of `WAYS`."""
        return compare_ways(self.block, self.unit, self.device_rate, self.interrupt_cost)

    def _replayed(self, step: int) -> Phase:
        return self.phases[step - 1] if step else Phase("", 0.0, 0.0, "A process has asked for a block and sleeps.")

    def why(self, step: int) -> str:
        """Return what happens in a phase, 1 to `steps`."""
        return self.phases[self._step(step, 1) - 1].why

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield one row a phase."""
        yield from ({"step": p.name, "from, µs": p.begin, "to, µs": p.end} for p in self.phases)

    def __str__(self) -> str:
        total, cpu = (readable(t, 4) for t in (self.total, self.cpu))
        return (
            f"{readable(self.block)} B by {WAYS[self.way]}: {total} µs, the CPU busy for {cpu} µs, "
            f"{readable(100 * self.free)} % free, {plural(self.interrupts, 'interrupt')}"
        )


@checked(way=choice(WAYS), **SIZES)
def move_block(
    way: str = "dma", block: int = 4096, unit: int = 512, device_rate: float = 200.0, interrupt_cost: float = 2.0
) -> TransferRun:
    """Move a block from a device to memory.

    Parameters
    ----------
    way : {'polling', 'interrupts', 'dma'}
    block : int
        Bytes, 1 to 1 MiB.
    unit : int
        Bytes that the device hands over at a time; what is left at the end is one unit too.
    device_rate : float
        MB/s (bytes a µs).
    interrupt_cost : float
        µs from the interrupt to the return from it, copying not counted.

    Raises
    ------
    TypeError, ValueError
        An argument of another type, or out of range.
    """
    sizes = np.full(-(-block // unit), unit, np.float64)
    sizes[-1] = block - unit * (len(sizes) - 1)
    make = {"polling": _polling, "interrupts": _interrupts, "dma": _dma}[way]
    busy, phases, count = make(block, sizes, sizes / device_rate, interrupt_cost)
    return TransferRun(way, block, unit, device_rate, interrupt_cost, busy, tuple(phases), count)


@checked(**SIZES)
def compare_ways(
    block: int = 4096, unit: int = 512, device_rate: float = 200.0, interrupt_cost: float = 2.0
) -> tuple[TransferRun, ...]:
    """Return the same transfer by each of the three ways; parameters as for `move_block`.

    Parameters
    ----------
    block, unit : int
        Bytes in all, and moved at a time.
    device_rate : float
        Bytes a microsecond.
    interrupt_cost : float
        µs.
    """
    return tuple(move_block(way, block, unit, device_rate, interrupt_cost) for way in WAYS)


def _copies(sizes: np.ndarray) -> np.ndarray:
    return np.ceil(sizes / WORD) * WORD_COST


def _spans(begin: Any, end: Any) -> np.ndarray:
    return np.stack([np.atleast_1d(begin), np.atleast_1d(end)], axis=1).astype(np.float64)


NOTHING = np.empty((0, 2))


def _polling(block: int, sizes: np.ndarray, device: np.ndarray, _: float) -> tuple[dict, list[Phase], int]:
    copies = _copies(sizes)
    ends = SETUP + np.cumsum(device + copies)
    ready = ends - copies
    end = float(ends[-1])
    busy = {
        "CPU": _spans(0, end),
        "bus": _spans(ready, ends),
        "DMA engine": NOTHING,
        "device": _spans(ready - device, ready),
    }
    n = len(sizes)
    phases = [
        Phase("command", 0, SETUP, "The CPU writes the command into the device's registers."),
        Phase(
            "ask",
            SETUP,
            float(ready[0]),
            "The CPU reads the status register over and over, until a unit of data is ready.",
        ),
        Phase("copy", float(ready[0]), float(ends[0]), f"The CPU copies {sizes[0]:.0f} B, eight at a time, to memory."),
    ]
    if n > 1:
        phases.append(
            Phase("again", float(ends[0]), end, f"The same for {n - 1} more units; the CPU does nothing else.")
        )
    return busy, [*phases, Phase("done", end, end, "All bytes are copied, and the process continues.")], 0


def _interrupts(block: int, sizes: np.ndarray, device: np.ndarray, cost: float) -> tuple[dict, list[Phase], int]:
    copies = _copies(sizes)
    ends = SETUP + np.cumsum(device + cost + copies)
    fired = ends - cost - copies
    end, first = float(ends[-1]), float(fired[0])
    cpu = np.concatenate([_spans(0, SETUP), _spans(fired, ends)])
    busy = {
        "CPU": cpu,
        "bus": _spans(ends - copies, ends),
        "DMA engine": NOTHING,
        "device": _spans(fired - device, fired),
    }
    n, looked = len(sizes), first + FINISH + VECTOR
    phases = [
        Phase("command", 0, SETUP, "The CPU writes the command into the device's registers."),
        Phase("other work", SETUP, first, "The CPU does other work while the device fetches the first unit."),
        Phase(
            "interrupt",
            first,
            looked,
            "The CPU finishes its current instruction, saves registers and looks up "
            "the interrupt vector: the table that says which routine serves this device.",
        ),
        Phase("copy", looked, float(ends[0]), f"The service routine copies {sizes[0]:.0f} B and returns."),
    ]
    if n > 1:
        phases.append(Phase("again", float(ends[0]), end, f"The same for {n - 1} more units, with one interrupt each."))
    return (
        busy,
        [*phases, Phase("wake", end, end, "The last routine marks the request complete and wakes the process.")],
        n,
    )


def _dma(block: int, sizes: np.ndarray, device: np.ndarray, cost: float) -> tuple[dict, list[Phase], int]:
    ready = SETUP + np.cumsum(device)
    on_bus = np.minimum(sizes / BUS_RATE, device)  # a device faster than the bus fills it
    fired = float(ready[-1])
    looked, end = fired + FINISH + VECTOR, fired + cost
    marked = (looked + end) / 2
    busy = {
        "CPU": np.concatenate([_spans(0, SETUP), _spans(fired, end)]),
        "bus": _spans(ready - on_bus, ready),
        "DMA engine": _spans(SETUP, fired),
        "device": _spans(ready - device, ready),
    }
    return (
        busy,
        [
            Phase("command", 0, SETUP, "The CPU tells the DMA engine which disk block to move, and to which address."),
            Phase("transfer", SETUP, fired, "The DMA engine moves the bytes; the CPU does other work."),
            Phase("interrupt", fired, fired + FINISH, "All bytes are moved, and the DMA engine raises one interrupt."),
            Phase(
                "vector",
                fired + FINISH,
                looked,
                "The CPU finishes its current instruction, saves registers and looks up "
                "the interrupt vector: the table that says which routine serves this device.",
            ),
            Phase(
                "routine",
                looked,
                marked,
                "The service routine marks the request complete and wakes the waiting process.",
            ),
            Phase(
                "return", marked, end, "The CPU returns to its program; the scheduler decides when the process runs."
            ),
        ],
        1,
    )
