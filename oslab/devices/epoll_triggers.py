"""Level or edge: when epoll reports a pipe that has bytes in it (epoll(7), with its own example of 2 kB and 1 kB)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from oslab.base import Stepped, checked, choice, flag, integer

__all__ = ["TRIGGERS", "PipeStep", "PipeRun", "watch_pipe"]

TRIGGERS = ("level", "edge")
MOST = 65536  # what a pipe holds


class PipeStep(NamedTuple):
    """One call: its text, the bytes left in the pipe, what it returned (a count; for a wait 1, or 0: it blocks), why.

    `changed` tells whether an edge is pending after it.
    """

    call: str
    left: int
    returned: int
    why: str
    changed: bool


@dataclass(frozen=True)
class PipeRun(Stepped, over="done"):
    """What `watch_pipe` returns.

    Attributes
    ----------
    trigger : str
    written, read_size : int
        Bytes.
    until_again : bool
    done : tuple of PipeStep
    """

    trigger: str
    written: int
    read_size: int
    until_again: bool
    done: tuple[PipeStep, ...]

    @property
    def stuck(self) -> bool:
        """Whether a wait blocks although bytes are in the pipe."""
        return any(s.call == "wait" and not s.returned and s.left for s in self.done)

    def _replayed(self, step: int) -> PipeStep:
        return self.done[step - 1] if step else PipeStep("", 0, 0, "The pipe is empty and watched.", False)

    def why(self, step: int) -> str:
        """Return why a call, 1 to `steps`, returned what it did."""
        return self.done[self._step(step, 1) - 1].why

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield one row a call."""
        for s in self.done:
            returned = ("blocks", "ready")[s.returned] if s.call == "wait" else f"{s.returned} B"
            yield {"call": s.call, "returned": returned, "left in the pipe": s.left}

    def __str__(self) -> str:
        end = "a wait blocks with bytes in the pipe" if self.stuck else "no byte is left unreported"
        return f"{self.trigger}-triggered, {self.written} B written, reads of {self.read_size} B: {end}"


@checked(
    trigger=choice(TRIGGERS),
    written=integer(1, MOST - 1, unit="B"),
    read_size=integer(1, MOST, unit="B"),
    until_again=flag(),
)
def watch_pipe(
    trigger: str = "level", written: int = 2048, read_size: int = 1024, until_again: bool = False
) -> PipeRun:
    """Write to a pipe, wait, read, wait again, write one byte more, wait a third time.

    Parameters
    ----------
    trigger : {'level', 'edge'}
    written : int
        Bytes of the first write, 1 to 65535.
    read_size : int
        Bytes of a read, 1 to 65536.
    until_again : bool
        Read until there is nothing (EAGAIN), as a program must with edges, or once.

    Returns
    -------
    PipeRun

    Raises
    ------
    TypeError, ValueError
        An argument of another type, or out of range.
    """
    left, edge, done = 0, False, []

    def write(count: int) -> None:
        nonlocal left, edge
        left, edge = left + count, True
        done.append(PipeStep(f"write {count}", left, count, f"{count} B arrive: a change, that is, an edge.", edge))

    def wait() -> bool:
        nonlocal edge
        level = trigger == "level"
        ready = left > 0 if level else edge
        if level:
            why = f"{left} B are there, and level triggering reports any data." if ready else "The pipe is empty."
        elif ready:
            why = "Something arrived since the last report."
        else:
            why = (
                f"{left} B are there, but nothing has changed since the last report."
                if left
                else "Nothing has changed."
            )
        edge = False
        done.append(PipeStep("wait", left, int(ready), ("It reports. " if ready else "It blocks. ") + why, edge))
        return ready

    def read() -> int:
        nonlocal left
        count = min(left, read_size)
        left -= count
        why = f"{left} B stay in the pipe." if count else "EAGAIN: nothing is left, and only now is it safe to wait."
        done.append(PipeStep(f"read {read_size}", left, count, why, edge))
        return count

    def answer() -> None:
        if wait():
            while read() and until_again and len(done) < 400:
                pass

    write(written)
    answer()
    answer()
    write(1)
    answer()
    return PipeRun(trigger, written, read_size, until_again, tuple(done))
