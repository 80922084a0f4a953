"""Write constraints.txt: the newest versions that pip picks, for each of several Pythons.

``python -m tools.constraints python3.11 python3.13`` asks pip of each of these Pythons what it would install
with every extra; where they differ, the line gets a marker.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HEAD = "# Tested versions, written by `python -m tools.constraints`; pyproject.toml says what is needed.\n"


def resolve(python: str) -> tuple[tuple[int, int], dict[str, str]]:
    """Return a Python's version and the versions that pip would install for it, by package."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *(p for extra in project["optional-dependencies"].values() for p in extra)]
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([python, "-m", "venv", folder], check=True)
        inside, report = Path(folder) / "bin/python", Path(folder) / "report.json"
        subprocess.run([inside, "-m", "pip", "install", "-q", "--upgrade", "pip"], check=True)
        subprocess.run(
            [inside, "-m", "pip", "install", "-q", "--dry-run", "--ignore-installed", "--report", report, *wanted],
            check=True,
        )
        found = json.loads(report.read_text())
    major, minor = found["environment"]["python_version"].split(".")
    items = (item["metadata"] for item in found["install"])
    return (int(major), int(minor)), {re.sub(r"[-_.]+", "-", m["name"]).lower(): m["version"] for m in items}


def merge(found: dict[tuple[int, int], dict[str, str]]) -> list[str]:
    """Return the lines of a constraints file, one or more a package, from the versions for each Python.

    A version holds from its Python up to the next one for which another was picked.
    """
    lines = []
    for name in sorted({name for versions in found.values() for name in versions}):
        runs: list[list] = []
        for python in sorted(found):
            version = found[python].get(name)
            if version is not None and (not runs or runs[-1][1] != version):
                runs.append([python, version])
        for k, (python, version) in enumerate(runs):
            bounds = [f'python_version >= "{python[0]}.{python[1]}"'] if k else []
            if k + 1 < len(runs):
                after = runs[k + 1][0]
                bounds.append(f'python_version < "{after[0]}.{after[1]}"')
            lines.append(f"{name}=={version}" + (f" ; {' and '.join(bounds)}" if bounds else ""))
    return lines


if __name__ == "__main__":
    lines = merge(dict(resolve(python) for python in sys.argv[1:] or [sys.executable]))
    (ROOT / "constraints.txt").write_text(HEAD + "\n".join(lines) + "\n")
