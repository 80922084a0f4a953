"""Which sources a notebook's pictures depend on, and a digest of them: how staleness is told."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "oslab"
ALWAYS = {"base", "lab", "picture", "quizzes"}
UNSEEN = {".js", ".css", ".pyc"}  # the page's look; a stored picture does not change with it


def code_of(notebook: dict[str, Any]) -> str:
    """Return the text of the code cells, without lines that only IPython understands."""
    cells = ("".join(c["source"]) for c in notebook["cells"] if c["cell_type"] == "code")
    cells = (text for text in cells if not text.startswith("%%"))
    return "\n".join(line for text in cells for line in text.splitlines() if not line.lstrip().startswith(("%", "!")))


def imported(tree: ast.AST) -> Iterator[str]:
    """Yield the dotted names that a piece of code imports from oslab or reaches as ``oslab.something``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "oslab":
            yield f"oslab.{node.attr}"


def _rooms(names: Iterator[str], package: Path) -> set[str]:
    parts = (name.split(".") for name in names)
    return {p[1] for p in parts if p[0] == "oslab" and len(p) > 1 and (package / p[1] / "__init__.py").exists()}


def rooms_used(notebook: dict[str, Any], package: Path = PACKAGE) -> list[str]:
    """Return the folders of oslab that a notebook's pictures depend on, sorted.

    These are the lab and what it stands on, the wings that its cells name, and the wings that these import.  The
    machine room counts only if a cell names it: stored pictures show recorded runs.
    """
    used, new = set(ALWAYS), _rooms(imported(ast.parse(code_of(notebook))), package)
    while new - used:
        used |= new
        files = (file for room in new for file in (package / room).rglob("*.py"))
        new = {r for f in files for r in _rooms(imported(ast.parse(f.read_bytes())), package)} - {"machine", "course"}
    return sorted(used)


def sources_digest(notebook: dict[str, Any], package: Path = PACKAGE) -> str:
    """Return a digest of a notebook's code cells and of every source that its pictures depend on."""
    digest = hashlib.sha256(code_of(notebook).encode())
    files = {package / "_jit.py", *(f for room in rooms_used(notebook, package) for f in (package / room).rglob("*"))}
    for file in sorted(f for f in files if f.is_file() and f.suffix not in UNSEEN):
        digest.update(str(file.relative_to(package).as_posix()).encode())
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:32]
