"""Threads typed by a learner in a small language that looks like Python: read with `ast`, nothing is evaluated.

Numbers at the top are shared variables, each function is a thread.  What reads a shared variable and what writes one are
steps of their own: ``x += 1`` is a load, an addition and a store.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NoReturn

from oslab.base import checked, choice, shown, text
from oslab.synchronization import READY, atomic_steps as steps
from oslab.synchronization.atomic_steps import Step
from oslab.synchronization.interleaving import Demonstration, check

__all__ = ["FORMS", "ThreadsProof", "TypedThreads", "check_threads", "parse_threads"]

LONGEST, LIMIT, OWN = 5000, 200_000, "your own"
FORMS = (
    "x = 0 and s = semaphore(1) at the top, def A(): for each thread, and in it =, += and -=, if, while, for _ in range(n), "
    "break, continue, pass, assert, with critical:, with lock(m):, lock, unlock, wait(c, m), signal, broadcast, down, up"
)
COMPARISONS = {ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}
OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
CALLS = {"lock": 1, "unlock": 1, "wait": 2, "signal": 1, "broadcast": 1, "down": 1, "up": 1}


@dataclass(frozen=True)
class TypedThreads:
    """What `parse_threads` returns: first values of shared variables and semaphores, and the steps of each thread."""

    shared: Mapping[str, int]
    semaphores: Mapping[str, int]
    threads: Mapping[str, list[Step]]


@dataclass(frozen=True, eq=False)
class ThreadsProof(Demonstration):
    """What `check_threads` returns: the verdict, with a shortest way to what goes wrong; `text` is what was checked."""

    text: str

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield one row an outcome, and one for each bad state."""
        for row in self.verdict.rows():
            yield {**row, "end": row["end"].replace(" after 0 steps: ", " from the start")}

    def __str__(self) -> str:
        return str(self.verdict)


def _refuse(node: Any, why: str) -> NoReturn:
    raise ValueError(f"threads, line {getattr(node, 'lineno', 1)}: {why}; allowed are {FORMS}")


@checked(program=text(LONGEST))
def parse_threads(program: str) -> TypedThreads:
    r"""Read threads.

    Parameters
    ----------
    program : str
        See `FORMS`; at most 5000 characters and 8 threads.

    Raises
    ------
    TypeError, ValueError
        What is not understood, with its line.

    Examples
    --------
    >>> [str(step) for step in parse_threads("x = 0\ndef A():\n    x += 1").threads["A"]]
    ['t = x', 't += 1', 'x = t']
    """
    try:
        tree = ast.parse(program)
    except SyntaxError as error:
        raise ValueError(f"threads, line {error.lineno or 1}: {error.msg}; allowed are {FORMS}") from None
    except (ValueError, RecursionError, MemoryError):
        raise ValueError(f"program={shown(program)}: it cannot be read; allowed are {FORMS}") from None
    shared: dict[str, int] = {}
    semaphores: dict[str, int] = {}
    functions = []
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and not ast.unparse(node.args):
            functions.append(node)
        elif isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            value = node.value
            counts = isinstance(value, ast.Call) and ast.unparse(value.func) == "semaphore" and len(value.args) == 1
            number = _read_number(value.args[0] if counts else value)
            if number is None or (counts and number < 0):
                _refuse(node, f"{ast.unparse(value)} is no whole number, nor semaphore(n)")
            (semaphores if counts else shared)[node.targets[0].id] = number
        elif not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            _refuse(node, f"{ast.unparse(node).splitlines()[0]!r} is not understood here")
    names = [f.name for f in functions]
    if not 1 <= len(names) <= 8 or len(set(names)) < len(names):
        raise ValueError(f"program: {len(names)} threads given; allowed are 1 to 8, each with its own name: def A():")
    try:
        used = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
        free = [name for name in ("t", "u", *(f"t{k}" for k in range(len(used) + 2))) if name not in used]
        threads = {f.name: _Writer(shared, semaphores, *free[:2]).write(f) for f in functions}
    except RecursionError:
        raise ValueError("program: nested too deeply") from None
    return TypedThreads(shared, semaphores, threads)


def _read_number(node: Any) -> int | None:
    sign = -1 if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) else 1
    node = node.operand if sign < 0 else node
    fine = isinstance(node, ast.Constant) and type(node.value) is int and node.value <= steps.LARGEST
    return sign * node.value if fine else None


class _Writer:
    """Writes the steps of one thread."""

    def __init__(self, shared: Mapping[str, int], semaphores: Mapping[str, int], one: str, two: str):
        self.shared, self.semaphores, self.known = shared, semaphores, set[str]()
        self.one, self.two = one, two  # registers
        self.steps: list[Step] = []
        self.labels, self.inside = 0, 0
        self.loops: list[tuple[str, str, int]] = []

    def write(self, function: ast.FunctionDef) -> list[Step]:
        self.block(function.body)
        return self.steps

    def block(self, body: list[Any]) -> None:
        for node in body:
            way = getattr(self, f"do_{type(node).__name__}", None)
            if way is None:
                _refuse(node, f"{ast.unparse(node).splitlines()[0]!r} is not understood")
            way(node)

    def label(self) -> str:
        self.labels += 1
        return f"line {self.labels}"

    def put(self, step: Step, said: str = "") -> None:
        self.steps.append(step._replace(text=said) if said else step)

    def operand(self, node: Any, register: str = "") -> str | int:
        """Return a number or name; what is shared is first loaded into a register, if one is given."""
        number = _read_number(node)
        if number is not None:
            return number
        if not isinstance(node, ast.Name):
            _refuse(node, f"{ast.unparse(node)!r} is no number or variable")
        if node.id not in self.shared and node.id not in self.known:
            _refuse(node, f"{node.id} has no value; write {node.id} = 0 at the top")
        if register and node.id in self.shared:
            self.put(steps.load(register, node.id))
            return register
        return node.id

    def set(self, node: Any, name: str, value: str | int) -> None:
        if name in self.semaphores:
            _refuse(node, f"{name} is a semaphore: only down and up change it")
        if name not in self.shared:
            self.known.add(name)
        self.put(Step("move", (name, value), f"{name} = {value}"))

    def do_Assign(self, node: Any) -> None:
        if len(node.targets) != 1 or not isinstance(node.targets[0], ast.Name):
            _refuse(node, f"{ast.unparse(node)!r} is not understood")
        self.set(node, node.targets[0].id, self.value(node.value))

    def value(self, node: Any) -> str | int:
        """Return where the value of an expression is: a number, a register of the thread, or a name of its own."""
        if not isinstance(node, ast.BinOp) or _read_number(node) is not None:
            return self.operand(node, self.one)
        if not isinstance(node.op, ast.Add | ast.Sub):
            _refuse(node, f"{ast.unparse(node)!r}: only + and - are understood")
        self.sum(node, self.operand(node.left, self.one), self.operand(node.right, self.two))
        return self.one

    def sum(self, node: Any, left: str | int, right: str | int) -> None:
        if left != self.one:
            self.put(Step("move", (self.one, left), f"{self.one} = {left}"))
        if isinstance(node.op, ast.Sub) and isinstance(right, str):
            _refuse(node, "only numbers can be subtracted")
        self.put(steps.add(self.one, -right if isinstance(node.op, ast.Sub) else right))

    def do_AugAssign(self, node: Any) -> None:
        if not isinstance(node.target, ast.Name) or not isinstance(node.op, ast.Add | ast.Sub):
            _refuse(node, f"{ast.unparse(node)!r}: only += and -= are understood")
        right = self.operand(node.value, self.two)
        self.sum(node, self.operand(node.target, self.one), right)
        self.set(node, node.target.id, self.one)

    def do_Expr(self, node: Any) -> None:
        call = node.value
        if isinstance(call, ast.Constant):
            return
        name = ast.unparse(call.func) if isinstance(call, ast.Call) else ""
        names = [a.id for a in call.args if isinstance(a, ast.Name)] if name in CALLS else []
        if name not in CALLS or len(names) != len(call.args) or len(names) != CALLS[name] or call.keywords:
            _refuse(node, f"{ast.unparse(node)!r} is not understood")
        if name in ("down", "up") and names[0] not in self.semaphores:
            _refuse(node, f"{names[0]} is no semaphore; write {names[0]} = semaphore(1) at the top")
        self.put(getattr(steps, name)(*names))

    def do_Pass(self, node: Any) -> None:
        pass

    def do_Assert(self, node: Any) -> None:
        test = node.test
        if not isinstance(test, ast.Compare) or len(test.ops) != 1 or type(test.ops[0]) not in COMPARISONS:
            _refuse(node, "assert takes one comparison")
        left, right = self.operand(test.left), self.operand(test.comparators[0])
        self.put(
            steps.expect(left, COMPARISONS[type(test.ops[0])], right),
            f"assert {left}{COMPARISONS[type(test.ops[0])]}{right}",
        )

    def do_With(self, node: Any) -> None:
        said = ", ".join(map(ast.unparse, node.items))
        found = re.fullmatch(r"(lock\()?(\w+)(?(1)\))", said)
        if not found:
            _refuse(node, f"with {said}: is not understood")
        locked, name = found.groups()
        self.put(steps.lock(name) if locked else steps.enter(name))
        self.inside += 1
        self.block(node.body)
        self.inside -= 1
        self.put(steps.unlock(name) if locked else steps.leave(name))

    def do_If(self, node: Any) -> None:
        other, end = self.label(), self.label()
        self.leap(node.test, other, False, f"if {ast.unparse(node.test)}")
        self.block(node.body)
        if node.orelse:
            self.put(steps.jump(end))
        self.put(steps.label(other))
        self.block(node.orelse)
        self.put(steps.label(end))

    def do_While(self, node: Any) -> None:
        top, end = self.label(), self.label()
        self.put(steps.label(top))
        self.leap(node.test, end, False, f"while {ast.unparse(node.test)}")
        self.loop(node, top, end)
        if ast.unparse(node.test) == "True" and self.steps[-3].op == "label":
            _refuse(node, "a loop without any step")

    def do_For(self, node: Any) -> None:
        times = node.iter.args[0] if isinstance(node.iter, ast.Call) and len(node.iter.args) == 1 else None
        count = _read_number(times)
        if count is None or not ast.unparse(node.iter).startswith("range(") or not isinstance(node.target, ast.Name):
            _refuse(node, "for takes range(n) with a number")
        top, end, again, name = self.label(), self.label(), self.label(), node.target.id
        counter = name + "'" * (1 + len(self.loops))  # of its own: the body may set the variable
        self.put(Step("move", (counter, 0), f"for {name} in range({count})"))
        self.put(steps.label(top))
        self.put(steps.branch(counter, ">=", count, end), f"while {name} < {count}")
        if any(isinstance(n, ast.Name) and n.id == name for part in node.body for n in ast.walk(part)):
            self.set(node, name, counter)
        self.known.add(name)
        self.loop(node, again, end, top, counter)

    def loop(self, node: Any, again: str, end: str, top: str = "", name: str = "") -> None:
        self.loops.append((again, end, self.inside))
        self.block(node.body)
        self.loops.pop()
        if name:
            self.put(steps.label(again))
            self.put(steps.add(name, 1), f"{name.rstrip(chr(39))} += 1")
        self.put(steps.jump(top or again))
        self.put(steps.label(end))
        self.block(node.orelse)

    def do_Break(self, node: Any) -> None:
        self.leave_loop(node, 1)

    def do_Continue(self, node: Any) -> None:
        self.leave_loop(node, 0)

    def leave_loop(self, node: Any, where: int) -> None:
        if not self.loops:
            _refuse(node, f"{ast.unparse(node)} outside of a loop")
        if self.loops[-1][2] < self.inside:
            _refuse(node, f"{ast.unparse(node)} out of a with")
        self.put(steps.jump(str(self.loops[-1][where])))

    def leap(self, test: Any, to: str, wanted: bool, said: str) -> None:
        """Go on at a label if a condition is as wanted, else here."""
        if isinstance(test, ast.Constant) and isinstance(test.value, bool):
            if test.value == wanted:
                self.put(steps.jump(to))
        elif isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            self.leap(test.operand, to, not wanted, said)
        elif isinstance(test, ast.BoolOp):
            short = isinstance(test.op, ast.Or)  # what settles the whole: True for or, False for and
            here = self.label()
            for part in test.values[:-1]:
                self.leap(part, to if short == wanted else here, short, f"{said.split()[0]} {ast.unparse(part)}")
            self.leap(test.values[-1], to, wanted, f"{said.split()[0]} {ast.unparse(test.values[-1])}")
            self.put(steps.label(here))
        else:
            left, how, right = test, "!=", ast.Constant(0)
            if isinstance(test, ast.Compare) and len(test.ops) == 1 and type(test.ops[0]) in COMPARISONS:
                left, how, right = test.left, COMPARISONS[type(test.ops[0])], test.comparators[0]
            both = isinstance(right, ast.Name) and right.id in self.shared
            one = self.operand(left, self.one if both else "")
            self.put(steps.branch(one, how if wanted else OPPOSITE[how], self.operand(right), to), said)


@checked(program=text(LONGEST), ready=choice((OWN, *READY)))
def check_threads(program: str, ready: str = OWN) -> ThreadsProof:
    r"""Run typed threads in every way.

    Parameters
    ----------
    program : str
        See `parse_threads`.
    ready : str
        A key of `READY`, whose program is taken instead; or ``"your own"``.

    Raises
    ------
    TypeError, ValueError
        What is not understood, with its line.

    Notes
    -----
    The search stops after 200 000 states; see `check`.

    Examples
    --------
    >>> print(check_threads("x = 0\ndef A():\n    x += 1\ndef B():\n    x += 1"))
    21 states, 20 schedules; outcomes 1: 18, 2: 2; 0 deadlocks, 0 failures, 0 livelocks
    """
    return _check(program if ready == OWN else READY[ready])


@lru_cache(maxsize=64)
def _check(program: str) -> ThreadsProof:
    typed = parse_threads(program)
    threads = typed.threads
    verdict = check(
        *threads.values(), shared=typed.shared, names=tuple(threads), semaphores=typed.semaphores, limit=LIMIT
    )
    return ThreadsProof(verdict, program)
