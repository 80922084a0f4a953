"""One process of a fork program: C's statements and expressions, run with the answers of fork that are known so far."""

import ast
import inspect
import operator
import re
from collections.abc import Callable
from typing import Any

from oslab.base import plural, shown
from oslab.processes.fork_program import ForkProgram, refuse

__all__ = ["FIRST_PID", "Process"]

FIRST_PID = 1000
MOST_STEPS, DEEPEST, MOST_OUTPUT = 20_000, 40, 20_000
CONSTANTS = {"NULL": 0, "EXIT_SUCCESS": 0, "EXIT_FAILURE": 1, "stdout": 1, "stderr": 2}
FORMAT = re.compile(r"%(?:%|[-+ 0#]*\d{0,3}(?:\.\d{1,3})?l{0,2}([diuxXocs]))")


def _divide(a: int, b: int) -> int:
    return abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)


BINARY: dict[str, Callable[[int, int], int]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": _divide,
    "%": lambda a, b: a - b * _divide(a, b),
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
    "&": operator.and_,
    "|": operator.or_,
    "^": operator.xor,
    "<<": lambda a, b: a << b if 0 <= b < 32 else 1 << 40,
    ">>": lambda a, b: a >> b if 0 <= b < 32 else 1 << 40,
}
UNARY: dict[str, Callable[[int], int]] = {"-": operator.neg, "+": operator.pos, "!": operator.not_, "~": operator.inv}


class _Leave(Exception):
    """A loop, a function or the process is left; `how` is ``"break"``, ``"continue"``, ``"return"`` or ``"exit"``."""

    def __init__(self, how: str, value: int = 0, node: Any = None):
        self.how, self.value, self.node = how, value, node


class Output:
    """What a process printed: `written`, and `pending` text, which fork copies; a line end flushes on a terminal."""

    def __init__(self, terminal: bool):
        self.terminal, self.written, self.pending = terminal, "", ""

    def put(self, text: str) -> None:
        self.pending += text
        if self.terminal:
            self.flush(self.pending.rfind("\n") + 1)

    def flush(self, end: int | None = None) -> None:
        """Write all that is pending, or up to a place."""
        end = len(self.pending) if end is None else end
        self.written, self.pending = self.written + self.pending[:end], self.pending[end:]


class Process:
    """A process, run from the program's first line; a child relives its parents' past by the answers they got.

    Parameters
    ----------
    program : ForkProgram
    answers : sequence of int
        What fork has returned in its past, the 0 of its own making last.
    pids : sequence of int
        Of the processes whose past this is, its own last.
    make : callable
        Is given the node of a call of fork, and returns the new child's number.

    Attributes
    ----------
    answers : list of int
    variables : dict of str to int
        Their last values, by name.
    outputs : tuple of Output
        On a terminal; to a file.
    exited : bool
        Whether it ended by ``exit``.
    """

    def __init__(
        self, program: ForkProgram, answers: tuple[int, ...], pids: tuple[int, ...], make: Callable[[Any], int]
    ):
        self._program, self._make, self._pids = program, make, pids
        self.answers, self._next, self._born = [*answers], 0, len(answers)
        self._lives, self._children = 0, []
        self.variables: dict[str, int] = {}
        self.outputs = Output(True), Output(False)
        self._globals: dict[str, int | None] = {**dict.fromkeys(program.undeclared), **program.constants}
        self._scopes: list[dict[str, int | None]] = [self._globals]
        self._steps = self._depth = 0
        self.exited = False

    def live(self) -> None:
        """Run until its end."""
        flush = True
        try:
            for variable in self._program.variables:
                self._globals[variable.name] = 0
                self.run(variable)
            self._call("main", [], self._program.functions["main"])
        except _Leave as end:
            self.exited, flush = True, end.value >= 0
        except RecursionError:
            raise ValueError("program: it is nested too deeply") from None
        for output in self.outputs:
            output.flush(None if flush else 0)

    def run(self, node: Any) -> Any:
        """Run a statement, or return an expression's value."""
        self._steps += 1
        if self._steps > MOST_STEPS:
            refuse(node, f"a process still runs after {MOST_STEPS} steps")
        way = getattr(self, f"_do_{type(node).__name__}", None)
        if way is None:
            refuse(node, f"{type(node).__name__} is not understood", unknown=True)
        return way(node)

    def _number(self, node: Any) -> int:
        value = self.run(node)
        if not isinstance(value, int):
            refuse(node, "a number is needed here")
        return value

    # Statements

    def _do_Compound(self, node: Any) -> None:
        self._scopes.append({})
        for part in node.block_items or ():
            self.run(part)
        self._scopes.pop()

    def _do_DeclList(self, node: Any) -> None:
        for part in node.decls:
            self.run(part)

    def _do_Decl(self, node: Any) -> None:
        names = getattr(getattr(node.type, "type", None), "names", None)
        if type(node.type).__name__ != "TypeDecl" or not names or not {*names} <= {"int", "pid_t", "long", "char"}:
            refuse(node, f"{node.name or 'a declaration'} is no int or pid_t variable", unknown=True)
        self._scopes[-1].setdefault(node.name, None)
        if node.init is not None:
            self._scopes[-1][node.name] = None
            self._assign(node, node.name, self._number(node.init))

    def _do_If(self, node: Any) -> None:
        part = node.iftrue if self._number(node.cond) else node.iffalse
        if part is not None:
            self.run(part)

    def _do_For(self, node: Any) -> None:
        self._scopes.append({})
        if node.init is not None:
            self.run(node.init)
        self._loop(node)
        self._scopes.pop()

    def _do_While(self, node: Any) -> None:
        self._loop(node)

    def _do_DoWhile(self, node: Any) -> None:
        self._loop(node, first=True)

    def _loop(self, node: Any, first: bool = False) -> None:
        depth = len(self._scopes)
        while first or node.cond is None or self._number(node.cond):
            first = False
            try:
                self.run(node.stmt)
            except _Leave as left:
                if left.how not in ("break", "continue"):
                    raise
                del self._scopes[depth:]
                if left.how == "break":
                    return
            if getattr(node, "next", None) is not None:
                self.run(node.next)
            self._steps += 1

    def _do_Break(self, node: Any) -> None:
        raise _Leave("break", node=node)

    def _do_Continue(self, node: Any) -> None:
        raise _Leave("continue", node=node)

    def _do_Return(self, node: Any) -> None:
        raise _Leave("return", self._number(node.expr) if node.expr is not None else 0)

    def _do_EmptyStatement(self, node: Any) -> None:
        pass

    # Expressions

    def _do_ExprList(self, node: Any) -> Any:
        return [self.run(part) for part in node.exprs][-1]

    def _do_Constant(self, node: Any) -> int | str:
        try:
            if node.type in ("string", "char"):
                value = ast.literal_eval(node.value)
                return value if node.type == "string" else ord(value)
            digits = node.value.rstrip("uUlL")
            return self._fit(node, int(digits, 8 if re.fullmatch("0[0-7]+", digits) else 0))
        except (SyntaxError, TypeError, ValueError):
            refuse(node, f"{shown(node.value)} is not a whole number, character or text")

    def _do_ID(self, node: Any) -> int:
        scope = next((s for s in reversed(self._scopes) if node.name in s), CONSTANTS)
        if node.name not in scope:
            refuse(node, f"{node.name} is not declared")
        if scope[node.name] is None:
            refuse(node, f"{node.name} is read before it has a value")
        return scope[node.name]

    def _assign(self, node: Any, name: str, value: int) -> int:
        scope = next((s for s in reversed(self._scopes) if name in s), None)
        if scope is None or (scope is self._globals and name in self._program.constants):
            refuse(node, f"{name} is not a variable")
        scope[name] = self.variables[name] = self._fit(node, value)
        return value

    @staticmethod
    def _fit(node: Any, value: int) -> int:
        if not -(2**31) <= value < 2**31:
            refuse(node, "a number leaves the range of an int")
        return int(value)

    def _do_Assignment(self, node: Any) -> int:
        if type(node.lvalue).__name__ != "ID":
            refuse(node, "only variables can be assigned to")
        value = self._number(node.rvalue)
        if node.op != "=":
            value = self._compute(node, node.op[:-1], self.run(node.lvalue), value)
        return self._assign(node, node.lvalue.name, value)

    def _do_UnaryOp(self, node: Any) -> int:
        if node.op in UNARY:
            return self._fit(node, int(UNARY[node.op](self._number(node.expr))))
        if node.op.strip("p") not in ("++", "--") or type(node.expr).__name__ != "ID":
            refuse(node, f"the operator {node.op} is not understood here")
        old = self.run(node.expr)
        new = self._assign(node, node.expr.name, old + (1 if "+" in node.op else -1))
        return old if node.op[0] == "p" else new

    def _do_BinaryOp(self, node: Any) -> int:
        left = self._number(node.left)
        if node.op in ("&&", "||"):
            return int(bool(self._number(node.right))) if bool(left) == (node.op == "&&") else int(bool(left))
        return self._compute(node, node.op, left, self._number(node.right))

    def _compute(self, node: Any, op: str, left: int, right: int) -> int:
        if op in "/%" and right == 0:
            refuse(node, "a division by zero")
        return self._fit(node, BINARY[op](left, right))

    def _do_TernaryOp(self, node: Any) -> Any:
        return self.run(node.iftrue if self._number(node.cond) else node.iffalse)

    def _do_Cast(self, node: Any) -> Any:
        return self.run(node.expr)

    # Calls

    def _do_FuncCall(self, node: Any) -> Any:
        name = getattr(node.name, "name", "")
        given = [self.run(one) for one in (node.args.exprs if node.args else ())]
        if name in self._program.functions:
            return self._call(name, given, node)
        way = getattr(self, f"_call_{name}", None)
        if way is None:
            refuse(node, f"{name or 'this function'}() is not known", unknown=True)
        try:
            inspect.signature(way).bind(node, *given)
        except TypeError:
            refuse(node, f"{name}() does not take {plural(len(given), 'argument')}")
        return way(node, *given)

    def _call(self, name: str, given: list[int], node: Any) -> int:
        function = self._program.functions[name]
        declared = getattr(function.decl.type.args, "params", ())
        names = [p.name for p in declared if getattr(p, "name", None)] if name != "main" else []
        if len(names) != len(given) or not all(isinstance(one, int) for one in given):
            refuse(node, f"{name}() takes {plural(len(names), 'number')}")
        kept, self._scopes, self._depth = self._scopes, [self._globals, dict(zip(names, given))], self._depth + 1
        if self._depth > DEEPEST:
            refuse(node, f"calls nested more than {DEEPEST} deep")
        try:
            self.run(function.body)
        except _Leave as left:
            if left.how in ("break", "continue"):
                refuse(left.node, f"a {left.how} outside of a loop")
            if left.how == "exit":
                raise
            return left.value
        finally:
            self._scopes, self._depth = kept, self._depth - 1
        return 0

    def _call_fork(self, node: Any) -> int:
        if self._next == len(self.answers):
            self.answers.append(self._make(node))
        answer = self.answers[self._next]
        self._next += 1
        if answer:
            self._children.append(answer)
            return FIRST_PID + answer
        self._lives, self._children = self._lives + 1, []
        for output in self.outputs:  # what was written before its birth was its parent's
            output.written = ""
        return 0

    def _call_wait(self, node: Any, status: int = 0, options: int = 0) -> int:
        if status or options:
            refuse(node, "of wait and waitpid only NULL as the status, and no options,")
        return FIRST_PID + self._children.pop(0) if self._children else -1

    def _call_waitpid(self, node: Any, pid: int = -1, status: int = 0, options: int = 0) -> int:
        if pid - FIRST_PID in self._children:
            self._children.insert(0, self._children.pop(self._children.index(pid - FIRST_PID)))
        elif pid != -1:
            return -1
        return self._call_wait(node, status, options)

    def _call_getpid(self, node: Any) -> int:
        return FIRST_PID + self._pids[self._lives]

    def _call_getppid(self, node: Any) -> int:
        return FIRST_PID + self._pids[self._lives - 1] if self._lives else FIRST_PID - 1

    def _call_sleep(self, node: Any, seconds: int = 0) -> int:
        return 0

    _call_usleep = _call_sleep

    def _call_fflush(self, node: Any, stream: int = 0) -> int:
        for output in self.outputs:
            output.flush()
        return 0

    def _call_exit(self, node: Any, code: int = 0) -> None:
        raise _Leave("exit", 0)

    def _call__exit(self, node: Any, code: int = 0) -> None:
        raise _Leave("exit", -1)  # what is pending is lost

    def _call_puts(self, node: Any, text: str = "") -> int:
        return self._call_printf(node, f"{text}\n".replace("%", "%%"))

    def _call_printf(self, node: Any, form: Any = None, *values: Any) -> int:
        wanted = [m[1] for m in FORMAT.finditer(form)] if isinstance(form, str) else None
        if wanted is None or "%" in FORMAT.sub("", form):
            refuse(node, "printf takes a text with %d, %i, %u, %x, %c or %s")
        kinds = [str if kind == "s" else int for kind in wanted if kind]
        if len(kinds) != len(values) or not all(isinstance(v, k) for v, k in zip(values, kinds)):
            refuse(node, "printf gets other values than its text asks for")
        text = FORMAT.sub(lambda m: m[0].replace("l", ""), form) % values
        for output in self.outputs:
            output.put(text)
        if max(len(o.written) + len(o.pending) for o in self.outputs) > MOST_OUTPUT:
            refuse(node, f"a process prints more than {MOST_OUTPUT} characters")
        return len(text)
