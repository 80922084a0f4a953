"""Kernels: one step of one thread, all reachable states, how many schedules lead to each, which can still end.

A state is a vector: program counters of the n threads, then what each sleeps on (0 nothing, c + 1 condition c),
then the step that failed (0 none), then registers, shared variables, semaphores, owners of locks (0 free, t + 1
thread t) and numbers of threads in sections.  Remembered states are packed into bits, each field as wide as its range.
"""

from typing import NamedTuple

import numpy as np

from oslab._jit import kernel

__all__ = ["Layout", "OPS", "advance", "can_end", "count", "explore", "pack", "rehash", "unpack"]

OPS = (
    "end",
    "move",
    "add",
    "lock",
    "unlock",
    "trylock",
    "wait",
    "signal",
    "broadcast",
    "branch",
    "expect",
    "enter",
    "leave",
    "down",
    "up",
)
END, MOVE, ADD, LOCK, UNLOCK, TRYLOCK, WAIT, SIGNAL, BROADCAST, BRANCH, EXPECT, ENTER, LEAVE, DOWN, UP = range(15)
OP, A, A_FIELD, B, B_FIELD, HOW, TO, SITE, NEXT, WIDTH = range(10)
FINISHED, STUCK, FAILED, INNER = 1, 2, 3, 0
HEAD, FOUND, OUTSIDE, VALUE = range(4)


class Layout(NamedTuple):
    """Where each field of a state is kept: word, place of its lowest bit, mask, and its least value; int64[fields]."""

    word: np.ndarray
    shift: np.ndarray
    mask: np.ndarray
    low: np.ndarray


@kernel
def unpack(words, layout, v):
    """Fill the vector `v` from packed words."""
    for f in range(v.size):
        v[f] = ((words[layout.word[f]] >> layout.shift[f]) & layout.mask[f]) + layout.low[f]


@kernel
def pack(v, layout, words):
    """Fill `words` from the vector; return the first field that is out of its range, or -1."""
    for j in range(words.size):
        words[j] = 0
    for f in range(v.size):
        x = v[f] - layout.low[f]
        if x < 0 or x > layout.mask[f]:
            return f
        words[layout.word[f]] |= x << layout.shift[f]
    return -1


@kernel
def _holds(how, a, b):
    if how == 0:
        return a == b
    if how == 1:
        return a != b
    if how == 2:
        return a < b
    if how == 3:
        return a <= b
    if how == 4:
        return a > b
    return a >= b


@kernel
def advance(v, t, choice, code):
    """Let thread `t` take its next step in `v`, in place; return whether it could.

    `choice` says which sleeper a signal wakes, counted from 0 in the order of threads; other steps have choice 0 only.
    """
    n = code.shape[0]
    pc = v[t]
    step = code[t, pc]
    op = step[OP]
    if op == END or v[n + t] != 0 or v[2 * n] != 0 or (choice > 0 and op != SIGNAL):
        return False
    left = v[step[A]] if step[A_FIELD] else step[A]
    right = v[step[B]] if step[B_FIELD] else step[B]
    to = step[NEXT]
    if op == MOVE:
        v[step[A]] = right
    elif op == ADD:
        v[step[A]] += right
    elif op == LOCK or op == UNLOCK:
        wanted = 0 if op == LOCK else t + 1
        for j in (A, B, HOW):
            if step[j] >= 0 and v[step[j]] != wanted:
                if op == LOCK:
                    return False
                v[2 * n] = step[SITE]
        for j in (A, B, HOW):
            if step[j] >= 0 and v[2 * n] == 0:
                v[step[j]] = t + 1 - wanted
    elif op == TRYLOCK:
        if v[step[A]] == 0:
            v[step[A]] = t + 1
        else:
            to = step[TO]
    elif op == WAIT:
        if v[step[B]] == t + 1:
            v[step[B]] = 0
            v[n + t] = step[A]
        else:
            v[2 * n] = step[SITE]
    elif op == SIGNAL or op == BROADCAST:
        seen = 0
        for u in range(n):
            if v[n + u] == step[A]:
                if op == BROADCAST or seen == choice:
                    v[n + u] = 0
                seen += 1
        if choice > 0 and choice >= seen:
            return False
    elif op == BRANCH:
        if _holds(step[HOW], left, right):
            to = step[TO]
    elif op == EXPECT:
        if not _holds(step[HOW], left, right):
            v[2 * n] = step[SITE]
    elif op == ENTER:
        if v[step[A]] > 0:
            v[2 * n] = step[SITE]
        v[step[A]] += 1
    elif op == LEAVE:
        if v[step[A]] > 0:
            v[step[A]] -= 1
        else:
            v[2 * n] = step[SITE]
    elif op == DOWN:
        if v[step[A]] <= 0:
            return False
        v[step[A]] -= 1
    elif op == UP:
        v[step[A]] += 1
    v[t] = to
    return True


@kernel
def _slot(words, states, table):
    """Where in the open hash table this state is, or would be put."""
    h = 0
    for j in range(words.size):
        for part in (words[j] & 0x7FFFFFFF, words[j] >> 31):
            h = (h ^ part) * 0x9E3779B1
            h = (h ^ (h >> 29)) & 0x7FFFFFFF
    at = h & (table.size - 1)
    while table[at] >= 0:
        known, same = table[at], True
        for j in range(words.size):
            if states[known, j] != words[j]:
                same = False
        if same:
            return at
        at = (at + 1) & (table.size - 1)
    return at


@kernel
def rehash(states, found, table):
    """Fill an empty table (-1 everywhere, size a power of two) with the first `found` states."""
    for s in range(found):
        table[_slot(states[s], states, table)] = s


@kernel
def _forget(v, forget, t):
    """Set to 0 those registers of a thread that are never read again."""
    for j in range(forget.shape[2]):
        f = forget[t, v[t], j]
        if f >= 0:
            v[f] = 0


@kernel
def explore(states, parent, moved, degree, kind, table, code, forget, layout, at, v, w, words):
    """Expand states breadth first until none is left or the arrays are full.

    Parameters
    ----------
    states : int64[capacity, words]
        Packed; the first is the initial state.
    parent, moved, degree : int64[capacity]
        State from which each was first reached, by which move (thread * threads + choice), by how many edges.
    kind : int64[capacity]
        `INNER`, `FINISHED`, `STUCK` or `FAILED`.
    table : int64[power of two]
        Open hash table of `states`.
    at : int64[4]
        Next state to expand, states found, and, if it stopped for that, the field out of its range and its value.
    v, w, words : int64
        Room for two vectors and a packed state.
    """
    n = code.shape[0]
    while at[HEAD] < at[FOUND] and at[FOUND] + n * n <= len(states):
        s = at[HEAD]
        unpack(states[s], layout, v)
        moves, ended = 0, True
        for t in range(n):
            ended = ended and code[t, v[t], OP] == END
            for choice in range(n):
                w[:] = v
                if not advance(w, t, choice, code):
                    break
                _forget(w, forget, t)
                moves += 1
                outside = pack(w, layout, words)
                if outside >= 0:
                    at[OUTSIDE], at[VALUE] = outside, w[outside]
                    return
                slot = _slot(words, states, table)
                if table[slot] < 0:
                    new = at[FOUND]
                    table[slot] = new
                    states[new] = words
                    parent[new], moved[new] = s, t * n + choice
                    at[FOUND] += 1
                degree[table[slot]] += 1
        if moves == 0:
            kind[s] = FAILED if v[2 * n] != 0 else (FINISHED if ended else STUCK)
        at[HEAD] += 1


@kernel
def count(states, expanded, degree, table, code, forget, layout, counts, queue, v, w, words):
    """Count the schedules that lead to each state, in limbs of 32 bits; return how often the last limb overflowed.

    States whose `degree` (used up here) stays above 0 lie on or behind a cycle: without end many schedules.
    """
    n, limbs, lost = code.shape[0], counts.shape[1], 0
    head, tail = 0, 0
    if degree[0] == 0:
        counts[0, 0], tail = 1, 1
    while head < tail:
        s = queue[head]
        head += 1
        if s >= expanded:
            continue
        unpack(states[s], layout, v)
        for t in range(n):
            for choice in range(n):
                w[:] = v
                if not advance(w, t, choice, code):
                    break
                _forget(w, forget, t)
                pack(w, layout, words)
                d = table[_slot(words, states, table)]
                carry = 0
                for j in range(limbs):
                    total = counts[d, j] + counts[s, j] + carry
                    counts[d, j] = total & 0xFFFFFFFF
                    carry = total >> 32
                lost += carry
                degree[d] -= 1
                if degree[d] == 0:
                    queue[tail] = d
                    tail += 1
    return lost


@kernel
def can_end(states, expanded, first, table, code, forget, layout, kind, before, ends, queue, v, w, words):
    """Mark in `ends` the states from which an end can be reached, those that were not expanded among them.

    `first` says for each state where its predecessors begin in `before`, which is filled here; `first` is used up.
    """
    n, head, tail = code.shape[0], 0, 0
    for s in range(len(ends)):
        if s >= expanded or kind[s] != INNER:
            ends[s] = True
            queue[tail] = s
            tail += 1
    for s in range(expanded):
        unpack(states[s], layout, v)
        for t in range(n):
            for choice in range(n):
                w[:] = v
                if not advance(w, t, choice, code):
                    break
                _forget(w, forget, t)
                pack(w, layout, words)
                d = table[_slot(words, states, table)]
                before[first[d]] = s
                first[d] += 1
    while head < tail:
        d = queue[head]
        head += 1
        for k in range(first[d - 1] if d > 0 else 0, first[d]):
            s = before[k]
            if not ends[s]:
                ends[s] = True
                queue[tail] = s
                tail += 1
