"""Run one of the programs."""

import sys

from benchmarks.known_causes import computing, sharing, waiting  # noqa: F401
from benchmarks.known_causes.registry import PROGRAMS

if __name__ == "__main__":
    PROGRAMS[sys.argv[1]].run()
