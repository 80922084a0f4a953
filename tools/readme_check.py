"""``python -m tools.readme_check [--only WORDS]``: run every command and every piece of Python that the README shows.

In a copy of the tree, such as a clone would be, with an environment of its own.  A command that starts a server is
started without a browser, asked once, and ended.  Python's output must hold what a comment ``# → …`` promises.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from tools.clean import Environment, copy_tree
from tools.sources import ROOT

FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
INLINE = re.compile(r"`((?:[A-Z_]+=\S+ )?(?:make|python|pytest|pip) [^`]+)`")
SERVERS = re.compile(r"(?:[A-Z_]+=\S+ )?(?:make (?:lab|author|voila)|python -m oslab(?! --fresh))\b(?!\.)")
STANDS_IN = "git clone"  # the copy is what a clone would be


class Piece(NamedTuple):
    """A command, or a piece of Python, as the README shows it."""

    kind: str
    text: str


def pieces(text: str) -> list[Piece]:
    """Return what a README shows to be run, in its order, each once.

    Raises
    ------
    ValueError
        A fenced block whose language is neither sh nor python: it could not be told whether it is to be run.
    """
    found = []
    for match in re.finditer(rf"{FENCED.pattern}|{INLINE.pattern}", text, re.M | re.S):
        language, block, inline = match.groups()
        if inline:
            found.append(Piece("sh", inline))
        elif language == "python":
            found.append(Piece("python", block))
        elif language == "sh":
            found += [Piece("sh", command) for line in block.splitlines() if (command := line.split(" #")[0].strip())]
        else:
            raise ValueError(f"a block of language {language!r}: allowed are sh and python")
    return list(dict.fromkeys(found))


def broken_promises(code: str, output: str) -> list[str]:
    """Return what comments ``# → …`` promise and the output does not hold."""
    return [promised for promised in re.findall(r"# → (.*)$", code, re.M) if promised.strip() not in output]


def attempt(piece: Piece, place: Environment, tree: Path) -> str:
    """Run one piece and return what was seen.

    Raises
    ------
    RuntimeError
        It failed.
    """
    if piece.kind == "python":
        output = place.run(place.python, "-c", piece.text, cwd=tree)
        if broken := broken_promises(piece.text, output):
            raise RuntimeError(f"not printed: {'; '.join(broken)}; printed:\n{output}")
        return f"{len(output.splitlines())} lines printed"
    if piece.text.startswith(STANDS_IN):
        return "not run: the copy stands in for it"
    if SERVERS.match(piece.text):
        with place.server("bash", "-c", piece.text, cwd=tree, patience=900) as server:
            return f"a server, opened on {server.opens().split('?')[0].removeprefix(server.url)}; ended"
    output = place.run("bash", "-c", piece.text, cwd=tree).strip().splitlines()
    return output[-1][:100] if output else "done"


def main() -> int:
    """Run everything; return 1 if something failed."""
    parser = argparse.ArgumentParser(prog="python -m tools.readme_check", description=main.__doc__)
    parser.add_argument("--only", default="", help="only what holds these words")
    only, failed = parser.parse_args().only, 0
    wanted = [piece for piece in pieces((ROOT / "README.md").read_text(encoding="utf-8")) if only in piece.text]
    with tempfile.TemporaryDirectory() as home:
        Path(home).chmod(0o755)  # a test tries what an ordinary user may do
        tree, place = copy_tree(Path(home) / "oslab"), Environment(Path(home))
        place.install("-c", str(ROOT / "constraints.txt"), str(tree))  # what the pieces of Python need
        for piece in wanted:
            begin, name = time.perf_counter(), piece.text if piece.kind == "sh" else piece.text.splitlines()[0] + " …"
            try:
                said = attempt(piece, place, tree)
            except (RuntimeError, OSError) as error:
                failed, said = failed + 1, f"FAILED: {error}"
            print(f"{name}\n    {said} ({time.perf_counter() - begin:.0f} s)", flush=True)
    print(f"{len(wanted) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
