"""A job done by a ring, step by step: push a batch, submit it, let the kernel work, reap; beside it the same by epoll."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from oslab.base import Stepped, checked, flag, integer, plural
from oslab.devices.rings import MOST_ENTRIES, Rings, RingState

__all__ = ["RingJob", "RingStep", "count_calls", "run_job"]

MOST_OPERATIONS = 64
COUNT = integer(1, 1 << 62)
INDICES = ("SQ head", "SQ tail", "CQ head", "CQ tail")


class RingStep(NamedTuple):
    """One step: who acts (application, kernel, device), what is done, why, the call it takes ('' for none)."""

    who: str
    action: str
    why: str
    call: str = ""


@dataclass(frozen=True)
class RingJob(Stepped, over="done"):
    """What `run_job` returns.

    Attributes
    ----------
    operations, batch, entries : int
        `entries` as the kernel rounded them.
    asked : int
        The entries that were asked for.
    sqpoll, registered : bool
    done : tuple of RingStep
    states : tuple of RingState
        Before the first step and after each.
    reaped : tuple of int
        user_data in the order of completion.
    """

    operations: int
    batch: int
    entries: int
    asked: int
    sqpoll: bool
    registered: bool
    done: tuple[RingStep, ...]
    states: tuple[RingState, ...]
    reaped: tuple[int, ...]

    @property
    def calls(self) -> int:
        """System calls after the set-up."""
        return self.states[-1].calls - self.states[0].calls

    @property
    def epoll_calls(self) -> int:
        """System calls of the same job by epoll."""
        return count_calls(self.operations, self.batch)["epoll"]

    def _replayed(self, step: int) -> RingState:
        return self.states[step]

    def agrees(self, step: int, indices: Sequence[float]) -> bool:
        """Return whether a real ring may show these four indices after a step.

        With SQPOLL the kernel's thread may have taken what was submitted before one looks.
        """
        mine = self.state(step).indices
        quick = self.sqpoll and step > 0 and self.done[step - 1].action == "submit"
        return tuple(indices) in (mine, *([self.states[step + 1].indices] if quick else []))

    def why(self, step: int) -> str:
        """Return what happens at a step, 1 to `steps`."""
        return self.done[self._step(step, 1) - 1].why

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield one row a step: who, what, the four indices, calls so far."""
        for k, (step, state) in enumerate(zip(self.done, self.states[1:]), 1):
            indices = dict(zip(INDICES, state.indices))
            calls = state.calls - self.states[0].calls
            yield {"step": k, "who": step.who, "what": step.action, **indices, "calls": calls}

    def __str__(self) -> str:
        return (
            f"{plural(self.operations, 'operation')}, {self.batch} a batch: {plural(self.calls, 'system call')} by io_uring"
            f"{' with SQPOLL' if self.sqpoll else ''}, {self.epoll_calls} by epoll"
        )


@checked(operations=COUNT, batch=COUNT)
def count_calls(operations: int, batch: int) -> dict[str, int]:
    """Return the system calls that `operations` reads take when `batch` of them are ready, or submitted, at a time.

    Returns
    -------
    dict of str to int
        ``threads``: a blocking read each; ``epoll``: a wait for each batch and a read each; ``io_uring``: one enter
        for each batch, which submits it and waits for it; ``sqpoll``: none while the kernel thread is awake.
        What sets these up is not counted.

    Raises
    ------
    TypeError, ValueError
        Fewer than one operation, a batch below 1.

    Examples
    --------
    >>> count_calls(1000, 32)
    {'threads': 1000, 'epoll': 1032, 'io_uring': 32, 'sqpoll': 0}
    """
    rounds = -(-operations // batch)
    return {"threads": operations, "epoll": rounds + operations, "io_uring": rounds, "sqpoll": 0}


@checked(
    operations=integer(1, MOST_OPERATIONS),
    batch=COUNT,
    entries=integer(1, MOST_ENTRIES),
    sqpoll=flag(),
    registered=flag(),
)
def run_job(
    operations: int = 8, batch: int = 4, entries: int = 4, *, sqpoll: bool = False, registered: bool = False
) -> RingJob:
    """Do `operations` reads by a ring, a batch at a time; the device finishes each batch last one first.

    Parameters
    ----------
    operations : int
        1 to 64.
    batch : int
        At most the entries of the ring.
    entries : int
        1 to 32768, rounded up to a power of two.
    sqpoll, registered : bool
        As for `Rings`.

    Raises
    ------
    TypeError, ValueError
        A size out of range, a batch that the ring cannot hold.
    """
    rings = Rings(entries, sqpoll=sqpoll, registered=registered)
    size = len(rings.state.sq)
    if batch > size:
        raise ValueError(
            f"batch={batch!r}: the SQ holds {plural(size, 'entry', 'entries')}; allowed are at most as many"
        )
    done: list[RingStep] = []
    states, reaped = [rings.state], []

    def note(who: str, action: str, why: str, call: str = "") -> None:
        done.append(RingStep(who, action, why, call))
        states.append(rings.state)

    for begin in range(0, operations, batch):
        names = range(begin + 1, min(begin + batch, operations) + 1)
        for name in names:
            rings.push(name, "later")
            place = (rings.state.filled - 1) % size
            note(
                "application",
                f"push {name}",
                f"Request {name} is written into place {place} of the SQ; no call is needed, "
                "since the ring is shared memory.",
            )
        rings.submit()
        if sqpoll:
            note(
                "application",
                "submit",
                f"Only the tail is moved, by {len(names)}; a kernel thread watches it.",
            )
            rings.pass_time(1)
            note(
                "kernel",
                "take",
                f"The polling thread finds the new tail and takes {len(names)} requests; no call was made.",
            )
        else:
            note(
                "application",
                "submit",
                f"One io_uring_enter shows the kernel {len(names)} requests, and waits for them.",
                "io_uring_enter",
            )
        for name in reversed(names):
            rings.finish(name)
            place = (rings.state.cq_tail - 1) % len(rings.state.cq)
            note(
                "device",
                f"finish {name}",
                f"Request {name} is done; the kernel writes its completion into place {place} "
                "of the CQ, in the device's order.",
            )
        for _ in names:
            place = rings.state.cq_head % len(rings.state.cq)
            completion = rings.reap()
            reaped.append(completion.user_data)
            note(
                "application",
                f"reap {completion.user_data}",
                f"The completion in place {place} names its request by "
                f"user_data {completion.user_data}; moving the head frees the place, without a call.",
            )
    return RingJob(operations, batch, size, entries, sqpoll, registered, tuple(done), tuple(states), tuple(reaped))
