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
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from oslab.lab.server.launch import lab_arguments, lab_environment

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
        with urllib.request.urlopen(urllib.request.Request(self.url + path, method=method, headers=headers),
                                    timeout=10) as answer:
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
    folder, log = home / "notebooks", home / "log"
    folder.mkdir(parents=True)
    for path in notebooks:
        shutil.copy(path, folder)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token = secrets.token_hex(16)
    own = {f"JUPYTER{name}_DIR": str(home / name.lower().strip("_"))
           for name in ("_CONFIG", "_RUNTIME", "LAB_SETTINGS", "LAB_WORKSPACES")}
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    env = {**os.environ, **lab_environment(), **own, "OSLAB_PROGRESS": str(home / "progress.sqlite"),
           "PYTHONPATH": path, "JUPYTER_TOKEN": token}
    command = [sys.executable, "-m", "jupyterlab", *lab_arguments(folder), "--no-browser", "--ServerApp.port_retries=0",
               f"--ServerApp.port={port}", "--LabApp.expose_app_in_browser=True"]
    with log.open("wb") as out:
        process = subprocess.Popen(command, env=env, stdout=out, stderr=out, cwd=home, start_new_session=True)
    server = Server(f"http://127.0.0.1:{port}", token, folder)
    try:
        _wait(server, process, log)
        yield server
    finally:
        for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
            if process.poll() is None:
                with contextlib.suppress(ProcessLookupError, subprocess.TimeoutExpired):
                    os.killpg(process.pid, sign)
                    process.wait(10 if sign != signal.SIGINT else 0.5)


def _wait(server: Server, process: subprocess.Popen, log: Path) -> None:
    end = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < end:
        with contextlib.suppress(OSError, urllib.error.URLError):
            server.request("GET", "/api")
            return
        time.sleep(0.2)
    raise RuntimeError(f"jupyter lab did not start:\n{log.read_text(errors='replace')[-2000:]}")
