"""Fork programs and the tree of processes that they make.

A process is known by what its forks returned: the program is run with the answers that are known so far, and where it
asks for one more, it goes on as the parent, and a child with the answer 0 is noted to be run later.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["MOST", "ForkTree", "as_c", "count_processes", "parse_forks"]

MOST, DEEPEST, LONGEST = 64, 40, 400
TOKEN = re.compile(r"\s*(&&|\|\||==|[A-Za-z_]+|\d+|[(){};!])")
FORMS = "fork(); if (fork()) … else …; for (3) …; { … }; exit(); conditions from fork(), fork() == 0, !, && and ||"


class _Exit(Exception):
    """A process that ends before its program does."""


@dataclass(frozen=True)
class ForkTree:
    """What `count_processes` returns; process 0 is the first, the others follow by the order of their making, level by level.

    Attributes
    ----------
    program : list
        As nested lists.
    parents : tuple of int
        -1 for the first.
    answers : tuple of tuple of int
        What each process's forks return to it, those before its own making among them: 0 in the child, 1 (a number) in the
        parent.
    exited : tuple of bool
        Whether it ended by ``exit()``.
    """

    program: list
    parents: tuple[int, ...]
    answers: tuple[tuple[int, ...], ...]
    exited: tuple[bool, ...]

    @property
    def count(self) -> int:
        """Number of processes, the first among them."""
        return len(self.parents)

    @property
    def steps(self) -> int:
        """Number of forks that were called."""
        return self.count - 1

    def state(self, step: int) -> tuple[int, ...]:
        """Return the parents of the processes that there are after `step` forks."""
        return self.parents[: step + 1]

    def children(self, process: int) -> list[int]:
        """Return who was made by a process, in order."""
        return [k for k, parent in enumerate(self.parents) if parent == process]

    def depth(self, process: int) -> int:
        """Return how many forks lie between the first process and this one."""
        return 0 if self.parents[process] < 0 else 1 + self.depth(self.parents[process])

    def why(self, step: int) -> str:
        """Return who made process `step`, 1 to `steps`, and what was known to it."""
        parent = self.parents[step]
        place = self.children(parent).index(step) + 1
        return (
            f"P{parent} calls fork for the {_nth(place)} time: P{step} is made there, gets 0, and runs what is left of the "
            f"program; its own forks: {len(self.children(step))}."
        )

    def table(self) -> list[dict[str, Any]]:
        """Return a row a process."""
        return [
            {
                "process": f"P{k}",
                "parent": f"P{p}" if p >= 0 else "the shell",
                "its forks": len(self.children(k)),
                "forks returned": ", ".join("0" if a == 0 else "pid" for a in self.answers[k]),
            }
            for k, p in enumerate(self.parents)
        ]

    def __str__(self) -> str:
        return f"{self.count} processes: " + ", ".join(f"P{k} of P{p}" for k, p in enumerate(self.parents) if p >= 0)


def count_processes(program: str | Sequence) -> ForkTree:
    """Return the tree of processes that a fork program makes.

    Parameters
    ----------
    program : str or list
        Text such as ``"fork(); if (fork()) fork();"``, or nested lists: statements are ``"fork"``, ``"exit"``,
        ``["if", condition, statements, statements]``, ``["repeat", n, statements]``; conditions are ``"fork"``,
        ``["not", c]``, ``["and", c, d]``, ``["or", c, d]``.

    Raises
    ------
    ValueError
        What cannot be read, or more than 64 processes.

    Examples
    --------
    >>> count_processes("fork(); fork();").count
    4
    >>> count_processes(["fork", ["if", "fork", ["fork"], []]]).count
    6
    """
    listed = parse_forks(program) if isinstance(program, str) else _checked(program)
    parents, waiting = [-1], [()]
    answers, exited = [], []
    while waiting:
        me, known = len(answers), waiting.pop(0)
        got = _Answers(known)
        try:
            _run(listed, got)
            exited.append(False)
        except _Exit:
            exited.append(True)
        answers.append(tuple(got.all))
        for k in range(len(known), len(got.all)):
            parents.append(me)
            waiting.append((*got.all[:k], 0))
        if len(parents) > MOST:
            raise ValueError(f"program: it makes more than {MOST} processes; allowed are {MOST}")
    return ForkTree(listed, tuple(parents), tuple(answers), tuple(exited))


class _Answers:
    """What fork returns: the known answers first, then those of a parent."""

    def __init__(self, known: tuple[int, ...]):
        self.all, self._at = [*known], 0

    def fork(self) -> int:
        if self._at == len(self.all):
            if len(self.all) >= DEEPEST:
                raise ValueError(f"program: more than {DEEPEST} forks in one process")
            self.all.append(1)
        self._at += 1
        return self.all[self._at - 1]


def _run(statements: Sequence, got: _Answers) -> None:
    for statement in statements:
        if statement == "fork":
            got.fork()
        elif statement == "exit":
            raise _Exit
        elif statement[0] == "if":
            _run(statement[2] if _holds(statement[1], got) else statement[3], got)
        elif statement[0] == "repeat":
            for _ in range(statement[1]):
                _run(statement[2], got)
        else:
            _holds(statement, got)


def _holds(condition: Any, got: _Answers) -> bool:
    if condition == "fork":
        return got.fork() != 0
    kind, *parts = condition
    if kind == "not":
        return not _holds(parts[0], got)
    if kind == "and":
        return _holds(parts[0], got) and _holds(parts[1], got)
    return _holds(parts[0], got) or _holds(parts[1], got)


def _checked(program: Any) -> list:
    """Return the statements, or raise what is wrong with nested lists."""
    if not isinstance(program, list | tuple):
        raise ValueError(f"program={program!r}: a text or a list of statements")
    for statement in program:
        if statement in ("fork", "exit"):
            continue
        kind = statement[0] if isinstance(statement, list | tuple) and statement else None
        if kind == "if" and len(statement) == 4:
            _checked_condition(statement[1])
            _checked(statement[2]), _checked(statement[3])
        elif kind == "repeat" and len(statement) == 3 and statement[1] in range(1, 11):
            _checked(statement[2])
        elif kind in ("not", "and", "or"):
            _checked_condition(statement)
        else:
            raise ValueError(
                f"statement={statement!r}: allowed are 'fork', 'exit', ['if', condition, then, else], "
                f"['repeat', 1 to 10, statements], and conditions"
            )
    return list(program)


def _checked_condition(condition: Any) -> None:
    sizes = {"not": 2, "and": 3, "or": 3}
    if condition == "fork":
        return
    if not isinstance(condition, list | tuple) or not condition or len(condition) != sizes.get(condition[0]):
        raise ValueError(f"condition={condition!r}: allowed are 'fork', ['not', c], ['and', c, d], ['or', c, d]")
    for part in condition[1:]:
        _checked_condition(part)


def parse_forks(text: str) -> list:
    """Return a fork program's text as nested lists.

    Raises
    ------
    ValueError
        What cannot be read.

    Examples
    --------
    >>> parse_forks("if (fork() == 0) fork(); else { fork() && fork(); }")
    [['if', ['not', 'fork'], ['fork'], [['and', 'fork', 'fork']]]]
    """
    if len(text) > LONGEST:
        raise ValueError(f"program: {len(text)} characters; allowed are {LONGEST}")
    words, at = [], 0
    while text[at:].strip():
        found = TOKEN.match(text, at)
        if not found:
            raise ValueError(f"program: {text[at:].strip()[:12]!r} cannot be read; allowed are {FORMS}")
        words.append(found[1])
        at = found.end()
    reader = _Reader(words)
    statements = []
    while reader.words:
        statements += reader.statement()
    if not statements:
        raise ValueError(f"program: it is empty; allowed are {FORMS}")
    return _checked(statements)


class _Reader:
    """Reads statements from words, by recursive descent."""

    def __init__(self, words: list[str]):
        self.words = words

    def take(self, *wanted: str) -> str:
        if not self.words or (wanted and self.words[0] not in wanted):
            found = repr(self.words[0]) if self.words else "the end"
            raise ValueError(
                f"program: {' or '.join(wanted) or 'more'} is wanted where {found} stands; allowed are {FORMS}"
            )
        return self.words.pop(0)

    def next_is(self, *words: str) -> bool:
        return bool(self.words) and self.words[0] in words

    def statement(self) -> list:
        if self.next_is(";"):
            self.take()
            return []
        if self.next_is("{"):
            self.take()
            inside = []
            while not self.next_is("}"):
                inside += self.statement()
            self.take("}")
            return inside
        if self.next_is("if"):
            self.take()
            self.take("(")
            condition = self.either()
            self.take(")")
            then, other = self.statement(), []
            if self.next_is("else"):
                self.take()
                other = self.statement()
            return [["if", condition, then, other]]
        if self.next_is("for"):
            self.take()
            self.take("(")
            times = int(word) if (word := self.take()).isdigit() else 0
            self.take(")")
            return [["repeat", times, self.statement()]]
        if self.next_is("exit"):
            self.take()
            self.take("(")
            if not self.next_is(")"):
                self.take()
            self.take(")")
            self.take(";")
            return ["exit"]
        whole = self.either()
        self.take(";")
        return [whole]

    def either(self) -> Any:
        left = self.both()
        while self.next_is("||"):
            self.take()
            left = ["or", left, self.both()]
        return left

    def both(self) -> Any:
        left = self.one()
        while self.next_is("&&"):
            self.take()
            left = ["and", left, self.one()]
        return left

    def one(self) -> Any:
        word = self.take("!", "(", "fork")
        if word == "!":
            return ["not", self.one()]
        if word == "(":
            inside: Any = self.either()
            self.take(")")
        else:
            self.take("(")
            self.take(")")
            inside = "fork"
        if self.next_is("=="):
            self.take()
            self.take("0")
            return ["not", inside]
        return inside


def as_c(program: str | Sequence) -> str:
    """Return a fork program as C: each of its processes writes a line ``parent pid`` at its end, and waits for its children."""
    listed = parse_forks(program) if isinstance(program, str) else _checked(program)
    return "\n".join(
        [
            "#include <stdio.h>",
            "#include <stdlib.h>",
            "#include <sys/wait.h>",
            "#include <unistd.h>",
            "",
            "static pid_t parent;",
            "",
            "static int branch(void) {",
            "    pid_t me = getpid(), child = fork();",
            "    if (child < 0) _exit(99);",
            "    if (child == 0) parent = me;",
            "    return child != 0;",
            "}",
            "",
            "static void end(void) {",
            '    dprintf(1, "%d %d\\n", (int)parent, (int)getpid());',
            "    while (wait(NULL) > 0) { }",
            "}",
            "",
            "int main(void) {",
            "    atexit(end);",
            *_lines(listed, "    "),
            "    return 0;",
            "}",
            "",
        ]
    )


def _lines(statements: Sequence, indent: str, loops: int = 0) -> Iterator[str]:
    for statement in statements:
        if statement == "exit":
            yield f"{indent}exit(0);"
        elif statement[0] == "if":
            yield f"{indent}if ({_c(statement[1])}) {{"
            yield from _lines(statement[2], indent + "    ", loops)
            if statement[3]:
                yield f"{indent}}} else {{"
                yield from _lines(statement[3], indent + "    ", loops)
            yield f"{indent}}}"
        elif statement[0] == "repeat":
            i = f"i{loops}"
            yield f"{indent}for (int {i} = 0; {i} < {statement[1]}; {i}++) {{"
            yield from _lines(statement[2], indent + "    ", loops + 1)
            yield f"{indent}}}"
        else:
            yield f"{indent}(void)({_c(statement)});"


def _c(condition: Any) -> str:
    if condition == "fork":
        return "branch()"
    kind, *parts = condition
    if kind == "not":
        return f"!({_c(parts[0])})"
    return f"({_c(parts[0])} {'&&' if kind == 'and' else '||'} {_c(parts[1])})"


def _nth(n: int) -> str:
    return {1: "first", 2: "second", 3: "third"}.get(n, f"{n}th")
