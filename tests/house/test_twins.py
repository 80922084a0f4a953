"""Every file of kernels has a naive twin that a test compares it with, and the rule catches a kernel without one.

A twin is a function or class in tests/naive/ that bears the name of the kernel's file, or is named for it in TWINS.
"""

import ast
from pathlib import Path

import pytest

from tools.sources import PACKAGE

TESTS = Path(__file__).resolve().parents[1]
TWINS = {  # file of kernels: twin in tests/naive, or in the test named
    "ai/prime_kernel": "naive/primes.count_primes",
    "devices/receive_kernel": "naive/packet_receiver.receive",
    "machine/pointer_chase": "naive/small.followed",
    "memory/traces/trace": "naive/small.renumbered",
    "memory/replacement/frame_table": "naive/replacement.noting",
    "memory/replacement/linked_lists": "naive/replacement.lru",
    "memory/replacement/result": "naive/small.places",
    "memory/reuse_distance": "naive/replacement.stack_depths",
    "memory/tlb/lru_sets": "naive/tlb.Cache",
    "memory/traces/zipf": "naive/small.first_above",
    "processes/server": "naive/serving.serve",
    "scheduling/load_balancing": "naive/small.fewest_first",
    "scheduling/engine": "naive/scheduling.run",
    "scheduling/heap": "naive/small.Sorted",
    "scheduling/measure/run_queue_costs": "scheduling/test_run_queue_costs.naive_turns",
    "scheduling/red_black_tree": "naive/trees.Tree",
    "scheduling/ring": "naive/scheduling.Fifo",
    "synchronization/state_space": "naive/interleaving.enumerate_schedules",
}
KERNELS = {"kernel", "lean", "hook"}


def kernel_files(package):
    """Yield the files under a package that define kernels, as "wing/…/name"."""
    for file in sorted(package.rglob("*.py")):
        functions = [node for node in ast.walk(ast.parse(file.read_bytes())) if isinstance(node, ast.FunctionDef)]
        if file.name != "_jit.py" and any(getattr(d, "id", "") in KERNELS for f in functions for d in f.decorator_list):
            yield file.relative_to(package).with_suffix("").as_posix()


def defined(file):
    """Return the names of the functions and classes of a file."""
    return {node.name for node in ast.parse(file.read_bytes()).body if isinstance(node, ast.FunctionDef | ast.ClassDef)}


def without_twin(package, tests, twins):
    """Yield what is wrong: a file of kernels without a twin, a twin that is not there, or that no test takes."""
    naive = {file.stem: defined(file) for file in (tests / "naive").glob("*.py")}
    used = "\n".join(file.read_text() for file in tests.rglob("test_*.py") if file.parent.name != "house")
    for kernels in kernel_files(package):
        stem = kernels.rpartition("/")[2]
        if kernels in twins:
            module, _, name = twins[kernels].rpartition(".")
            file = tests / f"{module}.py"
            if not file.exists() or name not in defined(file):
                yield f"{kernels}: its twin {twins[kernels]} is not there"
                continue
        else:
            module = next((m for m, names in naive.items() if stem in {n.lower().rstrip("_") for n in names}), None)
            if module is None:
                yield f"{kernels}: no twin in tests/naive"
                continue
            module = f"naive/{module}"
        name = module.rpartition("/")[2]
        taken = f"from tests.naive.{name} import", f"from tests.naive import {name}"
        if module.startswith("naive/") and not any(line in used for line in taken):
            yield f"{kernels}: no test takes its twin in {module}.py"
    for stale in set(twins) - set(kernel_files(package)):
        yield f"{stale}: has no kernels, but a twin is named for it"


def test_every_kernel_has_a_twin():
    assert list(without_twin(PACKAGE, TESTS, TWINS)) == []


@pytest.mark.parametrize(
    ("files", "twins", "says"),
    [
        ({"oslab/w/clock.py": "@kernel\ndef f(): pass"}, {}, "no twin in tests/naive"),
        (
            {"oslab/w/clock.py": "@kernel\ndef f(): pass", "tests/naive/w.py": "def clock(): pass"},
            {},
            "no test takes its twin",
        ),
        ({"oslab/w/clock.py": "@hook\ndef f(): pass"}, {"w/clock": "naive/w.hands"}, "is not there"),
        ({"oslab/w/clock.py": "def f(): pass"}, {"w/clock": "naive/w.hands"}, "has no kernels"),
        (
            {
                "oslab/w/clock.py": "@lean\ndef f(): pass",
                "tests/naive/w.py": "class Clock: pass",
                "tests/w/test_w.py": "from tests.naive.w import Clock",
            },
            {},
            "",
        ),
    ],
)
def test_a_planted_breach_is_caught(tmp_path, files, twins, says):
    for name, text in files.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    found = " ".join(without_twin(tmp_path / "oslab", tmp_path / "tests", twins))
    assert says in found if says else not found
