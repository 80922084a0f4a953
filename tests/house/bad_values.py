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
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

SECONDS = 5
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

# What a function is called with beside the bad value, where it has parameters without defaults.
EXAMPLES: dict[str, dict[str, Any]] = {}


def functions(module: types.ModuleType) -> Iterator[tuple[str, Any]]:
    """Yield the public functions of a wing or room, by name; classes of pictures are driven by labs."""
    for name in sorted(module.__all__):
        found = getattr(module, name)
        if inspect.isfunction(inspect.unwrap(found)) if callable(found) and not inspect.isclass(found) else False:
            yield name, found


def trouble(call: Any, given: dict[str, Any], name: str, bad: Any) -> str:
    """Call with one bad value, and return what is wrong with what came of it, or ''."""
    faulthandler.dump_traceback_later(SECONDS, exit=True)
    begin = time.perf_counter()
    try:
        result = call(**{**given, name: bad})
        if inspect.isgenerator(result):
            result.close()
        return ""
    except (ValueError, TypeError, OSError) as error:
        said = str(error)
        if name not in said:
            return f"{type(error).__name__} does not name it: {said[:160]}"
        if len(said) > 600:
            return f"a message of {len(said)} characters"
        return ""
    except Exception as error:
        return f"{type(error).__name__}: {str(error)[:160]}"
    finally:
        faulthandler.cancel_dump_traceback_later()
        if (seconds := time.perf_counter() - begin) > SECONDS:
            print(f"{seconds:.1f} s", file=sys.stderr)


def main(name: str) -> None:
    """Print a JSON object: function → list of what is wrong."""
    module = importlib.import_module(name)
    found: dict[str, list[str]] = {}
    for function, call in functions(module):
        given = EXAMPLES.get(f"{name.removeprefix('oslab.')}.{function}", {})
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
