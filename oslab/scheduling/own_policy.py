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

import types
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from oslab.base import BrokenPolicy, Entry, policy_laws, shown, teacher_folder
from oslab.scheduling.engine import CAUSES, NEVER, NEW, bind_hooks
from oslab.scheduling.policies.base import POLICIES, Policy, Queue
from oslab.scheduling.workload import LONGEST, MS, Workload, in_ms, say_ms

__all__ = ["POLICIES", "Task", "entry_of", "label_of"]

HOOKS = ("arrive", "pick", "ran")
MOST_TURNS = 100_000
label_of = partial(policy_laws.label_of, POLICIES)


@dataclass(frozen=True, eq=False, repr=False)
class Task:
    """A task as the learner's hooks see it; its attributes are read-only.

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
    _look: Callable[[], tuple[int, int]]  # what is left, ns, and the cause

    @property
    def left(self) -> float:
        """The remaining part of its CPU burst, ms."""
        return float(in_ms(self._look()[0]))

    @property
    def why(self) -> str:
        """Why it is ready."""
        return CAUSES[self._look()[1]]

    def __repr__(self) -> str:
        return f"<{self.name}>"


@dataclass
class OwnPolicyState:
    """The learner's object; the tasks and why each is ready; those that are, in the order of coming, with their numbers."""

    policy: Any
    name: str
    workload: Workload
    tasks: list[Task] = field(default_factory=list)
    causes: list[int] = field(default_factory=list)
    ready: dict[Task, int] = field(default_factory=dict)
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
        raise TypeError(f"policy={shown(policy)}: {wanted}")
    for hook in HOOKS:
        if not callable(getattr(policy, hook, None)):
            raise TypeError(f"policy={policy.__name__} has no method {hook}; {allowed}")
    name = label_of(policy)

    def start(workload: Any, cpus: int) -> OwnPolicyState:
        return OwnPolicyState(policy(), name, workload)

    return policy_laws.own_entry(name, Policy(start, _loop, _describe, _reason, origin=policy))


def _make_plain(loop: Callable, name: str, **hooks: Any) -> Callable:
    """Return a kernel as plain Python, with other global names, hooks left out plain too; `bind_hooks` takes it for `bind`."""
    code = getattr(loop, "py_func", loop)
    known = {key: getattr(value, "py_func", value) for key, value in code.__globals__.items()}
    return types.FunctionType(code.__code__, {**known, **hooks}, name, code.__defaults__)


def _ask(own: OwnPolicyState, hook: str, now: float, *arguments: Any) -> Any:
    """Call a hook; what it raises says when, with what, and who was ready."""
    try:
        return getattr(own.policy, hook)(*arguments)
    except Exception as error:
        given = ", ".join(say_ms(a) if isinstance(a, float) else repr(a) for a in arguments)
        error.add_note(f"{own.name}, at {say_ms(now)} ms: raised by {hook}({given}); {_say_ready(own)}")
        raise


def _say_ready(own: OwnPolicyState) -> str:
    return f"ready: {', '.join(task.name for task in own.ready) or 'nobody'}"


def _task(s: Any, index: int) -> Task:
    own = s.own
    if not own.tasks:
        own.causes = [NEW] * len(own.workload)
        w = own.workload
        known = (w.names, w.arrival.tolist(), *(a.tolist() for a in (w.nice, w.weight, w.priority, w.tickets)))
        own.tasks = [
            Task(*one, lambda i=i: (int(s.remaining[i]), own.causes[i]))
            for i, one in enumerate(zip(*known, strict=True))
        ]
    return own.tasks[index]


def _enqueue(s: Any, task: int, cause: int, cpu: int, now: int) -> None:
    mine, time = _task(s, task), float(in_ms(now))
    s.own.causes[task] = cause
    s.own.ready[mine] = task
    _ask(s.own, "arrive", time, mine, time)


def _pick(s: Any, cpu: int, now: int) -> int:
    own, time = s.own, float(in_ms(now))
    task = _ask(own, "pick", time, time)
    if isinstance(task, Task) and task in own.ready:
        return own.ready.pop(task)
    law, says = "only a task that is ready can run", f"which is not ready; {_say_ready(own)}."
    if task is None:
        law, says = "never idle while a task is ready", f"and the CPU is idle; {_say_ready(own)}."
    raise BrokenPolicy(own.name, law, f"at {say_ms(time)} ms", f"pick({say_ms(time)}) returned {shown(task)}, {says}")


def _quantum(s: Any, cpu: int, task: int, now: int) -> int:
    own = s.own
    given = getattr(own.policy, "quantum", None)
    if given is None:
        return NEVER
    own.turns += 1
    ms = _number(given)
    if ms is None or not ms * MS >= 1 or own.turns > MOST_TURNS:
        says = f"allowed are None, or ms above 0, and not so short that there are more than {MOST_TURNS} turns."
        law, when = "the quantum is a time above 0", f"at {say_ms(in_ms(now))} ms"
        raise BrokenPolicy(own.name, law, when, f"quantum={shown(given)}; {says}")
    return round(min(ms, float(LONGEST)) * MS)


def _charge(s: Any, cpu: int, task: int, ran: int, now: int) -> None:
    time = float(in_ms(now))
    _ask(s.own, "ran", time, _task(s, task), float(in_ms(ran)), time)


def _preempts(s: Any, new: int, cpu: int, task: int, now: int) -> float:
    if not hasattr(s.own.policy, "preempts"):
        return 0.0
    time = float(in_ms(now))
    gain = _ask(s.own, "preempts", time, _task(s, new), _task(s, task), time)
    try:
        return float(gain)
    except (OverflowError, TypeError, ValueError):
        when, says = f"at {say_ms(time)} ms", f"preempts returned {shown(gain)}; allowed are numbers."
        raise BrokenPolicy(s.own.name, policy_laws.CODE_RUNS, when, says) from None


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
    number, ready = {task: i for i, task in enumerate(s.own.tasks)}, list(s.own.ready.values())
    values: dict[str, dict[int, float]] = {}
    numbers: dict[str, float] = {}
    for name, value in policy_laws.attributes(s.own.policy):
        if isinstance(value, dict):
            known = {number[k]: n for k, v in value.items() if isinstance(k, Task) and (n := _number(v)) is not None}
            values |= {name: known} if known else {}
        elif isinstance(value, list | tuple | deque):
            order = [number[task] for task in value if isinstance(task, Task)]
            ready = order if sorted(order) == sorted(ready) else ready
        elif name != "quantum" and (n := _number(value)) is not None:
            numbers[name] = n
    return Queue(ready, values, numbers)


def _number(value: Any) -> float | None:
    """A number of the learner's; None for what is none, or too large for one."""
    try:
        return float(value) if isinstance(value, int | float | np.number) and not isinstance(value, bool) else None
    except OverflowError:
        return None


def _reason(decision: Any) -> str:
    """Return that the class chose so, with what it knows of the pick, and who has been ready for longest."""
    pick, values = decision.task, decision.queue.values.items()
    known = ", ".join(f"{name} {say_ms(of[pick])}" for name, of in values if pick in of)
    text = f"{decision.name} is what pick({say_ms(decision.time)}) returned{f' ({known})' if known else ''}, "
    rivals = decision.queue.ready
    if not rivals:
        return text + "and no other task is ready."
    first = min(rivals, key=decision.since)
    return text + (
        f"ready since {say_ms(decision.since(pick))} ms; of the others {decision.names[first]} has been ready longest, since "
        f"{say_ms(decision.since(first))} ms."
    )


teacher_folder.join(
    POLICIES, teacher_folder.definitions("scheduling", "policies.py"), lambda own: entry_of(own).implementation
)
