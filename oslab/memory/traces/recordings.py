"""Recorded traces: the pages that real programs touched, as ``tools/record_traces.py`` wrote them down."""

import functools
import io
import json
import lzma
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources

import numpy as np

from oslab.base import checked, choice, memory_size, plural, readable
from oslab.memory.traces.trace import Trace

__all__ = ["RECORDED", "Recording", "recorded"]

LABELS = {"matrix": "matrix product", "sqlite": "SQLite query", "compiler": "C compiler", "sort": "sort"}


@dataclass(frozen=True)
class Recording:
    """What is known of a recorded trace without reading it.

    Attributes
    ----------
    key, label, summary, command : str
        Its name in code and on screen, what the program did, and its command line.
    references, distinct : int
        Length of the trace, and how many pages there are in it.
    data_references, merged : int
        Loads, stores and modifies of the whole run, and what is left when those in a row to one page are merged;
        of a long run the last part is kept.
    instructions : int
        Instruction fetches of the run, which are left out.
    page_size : int
        Bytes.
    date, machine : str
        When, and on what kind of machine.
    """

    key: str
    label: str
    summary: str
    command: str
    references: int
    distinct: int
    merged: int
    data_references: int
    instructions: int
    page_size: int
    date: str
    machine: str

    @property
    def reduction(self) -> str:
        """What was left out, in one sentence."""
        rest = f", of which the last {readable(self.references)} are kept" if self.references < self.merged else ""
        return (
            f"Of {readable(self.data_references)} loads and stores ({memory_size(self.page_size)} pages, the code's own pages "
            f"left out) those that follow one to the same page are dropped, which leaves {readable(self.merged)}{rest}."
        )

    def __str__(self) -> str:
        return (
            f"{self.label}: {self.summary}.  {self.reduction}  {plural(self.distinct, 'page')}.  "
            f"Recorded with valgrind's lackey, {self.date}."
        )


class _Recordings(Mapping[str, Recording]):
    """The recordings by key, read from their notes when first asked for."""

    @functools.cached_property
    def _notes(self) -> dict[str, Recording]:
        notes = json.loads(_data("recordings.json"))
        return {key: Recording(key, label, **notes[key]) for key, label in LABELS.items() if key in notes}

    def __getitem__(self, key: str) -> Recording:
        return self._notes[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._notes)

    def __len__(self) -> int:
        return len(self._notes)

    def __repr__(self) -> str:
        return f"<{len(self)} recorded traces: {', '.join(self)}>"


RECORDED: Mapping[str, Recording] = _Recordings()


@checked(name=choice(RECORDED))
@functools.lru_cache(maxsize=4)
def recorded(name: str) -> Trace:
    """Return a recorded trace; the last few are kept.

    Parameters
    ----------
    name : str
        A key of `RECORDED`.

    Returns
    -------
    Trace
        Page numbers of the run: address divided by 4096.

    Raises
    ------
    ValueError
        No such recording; the message lists those there are.
    """
    with np.load(io.BytesIO(_data(f"{name}.npz"))) as file:
        index = np.frombuffer(lzma.decompress(file["index"].tobytes()), dtype="<u2")
        return Trace(file["pages"][index], RECORDED[name].label)


def _data(name: str) -> bytes:
    return resources.files("oslab.memory.traces").joinpath("data", name).read_bytes()
