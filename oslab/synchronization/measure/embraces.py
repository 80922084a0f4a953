"""Two locks taken by two Python threads, in opposite orders or in the same one."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from oslab.base import Result, checked, columns, flag, quantity, real

__all__ = ["Embrace", "embrace"]


@dataclass(frozen=True)
class Embrace(Result):
    """What `embrace` returns.

    Attributes
    ----------
    orders : tuple of tuple of str
        The locks as each thread takes them.
    done : tuple of bool
        Whether each thread got both its locks in time.
    seconds : float
        That each waited for its second lock at most.
    """

    orders: tuple[tuple[str, str], ...]
    done: tuple[bool, ...]
    seconds: float

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield one row a thread."""
        takes = (" then ".join(order) for order in self.orders)
        return columns({"thread": (1, 2), "takes": takes, "got both": self.done})

    def __str__(self) -> str:
        parts = [
            f"thread {k}: {' then '.join(order)}: "
            + ("got both" if ok else f"gave up after {quantity(self.seconds, 's')}, holding {order[0]}")
            for k, (order, ok) in enumerate(zip(self.orders, self.done), 1)
        ]
        return "\n".join([*parts, "deadlock, ended by the time limits" if not all(self.done) else "no deadlock"])

    __repr__ = __str__


@checked(ordered=flag(), seconds=real(0, 2, above=True))
def embrace(ordered: bool = False, seconds: float = 0.5) -> Embrace:
    """Let two Python threads take two locks, in opposite orders or in the same one; ends by itself.

    Parameters
    ----------
    ordered : bool
        Whether both take x first.
    seconds : float
        How long each waits for its second lock; 0 to 2.

    Raises
    ------
    TypeError, ValueError
        A time outside that range.
    """
    locks = {"x": threading.Lock(), "y": threading.Lock()}
    orders = (("x", "y"), ("x", "y") if ordered else ("y", "x"))
    done = [False, False]
    both_started, given_up = threading.Barrier(2), threading.Barrier(2)

    def work(k: int) -> None:
        one, two = orders[k]
        both_started.wait(seconds)
        with locks[one]:
            threading.Event().wait(0.05)  # long enough for the other to take its first lock
            done[k] = locks[two].acquire(timeout=seconds)
            if done[k]:
                locks[two].release()
            elif not ordered:
                given_up.wait(seconds)  # holding on, or the second to give up would be let in by the first

    pool = [threading.Thread(target=work, args=(k,), daemon=True) for k in range(2)]
    for thread in pool:
        thread.start()
    for thread in pool:
        thread.join()
    return Embrace(orders, tuple(done), seconds)
