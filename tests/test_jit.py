"""Kernels run three ways, and what is kept on disk is never stale.

Each case is a process of its own, over a small package that holds a copy of ``_jit.py``.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from oslab import _jit

HELPER = "from oslab._jit import kernel\n@kernel\ndef helper(x):\n    return x + {}\n"
MAIN = """from oslab._jit import bind, kernel
from oslab.helper import helper
@kernel
def main(a, k):
    return a[k] + helper(0)
@kernel
def loop(n):
    return step(n) * 10
@kernel
def up(n):
    return n + 1
@kernel
def down(n):
    return n - 1
climb = bind(loop, "climb", step=up)
sink = bind(loop, "sink", step=down)
"""
DRIVER = """
import json, sys
import numpy as np
try:
    from numba import config
    before = config.CACHE_DIR, config.BOUNDSCHECK
except ImportError:
    config = None
from oslab import _jit
from oslab.main import climb, main, sink
result = {"value": int(main(np.arange(5), 2)), "climb": int(climb(5)), "sink": int(sink(5))}
if _jit.compiled:
    result["hits"] = sum(sum(k.stats.cache_hits.values()) for k in (main, climb, sink))
    result["misses"] = sum(sum(k.stats.cache_misses.values()) for k in (main, climb, sink))
assert config is None or before == (config.CACHE_DIR, config.BOUNDSCHECK), "numba's settings are not ours"
result["compiled"], result["folder"] = _jit.compiled, str(_jit.cache_folder())
try:
    main(np.arange(5), 7)
    result["checked"] = False
except IndexError:
    result["checked"] = True
print(json.dumps(result))
"""
needs_numba = pytest.mark.skipif(not _jit.compiled, reason="without numba there is nothing to keep")


@pytest.fixture
def package(tmp_path):
    folder = tmp_path / "oslab"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    shutil.copy(_jit.__file__, folder)
    (folder / "helper.py").write_text(HELPER.format(100))
    (folder / "main.py").write_text(MAIN)
    return folder


def run(package, driver=DRIVER, **environment):
    keep = {key: value for key, value in os.environ.items() if not key.startswith(("OSLAB_", "NUMBA_"))}
    environment = {
        **keep,
        "OSLAB_CACHE_DIR": str(package.parent / "cache"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPATH": str(package.parent),
        **environment,
    }
    done = subprocess.run(
        [sys.executable, "-c", driver], env=environment, capture_output=True, text=True, cwd=package.parent, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@needs_numba
def test_a_second_process_loads_and_does_not_compile(package):
    first, second = run(package), run(package)
    assert first["value"] == second["value"] == 102
    assert (first["climb"], first["sink"]) == (second["climb"], second["sink"]) == (60, 40)
    assert (first["hits"], first["misses"]) == (0, 3)
    assert (second["hits"], second["misses"]) == (3, 0)


@needs_numba
def test_an_edited_helper_in_another_file_is_never_stale(package):
    assert run(package)["value"] == 102
    (package / "helper.py").write_text(HELPER.format(200))
    edited = run(package)
    assert (edited["value"], edited["hits"]) == (202, 0)
    (package / "helper.py").write_text(HELPER.format(100))
    back = run(package)
    assert (back["value"], back["misses"]) == (102, 0)


@needs_numba
def test_an_edit_under_a_running_process_is_not_kept(package):
    driver = (
        "import pathlib, oslab._jit as j; j.cache_folder()\n"
        "p = pathlib.Path('oslab/helper.py'); old = p.read_text()\n"
        "p.write_text(old.replace('100', '300'))\n" + DRIVER + "\np.write_text(old)"
    )
    assert run(package, driver)["value"] == 302
    fresh = run(package)
    assert (fresh["value"], fresh["hits"]) == (102, 0)


@needs_numba
def test_checked_kernels_are_apart(package):
    plain = run(package)
    checked = run(package, OSLAB_BOUNDSCHECK="1")
    assert not plain["checked"]
    assert checked["checked"]
    assert checked["folder"] != plain["folder"]
    assert run(package, NUMBA_BOUNDSCHECK="1")["folder"] == checked["folder"]


@needs_numba
def test_without_a_writable_place_it_compiles_in_memory(package):
    result = run(package, OSLAB_CACHE_DIR="/dev/null/cache")
    assert (result["value"], result["compiled"], result["hits"]) == (102, True, 0)


@needs_numba
def test_a_damaged_file_is_compiled_anew_and_repaired(package):
    folder = Path(run(package)["folder"])
    for path in folder.iterdir():
        path.write_bytes(b"damaged")
    assert run(package)["value"] == 102
    assert run(package)["misses"] == 0


@needs_numba
@pytest.mark.parametrize("bits", [1, 20])
def test_flipped_bits_are_noticed_before_the_code_is_used(package, bits):
    folder = Path(run(package)["folder"])
    for path in folder.glob("*.nb?"):
        data = bytearray(path.read_bytes())
        for k in range(bits):
            data[(len(data) * (k + 1)) // (bits + 1)] ^= 1 << k % 8
        path.write_bytes(data)
    damaged = run(package)
    assert (damaged["value"], damaged["hits"]) == (102, 0)
    assert run(package)["misses"] == 0, "it was compiled anew and kept"


@needs_numba
def test_a_class_shares_one_folder_that_it_only_reads(package):
    folder = Path(run(package)["folder"])
    before = {path.name: path.read_bytes() for path in folder.glob("*.nb?")}
    own = str(package.parent / "own")
    shared = run(package, OSLAB_CACHE_DIR=own, OSLAB_KERNELS=str(folder.parent))
    assert (shared["value"], shared["misses"]) == (102, 0)
    next(folder.glob("*climb*.nbc")).write_bytes(b"damaged")
    mended = run(package, OSLAB_CACHE_DIR=own, OSLAB_KERNELS=str(folder.parent))
    assert (mended["climb"], mended["misses"]) == (60, 1), "what is damaged there is compiled into the own folder"
    assert run(package, OSLAB_CACHE_DIR=own, OSLAB_KERNELS=str(folder.parent))["misses"] == 0
    assert {p.name for p in folder.glob("*.nb?")} == set(before), "nothing is written there"


@needs_numba
def test_processes_that_start_together_compile_once(package):
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("OSLAB_", "NUMBA_"))}
    environment |= {"OSLAB_CACHE_DIR": str(package.parent / "cache"), "PYTHONPATH": str(package.parent)}
    command = [sys.executable, "-c", DRIVER]
    started = [
        subprocess.Popen(command, env=environment, cwd=package.parent, stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    said = [json.loads(process.communicate(timeout=120)[0].splitlines()[-1]) for process in started]
    assert [s["value"] for s in said] == [102] * 3 and sum(s["misses"] for s in said) == 3
    assert not list(Path(said[0]["folder"]).glob("*.tmp*"))


@pytest.mark.parametrize("environment", [{"OSLAB_JIT": "0"}, {"NUMBA_DISABLE_JIT": "1"}])
def test_plain_python_on_request(package, environment):
    result = run(package, **environment)
    assert (result["value"], result["climb"], result["sink"]) == (102, 60, 40)
    assert not result["compiled"]


def test_plain_python_without_numba(package):
    missing = "import sys; sys.modules['numba'] = None\n"
    result = run(package, missing + DRIVER)
    assert (result["value"], result["compiled"]) == (102, False)


def test_one_loop_is_not_bound_twice_under_one_name(package):
    driver = (
        DRIVER
        + """
from oslab.main import loop, up
try:
    _jit.bind(loop, "climb", step=up)
    print(json.dumps("bound"))
except ValueError as error:
    print(json.dumps(str(error)))
"""
    )
    assert run(package, driver) == "name='climb': loop is bound under it already"


def test_old_folders_are_removed(tmp_path):
    folders = [tmp_path / str(k) for k in range(_jit.KEPT_FOLDERS + 3)]
    for age, folder in enumerate(folders):
        folder.mkdir()
        os.utime(folder, (age, age))
    _jit._prune(folders[0])
    assert sorted(tmp_path.iterdir()) == [folders[0], *folders[3:]]


@needs_numba
def test_names_on_disk_are_apart_for_every_kernel():
    _jit.load_sources()
    caches = [kernel._cache for kernel in _jit.KERNELS]
    names = [cache._impl.filename_base for cache in caches if type(cache).__name__ == "KernelCache"]
    assert len(names) == len(set(names)) > 5


def test_kernels_take_constants_only_from_files_of_kernels():
    """A constant elsewhere would not be part of the folder's name, and could go stale."""
    files = {str(path) for path in _jit.sources()}
    _jit.load_sources()
    for function in _jit.KERNELS:
        plain = getattr(function, "py_func", function)
        module = sys.modules[plain.__module__]
        used = {name for name in plain.__code__.co_names if isinstance(vars(module).get(name), int | float)}
        assert used <= names_from(files, Path(module.__file__)), (plain.__qualname__, used)


def names_from(files, path):
    """Return the names of numbers that `path` defines, or imports from files of kernels."""
    import ast

    names = set()
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.Assign):
            targets = [e for t in node.targets for e in (t.elts if isinstance(t, ast.Tuple) else [t])]
            names |= {target.id for target in targets if isinstance(target, ast.Name)}
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("oslab"):
            source = Path(_jit.__file__).parent.parent / Path(*node.module.split("."))
            if str(source.with_suffix(".py")) in files or str(source / "__init__.py") in files:
                names |= {alias.asname or alias.name for alias in node.names}
    return names


def test_lean_kernels_and_hooks_are_bound_as_what_they_are():
    from oslab.scheduling import engine, red_black_tree
    from oslab.scheduling.policies import POLICIES

    if not _jit.compiled:
        pytest.skip("nothing is compiled here")
    assert engine.admit.oslab_options["forceinline"] and "forceinline" not in engine.loop.oslab_options
    for loop in (engine.loop, red_black_tree.insert, *(POLICIES[key].implementation.loop for key in POLICIES)):
        assert loop.oslab_options == {"_nrt": False}


def test_an_option_that_numba_does_not_know_is_left_out():
    def add(a):
        return a + 1

    assert _jit._made(add, {"no_such_option": True})(2) == 3
