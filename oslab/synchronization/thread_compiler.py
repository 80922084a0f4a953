"""Thread programs made ready for the kernels: names become fields of a state, labels become places."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np

from oslab.base import Instance, Several, integer, shown
from oslab.synchronization import state_space
from oslab.synchronization.atomic_steps import COMPARISONS, LARGEST, NAME, Step
from oslab.synchronization.state_space import OPS, WIDTH, Layout

__all__ = ["CompiledThreads", "compile_threads"]

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
WORD = 62
MOST_STEPS = 1000


@dataclass(frozen=True, eq=False)
class CompiledThreads:
    """What `compile_threads` returns.

    Attributes
    ----------
    names : tuple of str
        Of the threads.
    lines : tuple of tuple of str
        The text of each thread's steps; waking up from a wait is a step of its own.
    code : int64[threads, steps + 1, 9]
        Rows for `state_space.advance`.
    forget : int64[threads, steps + 1, registers]
        Fields of registers that are dead before each step, -1 where none.
    start : int64[fields]
        The initial state.
    registers : tuple of dict
        For each thread, the field of each register.
    shared, semaphores, locks, sections : dict of str to int
        Their fields.
    conditions : tuple of str
        Condition variables; the first is number 1 in a state.
    sites : tuple of (int, int)
        Thread and step of everything that can fail.
    """

    names: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]
    code: np.ndarray
    forget: np.ndarray
    start: np.ndarray
    registers: tuple[dict[str, int], ...]
    shared: dict[str, int]
    semaphores: dict[str, int]
    locks: dict[str, int]
    sections: dict[str, int]
    conditions: tuple[str, ...]
    sites: tuple[tuple[int, int], ...]

    @property
    def values(self) -> list[int]:
        """Fields that hold numbers of any size: registers, shared variables and semaphores."""
        return [f for fields in (*self.registers, self.shared, self.semaphores) for f in fields.values()]

    def layout(self, low: int, high: int) -> tuple[Layout, int]:
        """Return how a state is packed if all numbers lie in a range, and the words that takes."""
        n = len(self.names)
        lows, highs = np.zeros(len(self.start), np.int64), np.full(len(self.start), n, np.int64)
        highs[:n] = [len(lines) for lines in self.lines]
        highs[n : 2 * n], highs[2 * n] = len(self.conditions), len(self.sites)
        highs[list(self.sections.values())] = 2  # a second thread in a section fails, also the same thread again
        lows[self.values], highs[self.values] = low, high
        word, shift, at, free = [], [], 0, WORD
        for bits in (int(h - lo).bit_length() for h, lo in zip(highs, lows)):
            if bits > free:
                at, free = at + 1, WORD
            word.append(at)
            shift.append(WORD - free)
            free -= bits
        mask = [(1 << int(h - lo).bit_length()) - 1 for h, lo in zip(highs, lows)]
        return Layout(*(np.array(a, np.int64) for a in (word, shift, mask)), lows), at + 1


def compile_threads(
    threads: Sequence[Iterable[Step]],
    shared: Mapping[str, int] | None = None,
    names: Sequence[str] | None = None,
    semaphores: Mapping[str, int] | None = None,
) -> CompiledThreads:
    """Make thread programs ready to run.

    Parameters
    ----------
    threads : sequence of iterables of Step
        At most 26, of at most 1000 steps each.
    shared : mapping of str to int
        Shared variables and their first values, below 2**40.  Registers start at 0, locks start free.
    names : sequence of str, optional
        Of the threads; A, B, C … if not given.
    semaphores : mapping of str to int
        Semaphores and their first values, from 0.

    Raises
    ------
    TypeError, ValueError
        What is no step, a label that is not there, a store to what is not shared; thread and step are named.
    """
    listed = Several(Instance(Iterable), most=len(LETTERS)).check("threads", threads)
    called = Several(NAME, most=len(LETTERS), optional=True).check("names", names) or tuple(LETTERS[: len(listed)])
    if len(set(called)) != len(listed) or len(called) != len(listed):
        raise ValueError(f"names={shown(called)}: each of the {len(listed)} threads needs a name of its own")
    given = []
    for name, steps in zip(called, listed):
        try:
            given.append(list(islice(steps, MOST_STEPS + 1)))
        except TypeError:  # an array without dimensions
            raise TypeError(f"threads: {name}={shown(steps)} is no list of steps") from None
        if len(given[-1]) > MOST_STEPS:
            raise ValueError(f"thread {name} has more than {MOST_STEPS} steps: allowed are {MOST_STEPS}")
        for k, step in enumerate(given[-1], 1):
            if not isinstance(step, Step):
                raise TypeError(f"thread {name}, step {k}: {shown(step)} is no step such as load('r', 'x')")
    first = _check_numbers("shared", shared, -LARGEST), _check_numbers("semaphores", semaphores, 0)
    return _Compiler(called, given, *first).program()


def _check_numbers(what: str, given: Mapping[str, int] | None, low: int) -> dict[str, int]:
    """Return names and their first values."""
    if not isinstance(given, Mapping | None):
        raise TypeError(f"{what}={shown(given)}: allowed is a mapping of names to numbers, such as {{'x': 0}}")
    number = integer(low, LARGEST)
    return {NAME.check(f"{what}'s name", k): number.check(f"{what}[{k!r}]", x) for k, x in (given or {}).items()}


class _Compiler:
    """Gives fields to names, and rows to steps."""

    def __init__(
        self, names: tuple[str, ...], threads: list[list[Step]], shared: dict[str, int], semaphores: dict[str, int]
    ):
        self.names, self.threads, self.initial = names, threads, [*shared.values(), *semaphores.values()]
        self.count = 2 * len(names) + 1
        self.registers: tuple[dict[str, int], ...] = tuple({} for _ in names)
        self.sites: list[tuple[int, int]] = []
        self.shared, self.semaphores = self._named(shared), self._named(semaphores)
        steps = [step for thread in threads for step in thread]
        taken = {"lock": slice(None), "unlock": slice(None), "trylock": slice(1), "wait": slice(1, None)}
        self.locks = self._named(name for s in steps if s.op in taken for name in s.args[taken[s.op]])
        self.sections = self._named(s.args[0] for s in steps if s.op in ("enter", "leave"))
        self.conditions = tuple(dict.fromkeys(s.args[0] for s in steps if s.op in ("wait", "signal", "broadcast")))

    def _field(self) -> int:
        self.count += 1
        return self.count - 1

    def _named(self, names: Iterable[str]) -> dict[str, int]:
        return {name: self._field() for name in dict.fromkeys(names)}

    def program(self) -> CompiledThreads:
        rows, lines, starts = [], [], []
        for t, thread in enumerate(self.threads):
            steps = [
                part
                for step in thread
                for part in (
                    (step, Step("lock", step.args[1:], f"wake, lock {step.args[1]}")) if step.op == "wait" else (step,)
                )
            ]
            places, real = {}, [step for step in steps if step.op not in ("label", "jump")]
            after = self._lead(t, steps, places)
            rows.append([self._row(t, pc, step, places) + [after[pc + 1]] for pc, step in enumerate(real)])
            starts.append(after[0])
            lines.append(tuple(step.text for step in real))
        code = np.full((len(rows), max(map(len, rows)) + 1, WIDTH), -1, np.int64)
        code[:, :, state_space.OP] = state_space.END
        for t, thread in enumerate(rows):
            code[t, : len(thread)] = np.array(thread, np.int64).reshape(-1, WIDTH)
        start = np.zeros(self.count, np.int64)
        start[: len(rows)] = starts
        start[[*self.shared.values(), *self.semaphores.values()]] = self.initial
        return CompiledThreads(
            self.names,
            tuple(lines),
            code,
            self._forget(code),
            start,
            self.registers,
            self.shared,
            self.semaphores,
            self.locks,
            self.sections,
            self.conditions,
            tuple(self.sites),
        )

    def _lead(self, t: int, steps: list[Step], places: dict[str, int]) -> list[int]:
        """Fill `places` by label; return which step follows at the start and after each: jumps and labels take none."""
        at = {step.args[0]: k for k, step in enumerate(steps) if step.op == "label"}
        number, n = {}, 0
        for k, step in enumerate(steps):
            number[k] = n
            n += step.op not in ("label", "jump")

        def follow(k: int) -> int:
            seen = set()
            while k < len(steps) and steps[k].op in ("label", "jump"):
                if k in seen:
                    raise ValueError(f"thread {self.names[t]}, {steps[k].text!r}: a jump in a circle, without any step")
                seen.add(k)
                k = (
                    k + 1
                    if steps[k].op == "label"
                    else 1 + self._place(at, steps[k].args[0], f"thread {self.names[t]}")
                )
            return number.get(k, n)

        places.update({name: follow(k) for name, k in at.items()})
        return [follow(0), *(follow(k + 1) for k, step in enumerate(steps) if step.op not in ("label", "jump"))]

    def _row(self, t: int, pc: int, step: Step, places: dict[str, int]) -> list[int]:
        where = f"thread {self.names[t]}, {step.text!r}"
        row = dict(OP=0, A=-1, A_FIELD=0, B=-1, B_FIELD=0, HOW=-1, TO=-1, SITE=0)
        op, args = step.op, step.args
        row["OP"] = OPS.index("move" if op in ("load", "store") else op)
        if op in ("expect", "unlock", "wait", "enter", "leave"):
            self.sites.append((t, pc))
            row["SITE"] = len(self.sites)
        if op in ("load", "store", "move", "add"):
            row["A"], row["A_FIELD"] = self._target(t, op, args[0], where), 1
            row["B"], row["B_FIELD"] = self._operand(t, args[1], where, shared_only=op == "load")
        elif op in ("lock", "unlock"):
            if len(set(args)) < len(args):
                raise ValueError(f"{where}: the same lock twice")
            row.update(zip(("A", "B", "HOW"), (self.locks[name] for name in args)))
        elif op == "trylock":
            row["A"], row["TO"] = self.locks[args[0]], self._place(places, args[1], where)
        elif op in ("wait", "signal", "broadcast"):
            row["A"] = self.conditions.index(args[0]) + 1
            row["B"] = self.locks[args[1]] if op == "wait" else -1
        elif op in ("branch", "expect"):
            row["A"], row["A_FIELD"] = self._operand(t, args[0], where)
            row["B"], row["B_FIELD"] = self._operand(t, args[2], where)
            row["HOW"] = COMPARISONS.index(args[1])
        elif op in ("enter", "leave"):
            row["A"] = self.sections[args[0]]
        elif op in ("down", "up"):
            if args[0] not in self.semaphores:
                raise ValueError(f"{where}: no semaphore {args[0]!r}; there are {', '.join(self.semaphores) or 'none'}")
            row["A"] = self.semaphores[args[0]]
        if op == "branch":
            row["TO"] = self._place(places, args[-1], where)
        return list(row.values())

    def _target(self, t: int, op: str, name: str, where: str) -> int:
        if op == "store" and name not in self.shared:
            raise ValueError(f"{where}: {name!r} is not shared; shared are {', '.join(self.shared) or 'no variables'}")
        if op == "load" and name in self.shared:
            raise ValueError(f"{where}: {name!r} is shared; a register is needed")
        return self.shared[name] if name in self.shared else self._register(t, name)

    def _operand(self, t: int, value: Any, where: str, shared_only: bool = False) -> tuple[int, int]:
        if isinstance(value, int):
            return value, 0
        if shared_only and value not in self.shared:
            raise ValueError(f"{where}: {value!r} is not shared; shared are {', '.join(self.shared) or 'no variables'}")
        return (self.shared[value] if value in self.shared else self._register(t, value)), 1

    def _register(self, t: int, name: str) -> int:
        if name not in self.registers[t]:
            self.registers[t][name] = self._field()
        return self.registers[t][name]

    @staticmethod
    def _place(places: dict[str, int], name: str, where: str) -> int:
        if name not in places:
            raise ValueError(f"{where}: no label {name!r} in this thread; there are {', '.join(places) or 'none'}")
        return places[name]

    def _forget(self, code: np.ndarray) -> np.ndarray:
        """Which registers are dead before each step: written, or never seen again, before they are read."""
        n, length = code.shape[:2]
        forget = np.full((n, length, max([1, *map(len, self.registers)])), -1, np.int64)
        for t in range(n):
            live: list[set[int]] = [set() for _ in range(length + 1)]
            mine, changed = set(self.registers[t].values()), True
            while changed:
                changed = False
                for pc in range(length - 1, -1, -1):
                    row = code[t, pc]
                    reads = {
                        int(row[x])
                        for x in (state_space.A, state_space.B)
                        if row[x + 1] == 1 and row[state_space.OP] != state_space.END
                    }
                    after = set() if row[state_space.OP] == state_space.END else set(live[row[state_space.NEXT]])
                    if row[state_space.TO] >= 0 and row[state_space.OP] != state_space.END:
                        after |= live[row[state_space.TO]]
                    if row[state_space.OP] == state_space.MOVE:
                        reads = {int(row[state_space.B])} if row[state_space.B_FIELD] == 1 else set()
                        after -= {int(row[state_space.A])}
                    now = (after | reads) & mine
                    changed, live[pc] = changed or now != live[pc], now
            for pc in range(length):
                dead = sorted(mine - live[pc])
                forget[t, pc, : len(dead)] = dead
        return forget
