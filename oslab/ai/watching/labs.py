"""What labs 2, 5 and 6 hand to `explore` beside a function and a view."""

from __future__ import annotations

from oslab.ai.counters import HELPERS, LONGEST
from oslab.ai.watching import diagnosing, measured_ways, predictions, watch
from oslab.lab.controls import slider

__all__ = ["PARALLEL", "TRAINING", "WATCHING"]

PARALLEL = {"task": {"count primes below n": "primes", "wait n microseconds": "waits"},
            "n": slider(1000, 1_000_000, log=True), "workers": slider(1, measured_ways.MOST_WORKERS), "cpus": slider(1, 16),
            "lock_share": slider(0.0, 1.0, 0.05, help="of a thread's work that holds the interpreter's lock"),
            "measure": measured_ways.measure_ways, "recorded": measured_ways.ways_run,
            "predict": predictions.waiting_workers}

WATCHING = {"helper": {label: key for key, label in HELPERS.items()}, "seconds": slider(1, LONGEST, unit="s"),
            "process": "helper", "measure": watch.watch, "recorded": watch.watched_runs, "predict": predictions.give_away}

TRAINING = {"workers": slider(0, 4), "batch": slider(1, 32), "decode": slider(0.1, 10.0, 0.1, unit="ms"),
            "threads": slider(1, 8), "quota": slider(0.1, 1.0, 0.1), "traffic": slider(0, 512, 32, unit="MiB"),
            "measure": diagnosing.run_loop, "recorded": diagnosing.loop_runs, "predict": predictions.slowest_part}
