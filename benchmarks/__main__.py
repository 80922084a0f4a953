"""Every benchmark in turn: ``python -m benchmarks [name ...]``; each is also a script of its own."""

import runpy
import sys
from pathlib import Path


def main() -> None:
    """Run the benchmarks named, or all."""
    here = Path(__file__).parent
    known = sorted(file.stem for file in here.glob("[a-z]*.py"))
    wanted = sys.argv[1:] or known
    if unknown := set(wanted) - set(known):
        sys.exit(f"no benchmark {', '.join(sorted(unknown))}; known: {', '.join(known)}")
    for name in wanted:
        print(f"\n== {name}", flush=True)
        sys.argv = [name]
        runpy.run_path(str(here / f"{name}.py"), run_name="__main__")


if __name__ == "__main__":
    main()
