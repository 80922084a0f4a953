"""A real JupyterLab server with the course's configuration, on a copy of some notebooks."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from oslab.course.launch import lab_arguments, lab_environment

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 120


@dataclass(frozen=True)
class Server:
    """A running server: its address, its token, the folder it serves."""

    url: str
    token: str
    folder: Path

    def request(self, method: str, path: str) -> bytes:
        """Return what the server answers to a request of its REST interface."""
        headers = {"Authorization": f"token {self.token}"}
        with urllib.request.urlopen(
            urllib.request.Request(self.url + path, method=method, headers=headers), timeout=10
        ) as answer:
            return answer.read()

    def stop_kernels(self) -> None:
        """End every session, so that a notebook is next opened without its kernel."""
        for session in json.loads(self.request("GET", "/api/sessions")):
            self.request("DELETE", f"/api/sessions/{session['id']}")


@contextlib.contextmanager
def running(notebooks: Iterable[Path], home: Path) -> Iterator[Server]:
    """Start `jupyter lab` on copies of `notebooks` under `home`, and stop it in the end.

    Raises
    ------
    RuntimeError
        It ended, or did not answer in time; the message has the end of its log.
    """
    folder = home / "notebooks"
    folder.mkdir(parents=True)
    for path in notebooks:
        shutil.copy(path, folder)
    token = secrets.token_hex(16)
    own = {
        f"JUPYTER{name}_DIR": str(home / name.lower().strip("_"))
        for name in ("_CONFIG", "_RUNTIME", "LAB_SETTINGS", "LAB_WORKSPACES")
    }
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    env = {
        **os.environ,
        **lab_environment(),
        **own,
        "OSLAB_PROGRESS": str(home / "progress.sqlite"),
        "PYTHONPATH": path,
        "JUPYTER_TOKEN": token,
    }
    command = [
        sys.executable,
        "-m",
        "jupyterlab",
        *lab_arguments(folder),
        "--no-browser",
        "--ServerApp.port_retries=0",
        f"--ServerApp.port={(port := free_port())}",
        "--LabApp.expose_app_in_browser=True",
    ]
    with started(command, port, env, home) as url:
        yield Server(url, token, folder)


@contextlib.contextmanager
def voila(notebook: Path, home: Path) -> Iterator[str]:
    """Start Voilà on a notebook as `make voila` does, yield its address, and stop it in the end.

    Raises
    ------
    RuntimeError
        As for `running`.
    """
    env = {**os.environ, "OSLAB_LECTURE": "1", "OSLAB_PROGRESS": str(home / "progress.sqlite"), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "voila", "--Voila.ip=127.0.0.1", "--no-browser", f"--port={(port := free_port())}"]
    with started([*command, str(notebook)], port, env, home) as url:
        yield url


def free_port() -> int:
    """Return a port of this machine on which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@contextlib.contextmanager
def started(
    command: list[str], port: int, env: dict[str, str], home: Path, cwd: Path | None = None, patience: float = PATIENCE
) -> Iterator[str]:
    """Start a server, yield its address once it answers on `port`, and end it with its kernels; log in `home`.

    Raises
    ------
    RuntimeError
        As for `running`.
    """
    log = home / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(command, env=env, stdout=out, stderr=out, cwd=cwd or home, start_new_session=True)
    try:
        _wait(port, process, log, patience)
        yield f"http://127.0.0.1:{port}"
    finally:
        for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
            if process.poll() is None:
                with contextlib.suppress(ProcessLookupError, subprocess.TimeoutExpired):
                    os.killpg(process.pid, sign)
                    process.wait(10 if sign != signal.SIGINT else 0.5)


def _wait(port: int, process: subprocess.Popen, log: Path, patience: float) -> None:
    end = time.monotonic() + patience
    while process.poll() is None and time.monotonic() < end:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.2)
    raise RuntimeError(f"{log.parent.name}: the server did not start:\n{log.read_text(errors='replace')[-2000:]}")
