"""``python -m tools.recipes``: follow the recipes of CONTRIBUTING.md to the letter, all in one fresh clone.

A fenced block whose first line names a file is written to it (``+``: at its end; ``after LINE``: behind that line);
a block of ``sh`` is run, ``python`` being the one that runs this.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tools.sources import ROOT

BLOCK = re.compile(r"^```(\w+)(?: (\S+)(?: (\+|after [^\n]+))?)?\n(.*?)^```$", re.M | re.S)
RECIPES = ("Add a replacement policy", "Add a lab", "Add a measurement", "Add a question")


def blocks(text: str) -> Iterator[tuple[str, str, str, str]]:
    """Yield language, file, where in the file, and content of each block of the recipes."""
    for section in re.split(r"^## ", text, flags=re.M):
        if section.startswith(RECIPES):
            yield from BLOCK.findall(section)


def apply(folder: Path, file: str, where: str, content: str) -> None:
    """Write a block to its file.

    Raises
    ------
    ValueError
        The line behind which it belongs is not there.
    """
    path = folder / file
    if not where:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
        return
    text = path.read_text(encoding="utf-8")
    if where == "+":
        path.write_text(text + content, encoding="utf-8")
        return
    line = where.removeprefix("after ") + "\n"
    if text.count(line) != 1:
        raise ValueError(f"{file}: {line.strip()!r} stands in it {text.count(line)} times")
    path.write_text(text.replace(line, line + content), encoding="utf-8")


def main() -> int:
    """Follow the recipes; return 1 if a step fails."""
    with tempfile.TemporaryDirectory() as home:
        clone = Path(home) / "clone"
        subprocess.run(["git", "clone", "-q", ROOT, clone], check=True)
        environment = {**os.environ, "PYTHONPATH": str(clone)}
        failed = 0
        for language, file, where, content in blocks((clone / "CONTRIBUTING.md").read_text(encoding="utf-8")):
            if language != "sh":
                apply(clone, file, where, content)
                continue
            for line in content.splitlines():
                command = re.sub(r"^python ", f"{sys.executable} ", line)
                done = subprocess.run(command, shell=True, cwd=clone, env=environment, capture_output=True, text=True)
                failed += done.returncode != 0
                print(f"{'ok' if done.returncode == 0 else 'FAILED'}: {line}", flush=True)
                if done.returncode:
                    print(done.stdout[-3000:], done.stderr[-3000:])
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
