"""``python -m tools.wheel_check [PYTHON …]``: the wheel is pure Python, has it all, and opens the course elsewhere.

For each Python of 3.11 to 3.14 at hand (or each named): a clean environment, the wheel with ``[lab]``, notebooks copied
to a new folder, JupyterLab asked once, a chapter run in its kernel; then a second start, which must keep a changed copy.
"""

from __future__ import annotations

import sys
import tempfile
import zipfile
from pathlib import Path

from tools.clean import Environment, copy_tree, pythons
from tools.sources import ROOT

CHAPTER = "03_memory.ipynb"
LICENSES = "LICENSE", "LICENSE-notebooks"


def missing(names: set[str], root: Path = ROOT) -> list[str]:
    """Return what a wheel with these files lacks: code, pages' scripts, recorded runs, notebooks, licenses, configuration."""
    carried = [*(root / "oslab").rglob("*"), *(root / "notebooks").glob("*")]
    wanted = {
        path.relative_to(root).as_posix()
        for path in carried
        if path.is_file() and not {"__pycache__", ".ipynb_checkpoints"} & set(path.parts)
    }
    wanted = {f"oslab/{name}" if name.startswith("notebooks/") else name for name in wanted} - {
        "oslab/course/config/jupyter_server_config.d/oslab.json"
    }  # stands among the data
    ends = ["etc/jupyter/jupyter_server_config.d/oslab.json", *(f"licenses/{name}" for name in LICENSES)]
    return sorted(wanted - names) + [end for end in ends if not any(name.endswith(end) for name in names)]


def build(home: Path) -> Path:
    """Build the wheel from a copy of the tree, in a clean environment, and return where it is.

    Raises
    ------
    RuntimeError
        It is not pure Python, or lacks something.
    """
    tree = copy_tree(home / "tree")
    builder = Environment(home / "builder")
    builder.run(builder.python, "-m", "pip", "wheel", "-q", "--no-deps", "-w", home, tree)
    [wheel] = home.glob("*.whl")
    if not wheel.name.endswith("-py3-none-any.whl"):
        raise RuntimeError(f"{wheel.name} is not pure Python")
    with zipfile.ZipFile(wheel) as content:
        lacks = missing(set(content.namelist()), tree)
    if lacks:
        raise RuntimeError(f"{wheel.name} lacks {', '.join(lacks)}")
    return wheel


def attempt(wheel: Path, home: Path, python: str) -> str:
    """Install the wheel and open the course from it, twice; return what was seen.

    Raises
    ------
    RuntimeError
        Something is not as it should be.
    """
    place = Environment(home, python)
    took = place.install("-c", str(ROOT / "constraints.txt"), f"{wheel}[lab]")
    folder, start = home / "course", (place.python, "-m", "oslab", home / "course")
    with place.server(*start, cwd=home) as server:
        files, page = server.files(), server.opens()
        expected = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))
        if files != expected or f"/lab/tree/{expected[0]}" not in page:
            raise RuntimeError(f"shown are {files}, opened is {page}; wanted are {expected}")
        with server.kernel(CHAPTER) as kernel:
            drawn = kernel.run(folder / CHAPTER)
    copy = folder / CHAPTER
    copy.write_text(copy.read_text(encoding="utf-8").replace("## 1 · ", "## My own 1 · ", 1), encoding="utf-8")
    mine = copy.read_bytes()
    with place.server(*start, cwd=home):
        pass
    if copy.read_bytes() != mine or "kept" not in (home / "log").read_text():
        raise RuntimeError("a second start did not keep the changed copy, or did not say so")
    return (
        f"installed in {took:.0f} s, {len(files)} notebooks, opens on {expected[0]}; {CHAPTER}: "
        f"{len(drawn)} pictures, the first after {drawn[0]:.1f} s, the last, kernels compiled on the way, after "
        f"{drawn[-1]:.0f} s; a changed copy was kept"
    )


def main(named: list[str]) -> int:
    """Build, then try on every Python; return 1 if one failed."""
    failed = 0
    with tempfile.TemporaryDirectory() as place:
        wheel = build(Path(place))
        print(f"{wheel.name}: {wheel.stat().st_size / 1e6:.1f} MB, pure Python, nothing lacks", flush=True)
        for version, python in {path: path for path in named}.items() if named else sorted(pythons().items()):
            label = python if isinstance(version, str) else "Python {}.{}".format(*version)
            try:
                with tempfile.TemporaryDirectory() as home:
                    print(f"{label}: {attempt(wheel, Path(home), python)}", flush=True)
            except (RuntimeError, OSError) as error:
                failed += 1
                print(f"{label}: FAILED: {error}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
