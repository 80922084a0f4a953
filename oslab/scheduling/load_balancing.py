"""Several CPUs, each with a queue of its own: where a task goes, and from whom an idle CPU takes one.

Each queue's row begins with the load (sum of weights) and the number of tasks, the running one counted in both.
"""

from oslab._jit import hook
from oslab.scheduling.engine import TASK

__all__ = ["COUNT", "LOAD", "busiest", "home_for"]

LOAD, COUNT = 0, 1


@hook
def home_for(queues, before):
    """Return the CPU with the fewest tasks: of equals the one before (-1 for none), else the first."""
    best = before if before >= 0 else 0
    for c in range(len(queues)):
        if queues[c, COUNT] < queues[best, COUNT]:
            best = c
    return best


@hook
def busiest(queues, cpu):
    """Return the CPU with the most tasks that wait, -1 if none waits anywhere."""
    best, most = -1, 0
    for c in range(len(queues)):
        waiting = queues[c, COUNT] - (cpu[c, TASK] >= 0)
        if waiting > most:
            best, most = c, waiting
    return best
