"""Chapter 4's quiz; every key is worked out by the models."""

from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING

import numpy as np

from oslab.base import plural, readable
from oslab.quizzes import Bank, Choice, Choices, Match, Number, Written, traps
from oslab.synchronization.questions.exercises import ends_with_semaphores, who_is_deadlocked

if TYPE_CHECKING:
    from oslab.synchronization.bounded_buffer import BufferProof

__all__ = ["QUIZ", "while_or_if"]

CONDITIONS = ("Mutual exclusion", "Hold and wait", "No preemption", "Circular wait")

COFFMAN = Written(
    "Name the four Coffman conditions that a deadlock needs, and explain each.",
    "Mutual exclusion, hold and wait, no preemption, circular wait; all four at once.",
    [
        "Mutual exclusion: a resource, such as a mutex or a printer, belongs to one process at a time.",
        "Hold and wait: a process keeps what it has while it waits for more.",
        "No preemption: nobody can take a resource from the process that holds it; only that process gives it back.",
        "Circular wait: there is a ring of processes in which each waits for something that the next one holds.",
        "Without any one of them no deadlock is possible; prevention removes one.",
        "Avoidance (the banker) removes none: it refuses requests that lead to an unsafe state.",
    ],
    why="Lab 3 removes the conditions one by one and tries every schedule.",
)


def strategies() -> Match:
    """Match each strategy to the condition that it breaks."""
    pairs = {
        "Spooling: jobs go to a queue that owns the printer": CONDITIONS[0],
        "Ask for all locks at once, or for none": CONDITIONS[1],
        "Try the second lock; if it is taken, give the first back": CONDITIONS[2],
        "Number the locks, take them in rising order": CONDITIONS[3],
        "The banker's algorithm": "None of them: it avoids deadlock",
    }
    items = list(pairs)
    return Match(
        "Which condition does each strategy break?",
        pairs,
        {
            (
                items[4],
                CONDITIONS[3],
            ): "Rings stay possible; the banker only refuses unsafe states.",
            (items[4], CONDITIONS[1]): "Processes still hold what they have while they wait.",
            (
                items[2],
                CONDITIONS[1],
            ): "It still holds the first lock while it tries the second, but then it gives the first one back.",
            (items[1], CONDITIONS[3]): "No ring can form, but the reason is that no waiting process holds anything.",
            (items[3], CONDITIONS[1]): "It still holds the smaller one while it waits for the larger.",
        },
        why="Each strategy of prevention breaks one condition; the banker breaks none but looks ahead.",
    )


def is_this_safe(seed: int) -> Choice:
    """Ask whether a state of three processes is safe, and who can finish first."""
    from oslab.synchronization.banker import review

    draw = np.random.default_rng(seed)
    while True:
        allocation = draw.integers(0, 4, (3, 2))
        maximum = allocation + draw.integers(0, 5, (3, 2))
        found = review(free := draw.integers(0, 4, 2), maximum, allocation)
        if found.safe == bool(seed % 2) and 0 < len(found.sequence):
            break
    orders = [" ".join(f"P{p}" for p in order) for order in permutations(range(3)) if _works(order, free, found)]
    unsafe = "It is unsafe"
    right = f"It is safe: {orders[0]}" if found.safe else unsafe
    wrong = {
        f"It is safe: {' '.join(f'P{p}' for p in order)}": f"P{_stops(order, free, found)} may need more "
        "than is free at its turn."
        for order in permutations(range(3))
        if not _works(order, free, found)
    }
    wrong = dict(list(wrong.items())[:3])
    if found.safe:
        wrong[unsafe] = f"All can finish, in the order {orders[0]}."
    rows = [
        {"process": f"P{p}", "allocation": " ".join(map(str, a)), "maximum": " ".join(map(str, m))}
        for p, (a, m) in enumerate(zip(allocation, maximum))
    ]
    return Choice(
        f"There are two types of resources. Free units: {free[0]} of the first, {free[1]} of the second. Is this state safe?",
        right,
        wrong,
        table=rows,
        why=f"The order {orders[0]} works."
        if found.safe
        else "The processes that can finish return too little for the rest: "
        + ", ".join(f"P{p}" for p in found.left)
        + ".",
        hint="Need is maximum minus allocation. A process can finish if its need is at most the free units. It then returns its "
        "allocation.",
        recompute=lambda: f"It is safe: {orders[0]}" if orders else unsafe,
    )


def _stops(order: tuple[int, ...], free: np.ndarray, state: object) -> int:
    """The first process of an order that cannot finish, or -1."""
    work = np.array(free)
    for p in order:
        if np.any(state.need[p] > work):
            return p
        work = work + state.allocation[p]
    return -1


def _works(order: tuple[int, ...], free: np.ndarray, state: object) -> bool:
    return _stops(order, free, state) < 0


def which_can_deadlock(seed: int) -> Choices:
    """Ask which sets of critical sections can deadlock."""
    from oslab.synchronization.lock_graph import lock_order

    draw = np.random.default_rng(seed)
    letters = ["".join(p) for p in permutations("xyz", 2)]
    right, wrong, tries = {}, {}, 0
    while len(right) < 2 or len(wrong) < 2:
        tries += 1
        n = int(draw.integers(2, 4))
        picked = [letters[int(k)] for k in draw.integers(0, 6, n)]
        text = ", ".join(f"{who}: {pair[0]} {pair[1]}" for who, pair in zip("ABC", picked))
        found = lock_order(text)
        if found.verdict.deadlocks and len(right) < 2:
            right[text] = "The cycle is " + " → ".join((*found.cycles[0], found.cycles[0][0]))
        elif not found.verdict.deadlocks and len(wrong) < 2:
            wrong[text] = f"All can take locks in the order {' < '.join(found.order)}: no ring."
    return Choices(
        "Each thread takes two locks, the second while it holds the first. Which sets of threads can deadlock?",
        right,
        wrong,
        why="For each thread, draw an arrow from the first lock to the second. A ring of arrows is a possible deadlock.",
        hint="Draw an arrow from the lock held to the lock wanted.",
        recompute=lambda: frozenset(text for text in (*right, *wrong) if lock_order(text).cycles),
    )


def how_many_schedules(seed: int) -> Number:
    """Ask in how many schedules of two threads nothing is lost."""
    from math import comb

    from oslab.synchronization.atomic_steps import add, load, store
    from oslab.synchronization.interleaving import check

    extra = seed % 4
    a = [load("r", "x"), add("r", 1), store("x", "r")]
    b = [load("r", "x"), *[add("r", 1)] * (extra + 1), store("x", "r")]
    verdict = check(a, b, shared={"x": 0})
    right = sum(many for (x,), many in verdict.outcomes.items() if x != extra + 2)
    total = verdict.schedules
    adds = f"adds 1 to it {extra + 1} times, a step each" if extra else "adds 1 to it"
    return Number(
        f"A loads x into a register, adds 1 to it, and stores it (3 steps). B loads x, {adds}, and stores it ({extra + 3} "
        "steps). "
        "x starts at 0. How many of all schedules lose an update?",
        right,
        "schedules",
        traps(
            right,
            (total, "That is all of them; a few are right."),
            (2, "That is how many lose nothing."),
            (total // 2, "That would be one in two; it is far more."),
            (verdict.states, "That is the number of states, not of schedules."),
        ),
        why=f"Of {total} schedules only 2 lose nothing: all of A before all of B, or the other way round.",
        hint=f"There are C({extra + 6}, 3) schedules. In which does neither thread load between the other's load and store?",
        recompute=lambda: comb(extra + 6, 3) - 2,
    )


def _tell(proof: BufferProof) -> str:
    verdict = proof.verdict
    if verdict.safe:
        return f"Every schedule was tried, by way of {plural(verdict.states, 'state')}: none fails."
    bad, all_of_them = (readable(n) for n in (sum(one.schedules for one in verdict.bad), verdict.schedules))
    return f"Every schedule was tried: {bad} of {all_of_them} fail, the shortest in {plural(proof.steps, 'step')}."


def while_or_if(seed: int) -> Choice:
    """Ask which bounded buffers written with `if` can fail."""
    from oslab.synchronization.bounded_buffer import try_mistake

    producers, consumers = ((1, 1), (1, 2), (2, 1), (2, 2))[seed % 4]
    safe = try_mistake("if", producers, consumers, 1).verdict.safe
    can, cannot = "Yes, in some schedules", "No, in no schedule"
    always = "Yes, in every schedule"
    reasons = {
        can: "With one thread of each kind, no other thread can take the item or the place first.",
        cannot: "After the signal, and before the woken thread runs, another thread of the same kind may take the item or place.",
        always: "Most schedules go well, which is why such mistakes pass tests.",
    }
    right = cannot if safe else can
    return Choice(
        f"A bounded buffer of 1 place with {plural(producers, 'producer')} and "
        f"{plural(consumers, 'consumer')} waits with `if` where it should wait with `while`. No thread wakes "
        "without a signal. Can it fail?",
        right,
        {k: v for k, v in reasons.items() if k != right},
        why=_tell(try_mistake("if", producers, consumers, 1)),
        hint="Which other thread could run between the signal and the moment when the woken thread gets the mutex?",
    )


QUIZ = Bank(
    "synchronization",
    [
        (COFFMAN, strategies()),
        is_this_safe,
        which_can_deadlock,
        how_many_schedules,
        while_or_if,
        (ends_with_semaphores, who_is_deadlocked),
    ],
    title="Synchronization",
)
