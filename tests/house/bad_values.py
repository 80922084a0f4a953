"""Calls every public function of a module with bad values, one argument at a time, and prints what is wrong, as JSON.

``python -m tests.house.bad_values oslab.memory``; ends with a traceback where a call takes more than five seconds.
"""

from __future__ import annotations

import faulthandler
import importlib
import inspect
import json
import sys
import time
import types
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from oslab.machine import Unavailable

SECONDS, WALL_SECONDS = 5, 60  # of processor time, which other load does not lengthen; of the clock
LONGEST = 600  # characters of a message
BAD: dict[str, Any] = {
    "None": None,
    "a bool": True,
    "NaN": float("nan"),
    "infinity": float("inf"),
    "-infinity": float("-inf"),
    "a negative number": -1,
    "a half": 0.5,
    "a huge number": 10**30,
    "a huge negative number": -(10**30),
    "2**63": 2**63,
    "a fraction": Fraction(1, 3),
    "a decimal": Decimal("1.5"),
    "an int8": np.int8(3),
    "an array without dimensions": np.array(3),
    "an array": np.array([1.5, float("nan")]),
    "an array of objects": np.array([None, "a"], object),
    "a matrix": np.array([[1, 2], [3, 4]]),
    "no text": "",
    "a long text": "x" * 1_000_000,
    "a lone surrogate": "\ud800",
    "bytes": b"abc",
    "an empty list": [],
    "a long list": [1] * 1_000_000,
    "a ragged list": [[1, 2], [3]],
    "a list of None": [None, None],
    "a range without end": range(10**12),
    "a mapping": {"a": 1},
    "an object": object(),
    "a type": int,
}

# `bound` ends the process that calls it; a state of a program comes from the checker, `check` takes threads by place:
# `share_data` gives whatever is a list to programs of its own: the wing's own tests have bad values for these.
ELSEWHERE = {"allocation_graph", "bound", "check", "share_data"}

# What a function is called with beside the bad value, where it has parameters without defaults.
FIRST_COME = type("FirstCome", (), {hook: lambda self, *given: None for hook in ("arrive", "pick", "ran")})
CLAIMS = {"available": [3, 3, 2], "maximum": [[3, 2, 2]], "allocation": [[2, 0, 0]]}
EXAMPLES: dict[str, Callable[[Any], dict[str, Any]]] = {
    "ai.divide": lambda ai: {"root": ai.Group("all", children=(ai.Group("a", wants=1),)), "cpus": 4},
    "ai.fluid_run": lambda ai: {"quota": 50, "period": 100, "running": 2},
    "devices.count_calls": lambda devices: {"operations": 8, "batch": 2},
    "ai.why": lambda ai: {"pid_or_command": 4_194_000, "seconds": 0.5},
    "ai.group_commands": lambda ai: {"root": ai.Group("all", children=(ai.Group("a", wants=1),))},
    "filesystems.divide_disk": lambda fs: {"size": 1 << 30},
    "filesystems.largest_file": lambda fs: {"block_size": 4096},
    "filesystems.read_offset": lambda fs: {"words": "12 blocks"},
    "filesystems.check": lambda fs: {"scenario": "append"},
    "filesystems.crash_states": lambda fs: {"disk": fs.make_disk(), "events": []},
    "filesystems.find_block": lambda fs: {"offset": 5000},
    "machine.chase": lambda machine: {"working_set": 1 << 16, "seconds": 0.01},
    "machine.printed_lines": lambda machine: {"file": Path(__file__)},
    "machine.run_c": lambda machine: {"source": "int main(void) { return 0; }"},
    "memory.access_time_of": lambda memory: {"trace": [1, 2, 3]},
    "memory.effective_access_time": lambda memory: {"hit_ratio": 0.9, "tlb": 1, "memory": 100},
    "memory.curve_in_steps": lambda memory: {"trace": [1, 2, 3]},
    "memory.curves": lambda memory: {"trace": "zipf", "length": 1000, "seed": 1, "trace_options": {}},
    "memory.default_sizes": lambda memory: {"trace": [1, 2, 3]},
    "memory.fault_counts": lambda memory: {"trace": [1, 2, 3]},
    "memory.frames_wanted": lambda memory: {"trace": [1, 2, 3, 1]},
    "memory.load": lambda memory: {"source": "1\n2\n"},
    "memory.record_indices": lambda memory: {"indices": [1, 2], "bytes_per_sample": 100},
    "memory.typed_or_recorded": lambda memory: {"references": "1 2 3"},
    "memory.miss_ratio_curve": lambda memory: {"trace": [1, 2, 3]},
    "memory.replay": lambda memory: {"trace": memory.Trace([1, 2, 3])},
    "memory.sampled_curve": lambda memory: {"trace": [1, 2, 3]},
    "memory.simulate": lambda memory: {"trace": [1, 2, 3, 1], "policy": "lru", "frames": 2},
    "memory.simulate_tlb": lambda memory: {"addresses": [4096, 8192]},
    "memory.split": lambda memory: {"address": 4096},
    "memory.typed_or_drawn": lambda memory: {"references": "1 2 3"},
    "processes.as_c": lambda processes: {"program": "fork(); fork();"},
    "processes.count_processes": lambda processes: {"program": "fork();"},
    "processes.share_pages": lambda processes: {"pages": 4, "events": [("fork", 0)]},
    "scheduling.compare_policies": lambda scheduling: {"workload": scheduling.Workload([0, 1], [2, 3])},
    "scheduling.compared": lambda scheduling: {"workload": scheduling.Workload([0, 1], [2, 3])},
    "scheduling.compare_protocols": lambda scheduling: {"m_burst": 6, "l_section": 4},
    "scheduling.protocols": lambda scheduling: {"m_burst": 6, "l_section": 4},
    "scheduling.follow_newcomer": lambda scheduling: {"arrives": 10, "newcomer": "debit"},
    "scheduling.lately": lambda scheduling: {"arrives": 10, "newcomer": "debit"},
    "scheduling.nice_tasks": lambda scheduling: {"tasks": 3},
    "scheduling.request_beside_batch": lambda s: {"short_slice": 1, "other_slice": 3, "nice_a": 0, "tick": 0},
    "scheduling.tree_at": lambda s: {"schedule": s.nice_tasks(3).schedule, "step": 3},
    "scheduling.judge": lambda scheduling: {"policy": FIRST_COME},
    "scheduling.predicted_bursts": lambda scheduling: {"bursts": [4, 5]},
    "scheduling.simulate": lambda scheduling: {"workload": scheduling.Workload([0, 1], [2, 3]), "policy": "rr"},
    "scheduling.simulate_locks": lambda scheduling: {"tasks": [scheduling.LockTask("L", 0, 1, [1])]},
    "scheduling.typed_or_recorded": lambda scheduling: {"text": "A 0 5"},
    "scheduling.sweep_quantum": lambda scheduling: {"workload": scheduling.Workload([0, 1], [2, 3])},
    "synchronization.add": lambda s: {"target": "r", "value": 1},
    "synchronization.branch": lambda s: {"left": "r", "comparison": "==", "right": 1, "to": "end"},
    "synchronization.check_threads": lambda s: {"program": "def A():\n    x = 1"},
    "synchronization.expect": lambda s: {"left": "x", "comparison": "==", "right": 1},
    "synchronization.load": lambda s: {"register": "r", "variable": "x"},
    "synchronization.store": lambda s: {"variable": "x", "value": 1},
    "synchronization.trylock": lambda s: {"name": "m", "otherwise": "end"},
    "synchronization.wait": lambda s: {"condition": "c", "mutex": "m"},
    "synchronization.play": lambda s: {"threads": [[s.load("r", "x")]], "shared": {"x": 0}},
    "synchronization.buffer_threads": lambda s: {"producers": 1, "consumers": 1, "size": 1},
    "synchronization.decide": lambda s: {**CLAIMS, "process": 0, "request": [1, 0, 0]},
    "synchronization.detect": lambda s: {"available": [1], "allocation": [[1]], "request": [[1]]},
    "synchronization.find_deadlock": lambda s: {"holds": [("A", "x")], "requests": [("A", "y")]},
    "synchronization.is_safe": lambda s: CLAIMS,
    "synchronization.review": lambda s: CLAIMS,
    "synchronization.safe_sequences": lambda s: CLAIMS,
    "synchronization.meals_per_second": lambda s: {"n": 3},
    "synchronization.philosophers": lambda s: {"n": 3},
}


def functions(module: types.ModuleType) -> Iterator[tuple[str, Any]]:
    """Yield the public functions of a wing or room, by name; classes of pictures are driven by labs."""
    for name in sorted(set(module.__all__) - ELSEWHERE):
        found = getattr(module, name)
        if inspect.isfunction(inspect.unwrap(found)) if callable(found) and not inspect.isclass(found) else False:
            yield name, found


def _keys(bad: Any) -> Iterable[str]:
    """The names inside a mapping: of those a message may speak instead."""
    return bad if isinstance(bad, dict) else ()


def trouble(call: Any, given: dict[str, Any], name: str, bad: Any, again: bool = True) -> str:
    """Call with one bad value, and return what is wrong with what came of it, or ''."""
    faulthandler.dump_traceback_later(WALL_SECONDS, exit=True)
    begin = time.process_time()
    wrong = ""
    try:
        result = call(**{**given, name: bad})
        if inspect.isgenerator(result):
            result.close()
    except (ValueError, TypeError, OSError) as error:
        said = str(error)
        if isinstance(error, OSError) and (error.errno or isinstance(error, Unavailable)):
            pass  # the system's own words, or what this machine lacks
        elif not any(word in said for word in (name, name.rstrip("s"), *(f"{key}=" for key in _keys(bad)))):
            wrong = f"{type(error).__name__} does not name it: {said[:160]}"
        elif len(said) > LONGEST:
            wrong = f"a message of {len(said)} characters"
    except Exception as error:
        wrong = f"{type(error).__name__}: {str(error)[:160]}"
    faulthandler.cancel_dump_traceback_later()
    seconds = time.process_time() - begin
    if seconds > SECONDS and again:  # the first call may have compiled a kernel
        return trouble(call, given, name, bad, again=False)
    return wrong or (f"it takes {seconds:.0f} s" if seconds > SECONDS else "")


def main(name: str) -> None:
    """Print a JSON object: function → list of what is wrong."""
    module = importlib.import_module(name)
    found: dict[str, list[str]] = {}
    for function, call in functions(module):
        example = EXAMPLES.get(f"{name.removeprefix('oslab.')}.{function}", lambda module: {})
        given = example(module)
        wrong = found.setdefault(function, [])
        parameters = inspect.signature(call).parameters.values()
        plain = [p for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD, p.POSITIONAL_ONLY)]
        missing = [p.name for p in plain if p.default is p.empty and p.name not in given]
        if len(missing) > 1 or (missing and len(plain) > 1):
            wrong.append(f"EXAMPLES has no {', '.join(missing)} for it")
            continue
        for parameter in plain:
            for kind, bad in BAD.items():
                print(f"{function}({parameter.name}={kind})", file=sys.stderr, flush=True)
                if said := trouble(call, given, parameter.name, bad):
                    wrong.append(f"{parameter.name} = {kind}: {said}")
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1])
