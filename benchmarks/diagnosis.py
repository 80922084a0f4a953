"""How often lab 6 names the right cause: loops with known causes, on parameters that the rules were not tuned on.

A loop is made so that one cause, or two, take nearly all of its time; its other knobs are drawn at random.  It is *right*
when the first cause named was made, and no cause is named that was not; *not sure* and *wrong* are counted apart, and
so is how often both of two were named.  Where five causes take a fifth of the time each, "not sure" is right.

``--busy 2`` keeps two CPUs busy beside it.  Then, or while somebody else takes more than a fifth of a CPU, other programs
are a cause too, and may be named as well; what is named of the loop's own must be right all the same, and to name
nothing but other programs is "not sure".

    python benchmarks/diagnosis.py --each 6 --seed 1 --busy 2
"""

from __future__ import annotations

import argparse
import contextlib
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from oslab.ai.diagnosis import diagnose
from oslab.ai.measure.observed_loop import observe

DISTURBED = 0.2


def light(draw: np.random.Generator) -> dict[str, Any]:
    """Loaders that are never late."""
    return {"workers": 1, "batch": int(draw.integers(2, 16)), "decode": float(draw.uniform(0.02, 0.06))}


MADE: dict[tuple[str, ...], Callable[[np.random.Generator], dict[str, Any]]] = {
    ("loading",): lambda d: {
        "workers": int(d.integers(0, 2)),
        "batch": int(d.integers(4, 20)),
        "decode": d.uniform(3, 9),
    },
    ("storage",): lambda d: light(d) | {"workers": int(d.integers(1, 3)), "storage": d.uniform(2, 8)},
    ("cpu",): lambda d: light(d) | {"threads": int(d.integers(6, 12))},
    ("quota",): lambda d: light(d) | {"quota": d.uniform(0.15, 0.45)},
    ("memory",): lambda d: light(d) | {"batch": int(d.integers(1, 4)), "traffic": d.uniform(150, 500)},
    ("faults",): lambda d: light(d) | {"batch": int(d.integers(1, 4)), "fresh": d.uniform(40, 160)},
    ("compute",): lambda d: light(d),
    ("quota", "loading"): lambda d: {
        "workers": int(d.integers(0, 2)),
        "batch": int(d.integers(4, 12)),
        "decode": d.uniform(4, 9),
        "quota": d.uniform(0.4, 0.6),
    },
    ("cpu", "loading"): lambda d: {
        "workers": 1,
        "batch": int(d.integers(4, 12)),
        "decode": d.uniform(4, 9),
        "threads": int(d.integers(4, 6)),
    },
    ("storage", "loading"): lambda d: (
        lambda ms: {"workers": 1, "batch": int(d.integers(4, 12)), "decode": ms, "storage": ms * d.uniform(0.7, 1.4)}
    )(d.uniform(3, 8)),
    ("quota", "storage"): lambda d: light(d) | {"storage": d.uniform(4, 10), "quota": d.uniform(0.4, 0.6)},
    (): lambda d: (
        lambda ms: {
            "workers": 0,
            "batch": int(ms / 0.2),
            "decode": 0.2,
            "storage": 0.2,
            "traffic": 24 * ms,
            "fresh": 2.2 * ms,
        }
    )(d.uniform(2, 6)),
    ("quota", "memory"): lambda d: (
        light(d) | {"batch": 1, "traffic": d.uniform(200, 500), "quota": d.uniform(0.4, 0.6)}
    ),
}


def grade(made: tuple[str, ...], evidence: Any, found: Any) -> str:
    """Return ``right``, ``wrong`` or ``not sure``."""
    own = [cause for cause in found.causes if cause != "others"]
    if "others" in found.causes and evidence.others <= DISTURBED:
        return "wrong"
    if not made:
        return "wrong" if own else "right"
    return "not sure" if not own else "right" if own[0] in made and set(own) <= set(made) else "wrong"


@contextlib.contextmanager
def busy(count: int) -> Iterator[None]:
    """Keep so many CPUs busy."""
    loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"], start_new_session=True) for _ in range(count)]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--each", type=int, default=6, help="loops for each cause or pair")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--busy", type=int, default=0, help="CPUs kept busy beside it")
    parser.add_argument("--json", help="where to write all of it")
    given = parser.parse_args()
    with busy(given.busy):
        compare(given)


def compare(given: argparse.Namespace) -> None:
    """Make the loops, print the table."""
    draw, grades, rows, both, disturbed = np.random.default_rng(given.seed), Counter(), [], Counter(), []
    for made, knobs_of in MADE.items():
        mine: Counter[str] = Counter()
        for _ in range(given.each):
            knobs = knobs_of(draw)
            evidence = observe(1.5, **knobs)
            found = diagnose(evidence)
            mark = grade(made, evidence, found)
            mine[mark] += 1
            disturbed.append(evidence.others)
            if len(made) == 2 and mark == "right":
                both[set(made) <= set(found.causes)] += 1
            if mark != "right":
                print(
                    "   ",
                    {k: round(v, 2) for k, v in knobs.items()},
                    "→",
                    found.verdict,
                    {k: round(float(v), 2) for k, v in found.shares.items() if v > 0.05},
                    flush=True,
                )
            rows.append(
                {"made": made, "knobs": knobs, "grade": mark, "named": found.causes, "evidence": vars(evidence)}
            )
        grades += mine
        told = ", ".join(f"{n} {mark}" for mark, n in mine.most_common())
        print(f"{' + '.join(made) or 'none of five':<20}", told, flush=True)
    print(
        f"\nright {grades['right']} of {len(rows)} ({grades['right'] / len(rows):.0%}), not sure {grades['not sure']}, "
        f"wrong {grades['wrong']}; of two causes both were named {both[True]} of {sum(both.values())} times; "
        f"other programs had {np.median(disturbed):.2f} CPUs (median)"
    )
    if given.json:
        with open(given.json, "w") as file:
            json.dump({"grades": dict(grades), "runs": rows}, file, indent=1)


if __name__ == "__main__":
    main()
