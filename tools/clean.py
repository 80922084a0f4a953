"""Clean rooms for the slow checks: a copy of the tree, an environment that knows nothing, a server in it, its kernel."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.browser.jupyter import free_port, started
from tools.sources import ROOT

VERSIONS = [(3, minor) for minor in range(11, 15)]
TELLING = "PYTHON", "VIRTUAL_ENV", "JUPYTER", "OSLAB", "NUMBA", "MAKE", "MFLAGS"
PATIENCE = 1800


def copy_tree(target: Path) -> Path:
    """Copy what git would keep of this tree, committed or not, to `target`: what a clone would have."""
    listed = subprocess.run(
        ["git", "ls-files", "-coz", "--exclude-standard"], cwd=ROOT, check=True, capture_output=True
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target / name)
    return target


def pythons() -> dict[tuple[int, int], str]:
    """Return the Pythons at hand that oslab is made for, one for each version: on PATH, or installed by pyenv."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    named = [shutil.which(f"python{a}.{b}") for a, b in VERSIONS] + [shutil.which("python3"), sys.executable]
    found: dict[tuple[int, int], str] = {}
    for path in [*filter(None, named), *map(str, sorted(pyenv.glob("3.1[1-4]*/bin/python"), reverse=True))]:
        tell = "import sys, venv, ensurepip; print(*sys.version_info[:2])"
        said = subprocess.run([path, "-c", tell], capture_output=True, text=True, check=False).stdout.split()
        if len(said) == 2 and (version := (int(said[0]), int(said[1]))) in VERSIONS:
            found.setdefault(version, path)
    return found


class Environment:
    """A new virtual environment, and what a process in it is told of the world.

    Parameters
    ----------
    home : Path
        A folder of its own: environment, home directory and caches lie in it.
    python : str
        The Python that it is made from.

    Attributes
    ----------
    python : Path
    variables : dict of str to str
    """

    def __init__(self, home: Path, python: str = sys.executable):
        self.home = home
        subprocess.run([python, "-m", "venv", home / "env"], check=True, env=self._told())
        self.python = home / "env/bin/python"
        self.variables = self._told()

    def _told(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(TELLING)}
        kept["PATH"] = os.pathsep.join([str(self.home / "env/bin"), kept.get("PATH", os.defpath)])
        for name in ("CACHE", "DATA", "CONFIG"):
            kept[f"XDG_{name}_HOME"] = str(self.home / name.lower())
        folders = {
            f"JUPYTER_{name}_DIR": str(self.home / "jupyter" / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")
        }
        return kept | folders

    def install(self, *wanted: str) -> float:
        """Install by pip, and return how many seconds that took."""
        begin = time.perf_counter()
        self.run(self.python, "-m", "pip", "install", "-q", "--disable-pip-version-check", *wanted)
        return time.perf_counter() - begin

    def run(self, *command: str | Path, cwd: Path | None = None) -> str:
        """Run a command in the environment and return what it printed.

        Raises
        ------
        RuntimeError
            It failed, or took too long; the message has the end of what it said.
        """
        process = subprocess.Popen(
            command,
            cwd=cwd or self.home,
            env=self.variables,
            text=True,
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        try:
            said, _ = process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired as error:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise RuntimeError(f"{' '.join(map(str, command))} was ended after {PATIENCE} s") from error
        if process.returncode:
            raise RuntimeError(f"{' '.join(map(str, command))} ended with {process.returncode}:\n{said[-3000:]}")
        return said

    @contextlib.contextmanager
    def server(self, *command: str | Path, cwd: Path, patience: float = 120) -> Iterator[Server]:
        """Start a command that becomes a Jupyter server, without a browser, and end it in the end.

        Port, token and that no browser is wanted are told by variables and a file, so that any command will do.

        Raises
        ------
        RuntimeError
            It ended, or did not answer in time.
        """
        config, port = self.home / "no-browser", free_port()
        config.mkdir(exist_ok=True)
        for name, told in (
            ("jupyter_config", {"ServerApp": {"open_browser": False, "port_retries": 0}}),
            ("voila", {"Voila": {"open_browser": False, "port": port, "port_retries": 0}}),
        ):
            (config / f"{name}.json").write_text(json.dumps(told))
        token = secrets.token_hex(16)
        env = {
            **self.variables,
            "OSLAB_PROGRESS": str(self.home / "progress.sqlite"),
            "JUPYTER_PORT": str(port),
            "JUPYTER_TOKEN": token,
            "JUPYTER_CONFIG_PATH": str(config),
        }
        with started([str(word) for word in command], port, env, self.home, cwd, patience) as url:
            yield Server(url, token, Path(env["JUPYTER_RUNTIME_DIR"]))


@dataclass(frozen=True)
class Server:
    """A Jupyter server that was started here: its address, its token, where it says which kernels it has."""

    url: str
    token: str
    runtime: Path

    def ask(self, path: str, method: str = "GET", content: dict[str, Any] | None = None) -> bytes:
        """Return what it answers."""
        data = None if content is None else json.dumps(content).encode()
        request = urllib.request.Request(self.url + path, data, {"Authorization": f"token {self.token}"}, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.read()

    def files(self) -> list[str]:
        """Return the notebooks in the folder that it shows, sorted."""
        listed = json.loads(self.ask("/api/contents/"))["content"]
        return sorted(entry["name"] for entry in listed if entry["type"] == "notebook")

    def opens(self) -> str:
        """Return the page on which it opens."""
        return urllib.request.urlopen(f"{self.url}/?token={self.token}", timeout=30).geturl()

    def pid(self) -> int:
        """Return the server's process, as it says itself."""
        return json.loads(next(self.runtime.glob("jpserver-*.json")).read_text())["pid"]

    @contextlib.contextmanager
    def kernel(self, notebook: str) -> Iterator[Kernel]:
        """Open a notebook as JupyterLab does, in a session with a kernel of its own."""
        from jupyter_client import BlockingKernelClient

        begin = time.perf_counter()
        kind = {"kernel": {"name": "python3"}, "name": notebook, "path": notebook, "type": "notebook"}
        session = json.loads(self.ask("/api/sessions", "POST", kind))
        client = BlockingKernelClient(connection_file=str(self.runtime / f"kernel-{session['kernel']['id']}.json"))
        client.load_connection_file()
        client.start_channels()
        try:
            client.wait_for_ready(timeout=60)
            yield Kernel(client, time.perf_counter() - begin)
        finally:
            client.stop_channels()
            self.ask(f"/api/sessions/{session['id']}", "DELETE")


class Kernel:
    """A kernel that a server started.

    Attributes
    ----------
    start : float
        Seconds until it answered.
    pid : int
    """

    def __init__(self, client: Any, start: float):
        self._client, self.start = client, start
        said: list[str] = []
        self.execute("import os; print(os.getpid())", lambda message: said.append(message["content"].get("text", "")))
        self.pid = int("".join(said))

    def execute(self, code: str, hook: Any = lambda message: None) -> None:
        """Run code, handing every message of its output to `hook`.

        Raises
        ------
        RuntimeError
            The code raised.
        """
        reply = self._client.execute_interactive(code, timeout=PATIENCE, output_hook=hook, allow_stdin=False)
        if reply["content"]["status"] != "ok":
            raise RuntimeError(f"{code}\n{reply['content'].get('ename')}: {reply['content'].get('evalue')}")

    def run(self, notebook: Path) -> list[float]:
        """Run every code cell; return after how many seconds each picture came.

        Raises
        ------
        RuntimeError
            A cell raised, or none drew a picture.
        """
        begin, drawn = time.perf_counter(), list[float]()

        def hook(message: dict[str, Any]) -> None:
            if "image/png" in message["content"].get("data", {}):
                drawn.append(time.perf_counter() - begin)

        for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "code":
                self.execute("".join(cell["source"]), hook)
        if not drawn:
            raise RuntimeError(f"{notebook.name} drew no picture")
        return drawn


def memory(pid: int, which: str = "VmRSS") -> float:
    """Return a process's memory in MB (10⁶ bytes): VmRSS, now, or VmHWM, at most so far."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(which)) * 1024 / 1e6
