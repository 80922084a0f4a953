"""Fork programs in C: read by pycparser, comments and `#` lines taken out, line and column kept.

A text is a whole program with ``main``, or bare statements, which then stand in one.
"""

import re
from dataclasses import dataclass
from typing import Any, NoReturn

from pycparser import c_ast, c_parser

from oslab.base import checked, shown, text

__all__ = ["FORMS", "ForkProgram", "parse_forks", "refuse"]

LONGEST = 10_000
FORMS = (
    "int and pid_t variables, arithmetic, comparisons, &&, ||, !, ?:, if, for, while, do, fork(), wait(NULL), getpid(), "
    'printf("…", …), exit(…), return, and functions of your own'
)
PRELUDE = "typedef int pid_t;\ntypedef int size_t;\n"
SKIPPED = re.compile(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|/\*.*?\*/|//[^\n]*|^[ \t]*#[^\n]*', re.S | re.M)
DEFINE = re.compile(r"^[ \t]*#[ \t]*define[ \t]+(\w+)[ \t]+\(?(-?\d+)\)?[ \t]*$", re.M)


@dataclass(frozen=True, eq=False)
class ForkProgram:
    """What `parse_forks` returns.

    Attributes
    ----------
    text : str
        As it was given.
    functions : dict of str to FuncDef
        pycparser's nodes, ``main`` among them.
    variables : tuple of Decl
        Those outside of functions.
    constants : dict of str to int
        Of ``#define NAME number``.
    bare : bool
        Whether the text is statements without a ``main``.
    undeclared : tuple of str
        Variables that bare statements use as exercises print them, without a declaration: they are int.
    """

    text: str
    functions: dict[str, c_ast.FuncDef]
    variables: tuple[c_ast.Decl, ...]
    constants: dict[str, int]
    bare: bool
    undeclared: tuple[str, ...]


def refuse(node: Any, why: str, *, unknown: bool = False) -> NoReturn:
    """Raise a `ValueError` that names the line and column of a node; where it is `unknown`, also what is understood."""
    where = f"line {node.coord.line}, column {node.coord.column}: " if getattr(node, "coord", None) else ""
    raise ValueError(f"program, {where}{why}" + f"; understood are {FORMS}" * unknown)


@checked(program=text(LONGEST))
def parse_forks(program: str) -> ForkProgram:
    """Read a fork program.

    Parameters
    ----------
    program : str
        C, at most 10 000 characters: a program with ``main``, or statements such as ``fork(); if (fork()) fork();``.

    Raises
    ------
    TypeError, ValueError
        What cannot be read, with line and column.

    Examples
    --------
    >>> parse_forks("fork(); fork();").bare
    True
    >>> parse_forks("fork(;")
    Traceback (most recent call last):
    ValueError: program, line 1, column 6: not understood before ';'; understood are int and pid_t variables, …
    """
    cleaned = SKIPPED.sub(lambda m: m[0] if m[0][0] in "\"'" else re.sub(r"[^\n]", " ", m[0]), program)
    if not cleaned.strip():
        raise ValueError(f"program: it is empty; understood are {FORMS}")
    bare = not re.search(r"\bmain\s*\(", cleaned)
    head, tail = ("int main(void) {\n", "\n}\n") if bare else ("", "\n")
    parser = c_parser.CParser()
    try:
        tree = parser.parse(f'{PRELUDE}{head}# 1 "program"\n{cleaned}{tail}')
    except c_parser.ParseError as error:
        raise ValueError(f"program, {_locate(parser, str(error), program)}; understood are {FORMS}") from None
    except (RecursionError, AssertionError, AttributeError, IndexError, TypeError):
        raise ValueError(f"program={shown(program)}: it cannot be read; understood are {FORMS}") from None
    functions, variables = {}, []
    for node in tree.ext[2:]:
        if isinstance(node, c_ast.FuncDef):
            functions[node.decl.name] = node
        elif isinstance(node, c_ast.Decl) and not isinstance(node.type, c_ast.FuncDecl):
            variables.append(node)
        elif not isinstance(node, c_ast.Decl):
            refuse(node, f"{type(node).__name__} outside of main is not understood", unknown=True)
    if "main" not in functions:
        raise ValueError(f"program: main has no body; understood are {FORMS}")
    constants = {m[1]: int(m[2]) for m in DEFINE.finditer(program)}
    undeclared = _find_undeclared(functions["main"]) if bare else ()
    return ForkProgram(program, functions, tuple(variables), constants, bare, undeclared)


def _find_undeclared(function: Any) -> tuple[str, ...]:
    """Return the names that are assigned to and not declared, in order."""
    assigned, declared, pending = {}, set(), [function.body]
    while pending:
        node = pending.pop(0)
        kind = type(node).__name__
        if kind == "Decl":
            declared.add(node.name)
        elif kind == "Assignment" and isinstance(node.lvalue, c_ast.ID):
            assigned[node.lvalue.name] = None
        pending += [child for _, child in node.children()]
    return tuple(name for name in assigned if name not in declared)


def _locate(parser: Any, message: str, program: str) -> str:
    """Say a message of pycparser with line and column, which some of them lack."""
    found = re.match(r"[^:]*:(\d+):(\d+): (.*)", message, re.S)
    lines = program.rstrip().splitlines()
    end = len(lines), len(lines[-1])
    if found:
        line, column, said = int(found[1]), int(found[2]), found[3]
    else:
        token = parser._peek()  # where it stopped reading; there is no public way to ask
        line, column = (token.lineno, token.column) if token else end
        said = f"before: {token.value}" if token else ""
    if line > end[0] or not said:
        (line, column), said = end, "something is missing at the end"
    said = re.sub(r"^before: (.*)$", lambda m: f"not understood before {shown(m[1])}", said, flags=re.S)
    return f"line {line}, column {column}: {said}"
