"""The C programs of this chapter, found and run."""

from importlib import resources
from pathlib import Path

from oslab.base import Series, checked, choice
from oslab.machine import need, printed_lines
from oslab.machine.recorded import measured

__all__ = ["lines_of", "series_by_threads", "source"]


@checked(name=choice(("bounded_buffer", "lost_updates", "lock_costs")))
def source(name: str) -> Path:
    """Return the file of a C program of this chapter: ``bounded_buffer``, ``lost_updates`` or ``lock_costs``.

    Parameters
    ----------
    name : str
        Of the program, without its ending.
    """
    return Path(str(resources.files("oslab.synchronization"))) / "programs" / f"{name}.c"


def lines_of(name: str, *args: str, seconds: float = 8.0) -> list[str]:
    """Compile and run one of the programs, and return the lines that it prints."""
    need("compiler")
    return printed_lines(source(name), *args, seconds=seconds)


def series_by_threads(label: str, values: dict[int, list[float]], unit: str) -> Series:
    """Return a series of the repeats for each number of threads."""
    return measured(label, list(values), list(zip(*values.values())), unit, x_unit="threads")
