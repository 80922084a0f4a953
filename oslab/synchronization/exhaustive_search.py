"""The exhaustive search: arrays that grow, ranges of numbers that widen, schedules counted exactly."""

from __future__ import annotations

import math

import numpy as np

from oslab.synchronization import state_space
from oslab.synchronization.execution import Execution, Move
from oslab.synchronization.thread_compiler import CompiledThreads

__all__ = ["StateSearch"]

FIRST_CAPACITY = 1 << 12
WIDEST = 1 << 60


class StateSearch:
    """Every state of a program that can be reached, up to a limit.

    Parameters
    ----------
    program : CompiledThreads
    limit : int
        Of states.

    Attributes
    ----------
    looped : bool
        Whether threads can go round in circles; known once `count` was called.
    """

    def __init__(self, program: CompiledThreads, limit: int):
        self.program = program
        given = [
            int(program.code[t, pc, x])
            for t, lines in enumerate(program.lines)
            for pc in range(len(lines))
            for x in (state_space.A, state_space.B)
            if program.code[t, pc, x + 1] == 0
        ]
        given += [int(program.start[f]) for f in program.values]
        low, high = min(-1, *given, 0), max(6, *given, 0)
        while not self._explore(low, high, limit):
            value = int(self._at[state_space.VALUE])
            if abs(value) >= WIDEST:
                raise ValueError(f"a value reaches {value}; allowed are those below 2**60")
            low, high = min(low, 2 * value), max(high, 2 * value + 1)

    def _explore(self, low: int, high: int, limit: int) -> bool:
        """StateSearch with numbers in a range; return False if one leaves it."""
        program = self.program
        self.layout, words = program.layout(low, high)
        capacity = min(FIRST_CAPACITY, limit)
        room = len(program.names) ** 2
        self._make(capacity + room, words)
        self._at = np.array([0, 1, -1, 0], np.int64)
        v, w, packed = program.start.copy(), program.start.copy(), np.zeros(words, np.int64)
        if state_space.pack(v, self.layout, packed) >= 0:
            raise ValueError(f"shared={program.shared!r}: a first value is out of range")
        self.states[0] = packed
        state_space.rehash(self.states, 1, self.table)
        while True:
            state_space.explore(
                self.states,
                self.parent,
                self.moved,
                self.degree,
                self.kind,
                self.table,
                program.code,
                program.forget,
                self.layout,
                self._at,
                v,
                w,
                packed,
            )
            if self._at[state_space.OUTSIDE] >= 0:
                return False
            if self.complete or self.found >= limit:
                return True
            self._grow(min(4 * len(self.states), limit + room))

    def _make(self, capacity: int, words: int) -> None:
        self.states = np.zeros((capacity, words), np.int64)
        self.parent, self.moved, self.degree, self.kind = (np.zeros(capacity, np.int64) for _ in range(4))
        self.table = np.full(1 << (2 * capacity).bit_length(), -1, np.int64)

    def _grow(self, capacity: int) -> None:
        old = (self.states, self.parent, self.moved, self.degree, self.kind)
        self._make(capacity, self.states.shape[1])
        for new, before in zip((self.states, self.parent, self.moved, self.degree, self.kind), old):
            new[: len(before)] = before
        state_space.rehash(self.states, self.found, self.table)

    @property
    def found(self) -> int:
        """States seen."""
        return int(self._at[state_space.FOUND])

    @property
    def expanded(self) -> int:
        """States whose every move was tried; the first ones."""
        return int(self._at[state_space.HEAD])

    @property
    def complete(self) -> bool:
        """Whether every state seen was expanded."""
        return self.expanded == self.found

    def vector(self, state: int) -> np.ndarray:
        """Return a state unpacked."""
        v = self.program.start.copy()
        state_space.unpack(self.states[state], self.layout, v)
        return v

    def path(self, state: int) -> Execution:
        """Return a shortest schedule to a state."""
        moves, n = [], len(self.program.names)
        while state:
            moves.append(Move(*divmod(int(self.moved[state]), n)))
            state = int(self.parent[state])
        return Execution(self.program, tuple(reversed(moves)))

    def count(self) -> Counts:
        """Return the number of schedules to each state, by its number."""
        limbs, lost = 4, 1
        v, w = self.program.start.copy(), self.program.start.copy()
        while lost:
            counts, degree = np.zeros((self.found, limbs), np.int64), self.degree[: self.found].copy()
            lost = state_space.count(
                self.states,
                self.expanded,
                degree,
                self.table,
                self.program.code,
                self.program.forget,
                self.layout,
                counts,
                np.zeros(self.found, np.int64),
                v,
                w,
                np.zeros(self.states.shape[1], np.int64),
            )
            limbs *= 2
        self.looped = bool(np.any(degree > 0))
        return Counts(counts, degree)

    def endless(self) -> list[int]:
        """Return the states from which no end can be reached, entered from one that could end, or the first."""
        degree = self.degree[: self.found]
        ends, words = np.zeros(self.found, bool), np.zeros(self.states.shape[1], np.int64)
        v, w = self.program.start.copy(), self.program.start.copy()
        state_space.can_end(
            self.states,
            self.expanded,
            np.cumsum(degree) - degree,
            self.table,
            self.program.code,
            self.program.forget,
            self.layout,
            self.kind,
            np.zeros(int(degree.sum()), np.int64),
            ends,
            np.zeros(self.found, np.int64),
            v,
            w,
            words,
        )
        lost = np.flatnonzero(~ends)
        return lost[(lost == 0) | ends[self.parent[lost]]].tolist()


class Counts:
    """Numbers of schedules as whole numbers of any size."""

    def __init__(self, limbs: np.ndarray, left: np.ndarray):
        self._limbs, self._left = limbs, left

    def __getitem__(self, state: int) -> int | float:
        if self._left[state] > 0:
            return math.inf
        return sum(int(limb) << (32 * j) for j, limb in enumerate(self._limbs[state]))
