"""The learner's own policy: a plain class with three hooks, run by the engine's own loop as plain Python.

::

    class Mine:
        quantum = 4                     # optional: ms that a task runs at most; None: to the end of its burst
        def arrive(self, task, now):    # the task is ready: new, back from I/O, its quantum over, or preempted
            ...
        def pick(self, now):            # return the task that runs next, one of those that are ready
            ...
        def ran(self, task, ms, now):   # it ran for so long
            ...
        def preempts(self, new, running, now):      # optional: how much is gained if a task that comes takes over; 0: nothing
            ...

Times are in ms, tasks are `Task`s.  Who is ready is kept here, not believed: an answer that cannot be carried out
stops the run.
"""

from __future__ import annotations

import types
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from oslab.base import policy_laws
from oslab.base.policy_laws import BrokenPolicy
from oslab.base.registry import Entry
from oslab.scheduling.engine import CAUSES, NEVER, PRIORITY, TICKETS, WEIGHT, bind_hooks
from oslab.scheduling.policies.base import POLICIES, Policy, Queue
from oslab.scheduling.workload import MS, in_ms

__all__ = ["Task", "entry_of", "label_of"]

HOOKS = ("arrive", "pick", "ran")
MOST_TURNS = 100_000
label_of = partial(policy_laws.label_of, POLICIES)


@dataclass(eq=False, repr=False)
class Task:
    """A task as the learner's hooks see it.

    Attributes
    ----------
    name : str
    arrival : float
        ms.
    nice, weight, priority, tickets : int
        As in the workload.
    left : float
        What is left of its CPU burst, ms; a real scheduler does not know it.
    why : str
        Why it is ready: ``"arrival"``, ``"I/O done"``, ``"quantum over"`` or ``"preempted"``.
    """

    name: str
    arrival: float
    nice: int
    weight: int
    priority: int
    tickets: int
    index: int
    remaining: np.ndarray
    why: str = "arrival"

    @property
    def left(self) -> float:
        """What is left of its CPU burst, ms."""
        return float(in_ms(self.remaining[self.index]))

    def __repr__(self) -> str:
        return f"<{self.name}>"


@dataclass
class OwnPolicyState:
    """The learner's object, the tasks, and those that are ready, in the order of coming."""

    policy: Any
    name: str
    nice: list[int]
    names: tuple[str, ...]
    tasks: list[Task] = field(default_factory=list)
    ready: dict[Task, None] = field(default_factory=dict)
    turns: int = 0


def entry_of(policy: Any) -> Entry:
    """Return an entry, as the registry has them, of the learner's class.

    Raises
    ------
    TypeError
        Something else than a class with the three hooks.
    """
    allowed = f"allowed are {', '.join(POLICIES)}, or a class with the methods {', '.join(HOOKS)}"
    if not isinstance(policy, type):
        made = all(callable(getattr(policy, hook, None)) for hook in HOOKS)
        wanted = "give the class, not an object of it; each run makes its own" if made else allowed
        raise TypeError(f"policy={policy!r}: {wanted}")
    for hook in HOOKS:
        if not callable(getattr(policy, hook, None)):
            raise TypeError(f"policy={policy.__name__} has no method {hook}; {allowed}")
    name = label_of(policy)

    def start(workload: Any, cpus: int) -> OwnPolicyState:
        return OwnPolicyState(policy(), name, workload.nice.tolist(), workload.names)

    return policy_laws.own_entry(name, Policy(start, _loop, _describe, _reason, origin=policy))


def _make_plain(loop: Callable, name: str, **hooks: Any) -> Callable:
    """Return a kernel as plain Python, with other global names, hooks left out plain too; `bind_hooks` takes it for `bind`."""
    code = getattr(loop, "py_func", loop)
    known = {key: getattr(value, "py_func", value) for key, value in code.__globals__.items()}
    return types.FunctionType(code.__code__, {**known, **hooks}, name, code.__defaults__)


def _ask(own: OwnPolicyState, hook: str, now: float, *arguments: Any) -> Any:
    try:
        return getattr(own.policy, hook)(*arguments)
    except Exception as error:
        given = ", ".join(f"{a:.6g}" if isinstance(a, float) else repr(a) for a in arguments)
        error.add_note(f"{own.name}, at {now:.6g} ms: raised by {hook}({given}); {_say_ready(own)}")
        raise


def _say_ready(own: OwnPolicyState) -> str:
    return f"ready: {', '.join(task.name for task in own.ready) or 'nobody'}"


def _task(s: Any, index: int) -> Task:
    own = s.own
    if not own.tasks:
        info = s.info.tolist()
        own.tasks = [
            Task(
                own.names[i],
                in_ms(at),
                own.nice[i],
                info[i][WEIGHT],
                info[i][PRIORITY],
                info[i][TICKETS],
                i,
                s.remaining,
            )
            for i, at in enumerate(s.arrival.tolist())
        ]
    return own.tasks[index]


def _enqueue(s: Any, task: int, cause: int, cpu: int, now: int) -> None:
    mine, time = _task(s, task), float(in_ms(now))
    mine.why = CAUSES[cause]
    s.own.ready[mine] = None
    _ask(s.own, "arrive", time, mine, time)


def _pick(s: Any, cpu: int, now: int) -> int:
    own, time = s.own, float(in_ms(now))
    task = _ask(own, "pick", time, time)
    said, when = f"pick({time:.6g}) returned {task!r}", f"at {time:.6g} ms"
    if task is None:
        raise BrokenPolicy(
            own.name, "never idle while a task is ready", when, f"{said}, and the CPU is idle; {_say_ready(own)}."
        )
    if not isinstance(task, Task) or task not in own.ready:
        raise BrokenPolicy(
            own.name, "only a task that is ready can run", when, f"{said}, which is not ready; {_say_ready(own)}."
        )
    del own.ready[task]
    return task.index


def _quantum(s: Any, cpu: int, task: int, now: int) -> int:
    own, when = s.own, f"at {in_ms(now):.6g} ms"
    given = getattr(own.policy, "quantum", None)
    if given is None:
        return NEVER
    own.turns += 1
    number = isinstance(given, int | float | np.number) and not isinstance(given, bool)
    if not number or not given * MS >= 1 or own.turns > MOST_TURNS:
        raise BrokenPolicy(
            own.name,
            "the quantum is a time above 0",
            when,
            f"quantum={given!r}; allowed are None, or ms above "
            f"0, and not so short that there are more than {MOST_TURNS} turns.",
        )
    return int(min(round(min(float(given), 1e9) * MS), NEVER))


def _charge(s: Any, cpu: int, task: int, ran: int, now: int) -> None:
    time = float(in_ms(now))
    _ask(s.own, "ran", time, _task(s, task), float(in_ms(ran)), time)


def _preempts(s: Any, new: int, cpu: int, task: int, now: int) -> float:
    if not hasattr(s.own.policy, "preempts"):
        return 0.0
    time = float(in_ms(now))
    return float(_ask(s.own, "preempts", time, _task(s, new), _task(s, task), time))


_loop = bind_hooks(
    "own",
    _make_plain,
    enqueue=_enqueue,
    pick=_pick,
    quantum=_quantum,
    charge=_charge,
    preempts=_preempts,
    PREEMPTIVE=True,
)


def _describe(s: Any) -> Queue:
    """Return the ready tasks, in the class's order if it keeps them in one list, and what it knows of tasks and of the whole."""
    own = s.own
    ready, values, numbers = [task.index for task in own.ready], {}, {}
    for name, value in policy_laws.attributes(own.policy):
        if isinstance(value, dict):
            known = {task.index: float(v) for task, v in value.items() if isinstance(task, Task) and _is_number(v)}
            values.update({name: known} if known else {})
        elif isinstance(value, list | tuple | deque):
            order = [task.index for task in value if isinstance(task, Task)]
            if sorted(order) == sorted(ready):
                ready = order
        elif _is_number(value) and name != "quantum":
            numbers[name] = float(value)
    return Queue(ready, values, numbers)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool)


def _reason(decision: Any) -> str:
    """Return that the class chose so, with what it knows of the pick, and who has been ready for longest."""
    known = ", ".join(
        f"{name} {of[decision.task]:.6g}" for name, of in decision.queue.values.items() if decision.task in of
    )
    text = f"{decision.name} is what pick({decision.time:.6g}) returned{f' ({known})' if known else ''}, "
    rivals = decision.queue.ready
    if not rivals:
        return text + "and no other task is ready."
    first = min(rivals, key=decision.since)
    return text + (
        f"ready since {decision.since(decision.task):.6g} ms; of the others {decision.names[first]} is ready longest, since "
        f"{decision.since(first):.6g} ms."
    )
