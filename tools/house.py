"""The rules of the house: who may import whom, what is loaded when, names, docstrings, length of files.

A rule takes the package's folder and yields what breaks it; its docstring is the rule.
"""

from __future__ import annotations

import ast
import functools
import subprocess
import sys
from collections.abc import Callable, Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import NamedTuple

from tools.logical_lines import logical_lines

RULES: list[Callable[[Path], Iterator[str]]] = []
LONGEST, FULLEST = 300, 24
PICTURES, WIDGETS = {"matplotlib"}, {"ipywidgets", "anywidget", "traitlets", "IPython"}
BORROWS = {"processes": {"scheduling"}}  # wing → wings that it may import


class May(NamedTuple):
    """What the files of a room may import: modules of oslab by prefix, and packages."""

    modules: tuple[str, ...]
    packages: frozenset[str] = frozenset({"numpy"})


# "wing" stands for the wing's own models: what is in none of its other rooms.
BASE = ("oslab.base", "oslab._jit")
FIGURES, PAGE = frozenset({"numpy", *PICTURES}), frozenset({"numpy", "PIL", "pygments", *PICTURES, *WIDGETS})
ROOMS = {
    "_jit": May((), frozenset({"numba", "numpy", "platformdirs"})),
    "base": May(BASE),
    "picture": May(("oslab.picture", *BASE), PAGE),
    "machine": May(("oslab.machine", *BASE), frozenset({"numpy", "platformdirs", "liburing"})),
    "quizzes": May(("oslab.quizzes", "oslab.picture", *BASE), PAGE | {"jupyter_core", "mistune"}),
    "lab": May(("oslab.lab", "oslab.quizzes", "oslab.picture", "oslab.machine", *BASE), PAGE),
    "model": May(("wing", *BASE), frozenset({"numpy", "pycparser"})),  # pycparser reads the fork lab's C
    "views": May(("oslab.picture", "wing", "wing.views", *BASE), FIGURES),
    "measure": May(
        ("oslab.machine", "wing", "wing.measure", *BASE), frozenset({"numpy", "torch"})
    ),  # torch if it is there
    "questions": May(("oslab.quizzes", "wing", "wing.questions", "oslab.base")),
    "labs": May(("oslab.lab", "oslab.base", "wing", "wing.measure", "wing.questions", "wing.labs")),
    "course": May(("oslab",), PAGE | {"jupyterlab", "jupyter_core", "mistune", "pdoc"}),
    "root": May(("oslab",), frozenset()),
}


def rule(function: Callable[[Path], Iterator[str]]) -> Callable[[Path], Iterator[str]]:
    RULES.append(function)
    return function


def check(package: Path) -> list[str]:
    """Return what is wrong with a package, a sentence each."""
    return [message for each in RULES for message in each(package)]


def files(package: Path) -> Iterator[Path]:
    yield from sorted(package.rglob("*.py"))


def module(package: Path, file: Path) -> str:
    """Return the dotted name by which a file is imported."""
    parts = file.relative_to(package.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room(name: str) -> tuple[str, str]:
    """Return the wing ('' for what belongs to none) and the room of a module."""
    parts = name.split(".")
    if len(parts) < 2 or parts[1] == "__main__":
        return "", "root"
    if parts[1] in ROOMS:
        return "", parts[1]
    inside = parts[2] if len(parts) > 2 else ""
    inside = "questions" if inside == "predictions" else inside  # those asked before a lab
    inside = "measure" if inside.startswith("measure_") else inside
    return parts[1], next((r for r in ("views", "measure", "questions", "labs") if inside == r), "model")


def imports(package: Path, file: Path) -> Iterator[tuple[int, str]]:
    """Yield line and module for everything that a file imports, in functions too, save for type checkers only."""
    name = module(package, file)
    base = name if file.name == "__init__.py" else name.rpartition(".")[0]
    pending: list[ast.AST] = [ast.parse(file.read_bytes())]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            pending.extend(node.orelse)
            continue
        pending.extend(ast.iter_child_nodes(node))
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            up = base.split(".")[: len(base.split(".")) - node.level + 1] if node.level else []
            origin = ".".join([*up, *([node.module] if node.module else [])])
            # "from oslab import memory" imports a module, "from oslab.memory import simulate" a name, from where it is.
            at = package.parent / origin.replace(".", "/")
            own = origin.startswith("oslab")
            lazy = {
                n: source for source, names in (_attached(at / "__init__.py") if own else {}).items() for n in names
            }
            for alias in node.names:
                longer = at / alias.name
                is_module = own and (longer.is_dir() or longer.with_suffix(".py").is_file())
                inside = alias.name if is_module else lazy.get(alias.name)
                yield node.lineno, f"{origin}.{inside}" if inside else origin


def _allowed(importer: str, imported: str) -> bool:
    wing, kind = room(importer)
    may = ROOMS[kind]
    top = imported.split(".")[0]
    if top != "oslab":
        return top in sys.stdlib_module_names or top in may.packages or top == "lazy_loader"
    other, other_kind = room(imported)
    if other and wing:
        if other != wing:
            return other_kind == "model" and other in BORROWS.get(wing, ())
        return ("wing" if other_kind == "model" else f"wing.{other_kind}") in may.modules
    return any(imported == m or imported.startswith(m + ".") for m in may.modules)


@rule
def who_may_import_whom(package: Path) -> Iterator[str]:
    """Views know models, models know kernels; wings do not know each other; lab and machine know no wing.

    Only `_jit` imports numba; models and kernels import of all packages numpy alone.
    """
    for file in files(package):
        importer = module(package, file)
        for line, imported in sorted(set(imports(package, file))):
            if not _allowed(importer, imported):
                who = " ".join(filter(None, room(importer)))
                yield f"{file.relative_to(package.parent)}:{line}: {who} imports {imported}"


@functools.cache
def _attached(file: Path) -> dict[str, list[str]]:
    """The public names that an `__init__.py` loads lazily, by the module in which they are; none without such a file."""
    for node in ast.walk(ast.parse(file.read_bytes())) if file.is_file() else ():
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(".attach"):
            given = {k.arg: k.value for k in node.keywords}
            return ast.literal_eval(given["submod_attrs"]) if "submod_attrs" in given else {}
    return {}


@rule
def no_file_shadows_a_public_name(package: Path) -> Iterator[str]:
    """No file bears the name of something that its package exports: once imported, the module would stand for it."""
    for file in files(package):
        if file.name == "__init__.py":
            here = {p.stem for p in file.parent.iterdir() if p.suffix == ".py" or (p / "__init__.py").exists()}
            for source, names in _attached(file).items():
                for name in sorted(here.intersection(names)):
                    yield f"{(file.parent / name).relative_to(package.parent)}: {source} exports a {name}"


@rule
def public_names_exist(package: Path) -> Iterator[str]:
    """What a package says it loads lazily is defined where it says."""
    for file in files(package):
        for source, names in _attached(file).items() if file.name == "__init__.py" else ():
            inside = file.parent / source.replace(".", "/")
            target = inside / "__init__.py" if inside.is_dir() else inside.with_suffix(".py")
            for name in sorted(set(names) - (_defined(target) if target.exists() else set())):
                yield f"{file.relative_to(package.parent)}: no {name} in {source}"


def _defined(file: Path) -> set[str]:
    """The names that a module has once it is imported: bound in it, loaded lazily, or files beside an `__init__`."""
    tree = ast.parse(file.read_bytes())
    bound = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    bound |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    bound |= {a.asname or a.name for n in tree.body if isinstance(n, ast.Import | ast.ImportFrom) for a in n.names}
    if file.name == "__init__.py":
        bound |= {p.stem for p in file.parent.iterdir()}.union(*_attached(file).values())
    return bound


@rule
def public_names_have_docstrings(package: Path) -> Iterator[str]:
    """Every module, and every public function and class at its top, has a docstring."""
    for file in files(package):
        tree = ast.parse(file.read_bytes())
        where = file.relative_to(package.parent)
        if not ast.get_docstring(tree):
            yield f"{where}: no docstring"
        for node in tree.body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.name[0] != "_":
                if not ast.get_docstring(node):
                    yield f"{where}:{node.lineno}: {node.name} has no docstring"


@rule
def files_are_short(package: Path) -> Iterator[str]:
    """No file has more than 300 logical lines."""
    for file in files(package):
        if (n := logical_lines(file)) > LONGEST:
            yield f"{file.relative_to(package.parent)}: {n} logical lines; at most {LONGEST}"


@rule
def folders_are_small(package: Path) -> Iterator[str]:
    """No folder holds more than 24 files."""
    for folder in sorted({file.parent for file in files(package)}):
        n = sum(path.is_file() for path in folder.iterdir())
        if n > FULLEST:
            yield f"{folder.relative_to(package.parent)}: {n} files; at most {FULLEST}"


@rule
def no_imports_in_circles(package: Path) -> Iterator[str]:
    """No file imports itself by way of others, in functions neither."""
    known = {module(package, file): file for file in files(package)}
    graph = {name: {i for _, i in imports(package, file) if i in known and i != name} for name, file in known.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        yield "a circle of imports: " + " → ".join(reversed(error.args[1]))


@rule
def imports_load_little(package: Path) -> Iterator[str]:
    """`import oslab` and its packages load neither numpy nor numba, models load neither matplotlib nor ipywidgets."""
    names = [module(package, file) for file in files(package) if file.name != "__main__.py"]
    empty = [n for n in names if n.count(".") < 2 and (package.parent / n.replace(".", "/")).is_dir()]
    yield from _loads(package, empty, {"numpy", "numba", *PICTURES, *WIDGETS})
    models = [n for n in names if room(n)[1] in ("model", "machine", "measure", "questions", "_jit")]
    yield from _loads(package, models, PICTURES | WIDGETS)


def _loads(package: Path, names: list[str], unwanted: set[str]) -> Iterator[str]:
    """Import modules one after the other in a new process, and tell the first that loads something unwanted."""
    code = (
        "import importlib, sys\n"
        "for name in sys.argv[2:]:\n"
        "    importlib.import_module(name)\n"
        "    loaded = sorted(set(sys.argv[1].split(',')) & set(sys.modules))\n"
        "    if loaded: sys.exit(f'importing {name} loads ' + ', '.join(loaded))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, ",".join(unwanted), *names],
        cwd=package.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        yield done.stderr.strip().splitlines()[-1]
