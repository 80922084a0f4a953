"""``python -m oslab``: copy the notebooks, open JupyterLab on the first one."""

import argparse
import os
import sys
import warnings
from pathlib import Path

from oslab.base import Instance, checked, text
from oslab.course.compiling import Compilers
from oslab.course.notebook_copies import copy_notebooks, fresh_copy, originals

__all__ = ["CONFIG", "lab_arguments", "lab_environment", "main"]

PATIENCE = 40.0  # seconds; on a slow machine the course opens before its first kernels are ready
CONFIG = Path(__file__).resolve().parent / "config"
MESSAGES = {
    "new": "{name}: copied",
    "refreshed": "{name}: refreshed, the course has a newer version",
    "kept": "{name}: yours is changed and kept",
    "outdated": "{name}: yours is changed and kept; the course's is newer (rename yours to get it)",
}


@checked(folder=Instance(Path), first=text(1000, optional=True))
def lab_arguments(folder: Path, first: str | None = None) -> list[str]:
    """Return the arguments for ``jupyter lab`` that the course needs: loopback with token, the first notebook."""
    arguments = [f"--ServerApp.root_dir={folder}", "--ServerApp.ip=127.0.0.1", "--Application.log_level=WARN"]
    if first:
        arguments.append(f"--LabApp.default_url=/lab/tree/{first}")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        arguments.append("--ServerApp.allow_root=True")
    return arguments


def lab_environment() -> dict[str, str]:
    """Return the environment variables that make a Jupyter server read the course's configuration."""
    known = os.environ.get("JUPYTER_CONFIG_PATH")
    return {"JUPYTER_CONFIG_PATH": os.pathsep.join([str(CONFIG), *([known] if known else [])])}


def main(arguments: list[str] | None = None) -> int:
    """Copy the notebooks and open JupyterLab; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m oslab",
        description="Open the course in JupyterLab, on your own copies of its notebooks.",
        epilog="Any other option goes to JupyterLab, such as --no-browser or --port=9000.",
    )
    parser.add_argument(
        "folder",
        nargs="?",
        default="my-notebooks",
        type=Path,
        help="where your copies are kept; a changed one is never replaced (default: %(default)s)",
    )
    parser.add_argument("--originals", action="store_true", help="open the course's own notebooks instead")
    parser.add_argument(
        "--fresh", metavar="NOTEBOOK", help="put a fresh copy of one, such as 03, beside yours, and exit"
    )
    given, passed_on = parser.parse_known_args(arguments)
    try:
        if given.fresh:
            print(fresh_copy(given.fresh, given.folder))
            return 0
        source = originals()
        folder = source if given.originals else given.folder.resolve()
        for name, what in {} if given.originals else copy_notebooks(source, folder).items():
            if what in MESSAGES:
                print(MESSAGES[what].format(name=name))
        first = min(path.name for path in source.glob("*.ipynb"))
    except (OSError, ValueError) as error:
        print(f"The notebooks could not be copied: {error}", file=sys.stderr)
        return 1
    compilers = Compilers()
    warnings.filterwarnings("ignore", category=DeprecationWarning)  # Jupyter's own, about itself
    try:
        from jupyterlab.labapp import LabApp
    except ImportError:
        print('JupyterLab is missing: pip install "oslab[lab]"', file=sys.stderr)
        return 1
    os.environ.update(lab_environment())
    if compilers.begin():
        compilers.wait(patience=PATIENCE)
        print("The other labs' kernels are compiled in the background, once; a lab waits only for its own.")
    print("Starting JupyterLab; it prints its address last.", flush=True)
    LabApp.launch_instance([*lab_arguments(folder, first), *passed_on])
    return 0
