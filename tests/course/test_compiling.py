"""Kernels compiled by several processes: each warmer once, early chapters first; in a copy that has few of them."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from oslab import _jit
from oslab.course.compiling import NUMBERS, Compilers
from oslab.machine import usable_cpus

WARMERS = """import os, pathlib, time
from functools import partial
from oslab._jit import kernel, warmer
@kernel
def add(a, b):
    return a + b
def warm(name):
    with open("log", "a") as log:
        print(name, os.getpid(), file=log)
    if name == "fails":
        raise ValueError(name)
    while name == "waits" and not pathlib.Path("go on").exists():
        time.sleep(0.02)
    add(1, 2)
    time.sleep(0.3)
for chapter, name in {}:
    warmer(chapter)(partial(warm, name))
"""
pytestmark = pytest.mark.skipif(not _jit.compiled, reason="without numba nothing is compiled")


@pytest.fixture
def course(tmp_path, monkeypatch):
    """Return a function that lays a small copy of oslab with these warmers into the current folder."""
    real = Path(_jit.__file__).parent
    package = tmp_path / "oslab"
    (package / "course").mkdir(parents=True)
    for name in ("_jit.py", "course/warm.py", "course/compiling.py"):
        shutil.copy(real / name, package / name)
    for name in ("base", "machine"):
        shutil.copytree(real / name, package / name, ignore=shutil.ignore_patterns("__pycache__", "pointer_chase.py"))
    for name in ("", "course"):
        (package / name / "__init__.py").write_text("")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("OSLAB_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv("OSLAB_KERNELS", raising=False)

    def lay(*warmers):
        (package / "things.py").write_text(WARMERS.format(warmers))

    yield lay
    (tmp_path / "go on").write_text("")


def log():
    return [line.split() for line in Path("log").read_text().splitlines()] if Path("log").exists() else []


def warm(**environment):
    command = [sys.executable, "-m", "oslab.course.warm"]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, env={**os.environ, **environment})


def test_each_warmer_is_called_once_those_of_early_chapters_first(course):
    course((3, "d"), (0, "a"), (2, "c"), (1, "b"))
    first, second = warm(), warm()
    assert first.returncode == 0 and "1 kernels ready" in first.stdout and "of 1" in first.stdout
    assert sorted(name for name, _ in log()) == ["a", "b", "c", "d"] and log()[0][0] == "a"
    assert len({process for _, process in log()}) == (
        1 if os.cpu_count() == 1 else min(4, len(os.sched_getaffinity(0)))
    )
    assert second.returncode == 0 and "1 kernels ready" in second.stdout and len(log()) == 4


def test_the_launch_waits_for_the_first_chapters_only(course):
    course((3, "waits"), (0, "a"), (1, "b"))
    compilers = Compilers()
    assert compilers.begin() and compilers.kernels == 1
    assert compilers.wait(patience=30) and {"a", "b"} <= {name for name, _ in log()}
    assert not compilers.wait(everything=True, patience=0.1), "the last one goes on in the background"
    Path("go on").write_text("")
    assert compilers.wait(everything=True, patience=30)
    assert not Compilers().begin(), "nothing is left to do"


@pytest.mark.skipif(usable_cpus() < 2, reason="one CPU, one process")
def test_a_slow_warmer_keeps_only_its_own_process(course):
    course((0, "waits"), (1, "b"))
    compilers = Compilers()
    assert compilers.begin() and not compilers.wait(patience=0)
    end = time.monotonic() + 30
    while len(log()) < 2 and time.monotonic() < end:
        time.sleep(0.05)
    assert sorted(name for name, _ in log()) == ["b", "waits"] and len({process for _, process in log()}) == 2


def test_what_fails_is_not_waited_for(course):
    course((0, "fails"), (1, "b"))
    failed = warm()
    assert failed.returncode == 1 and "ValueError: fails" in failed.stderr
    begun = time.monotonic()
    compilers = Compilers()
    assert compilers.begin() and not compilers.wait(patience=30) and time.monotonic() - begun < 25


def test_a_class_finds_what_its_folder_has(course, monkeypatch):
    course((0, "a"), (3, "b"))
    warm()
    monkeypatch.setenv("OSLAB_KERNELS", str(Path("cache/kernels").resolve()))
    monkeypatch.setenv("OSLAB_CACHE_DIR", str(Path("own").resolve()))
    assert not Compilers().begin() and len(log()) == 2


@pytest.mark.parametrize("environment", [{"OSLAB_JIT": "0"}, {"OSLAB_CACHE_DIR": "/dev/null/cache"}])
def test_where_nothing_can_be_kept_nothing_is_done(course, environment):
    course((0, "a"))
    said = warm(**environment)
    assert said.returncode == 0 and "Nothing is kept" in said.stdout and not log()


def test_every_warmer_has_a_number():
    _jit.load_sources()
    assert len(_jit.WARMERS) <= len(NUMBERS), "those beyond would never be compiled: give each a number of two bytes"
