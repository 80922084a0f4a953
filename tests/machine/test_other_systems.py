"""The notebooks where POSIX is missing, as on Windows: all but a few cells run, and those say what they need.

A child process hides the modules and functions that such a system lacks, and runs every code cell.
"""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MOST_THAT_CANNOT = 3

CHILD = r"""
import asyncio, concurrent.futures, contextlib, glob, importlib.abc, io, json, mmap, multiprocessing, os, select, sys
import subprocess, tempfile, time, traceback
import IPython, ipywidgets, matplotlib, numpy, platformdirs

HIDDEN = {"resource", "fcntl", "pwd", "grp", "termios"}


class Without(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name in HIDDEN:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


sys.meta_path.insert(0, Without())
for name in HIDDEN:
    sys.modules.pop(name, None)
for name in dir(os):
    gone = "fork forkpty getpriority setpriority statvfs fstatvfs geteuid getuid getegid getgid nice getloadavg sysconf"
    gone += " posix_fadvise posix_spawn pread pwrite killpg setsid setpgid mkfifo register_at_fork waitid wait3 wait4"
    if name in gone.split() or name.startswith(("sched_", "WIF", "WEX", "WTERM", "WSTOP", "WCORE", "O_DIRECT", "O_DSYNC")):
        delattr(os, name)
for name in dir(mmap):
    if name.startswith(("MADV_", "MAP_", "PROT_")):
        delattr(mmap, name)
for name in ("poll", "epoll"):
    delattr(select, name)

begin = time.monotonic()
for file in sys.argv[1:]:
    with open(file, encoding="utf-8") as text:
        cells = [cell for cell in json.load(text)["cells"] if cell["cell_type"] == "code"]
    names = {}
    for cell in cells:
        printed = io.StringIO()
        error = None
        try:
            with contextlib.redirect_stdout(printed):
                exec("".join(cell["source"]), names)
        except BaseException as caught:
            error = f"{type(caught).__name__}: {caught} :: {traceback.format_exc()}"
        print(json.dumps([os.path.basename(file), cell["id"], error, round(time.monotonic() - begin, 1)]), flush=True)
os._exit(0)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="it is another system")
def test_nearly_all_cells_run_where_posix_is_missing(tmp_path):
    files = sorted(str(file) for file in (ROOT / "notebooks").glob("[0-9]*.ipynb"))
    env = {**os.environ, "MPLBACKEND": "agg", "OSLAB_PROGRESS": str(tmp_path / "progress")}
    done = subprocess.run(
        [sys.executable, "-c", CHILD, *files],
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
        env=env,
        cwd=tmp_path,
    )
    rows = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("[")]
    assert len(rows) > 100, done.stderr[-2000:]
    failed = [row for row in rows if row[2]]
    assert all(row[2].startswith("Unavailable: This needs ") for row in failed), failed
    assert len(failed) <= MOST_THAT_CANNOT, failed


def test_no_module_imports_what_only_posix_has():
    for file in sorted((ROOT / "oslab").rglob("*.py")):
        for node in ast.parse(file.read_bytes()).body:
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else [getattr(node, "module", "")]
            assert not {"resource", "fcntl", "pwd", "grp", "termios"} & set(names), file
