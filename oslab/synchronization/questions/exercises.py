"""Exercises of the quiz as textbooks set them: semaphores, and deadlock detection with several of each resource."""

from itertools import combinations

import numpy as np

from oslab.quizzes import Choice, Choices

__all__ = ["ends_with_semaphores", "who_is_deadlocked"]

NEVER = "it may deadlock"
STARTS = ((1, 0, "s"), (0, 1, "s"), (1, 0, "t"), (0, 1, "t"))  # s, t, and what C gives back


def ends_with_semaphores(seed: int) -> Choices:
    """Ask for the possible final values of x when semaphores order three threads."""
    from oslab.synchronization.thread_language import check_threads

    draw = np.random.default_rng(seed)
    s, t, back = STARTS[seed % len(STARTS)]
    a, c, x = int(draw.integers(1, 5)), int(draw.integers(1, 5)), int(draw.integers(2, 6))
    lines = {"A": ("s", f"x += {a}", "t"), "B": ("t", "x += x", "s"), "C": ("s", f"x -= {c}", back)}
    program = f"x = {x}\ns = semaphore({s})\nt = semaphore({t})\n" + "".join(
        f"\ndef {name}():\n    down({first})\n    {work}\n    up({last})\n"
        for name, (first, work, last) in lines.items()
    )
    verdict = check_threads(program).verdict
    can = {str(value): f"One schedule ends with x = {value}." for (value,) in verdict.outcomes}
    right = can | (
        {NEVER: "In one schedule a thread waits for a semaphore that no other thread will raise."}
        if verdict.deadlocks
        else {}
    )
    orders = (2 * (x + a) - c, 2 * (x - c + a), 2 * x + a - c, 2 * (x - c) + a, x + a - c, 2 * x - c)
    wrong = {
        str(value): "No order that the semaphores allow ends with this value."
        for value in orders
        if str(value) not in right
    } | ({} if verdict.deadlocks else {NEVER: "In every schedule each thread gets its semaphore."})
    told = "; ".join(f"{name}: down({d}), `{work}`, up({u})" for name, (d, work, u) in lines.items())
    return Choices(
        f"x starts at {x}, semaphore s at {s}, and t at {t}. Three threads run once each: {told}. Which final values of x are "
        "possible?",
        right,
        dict(list(wrong.items())[-3:]),
        why="The model checker has tried every schedule.",
        hint="Which thread can run first? Which semaphore is above 0 afterwards?",
        recompute=lambda: frozenset(_ends_by_hand((s, t), x, lines)),
    )


def _ends_by_hand(
    counts: tuple[int, int], x: int, lines: dict[str, tuple[str, str, str]], left: str = "ABC"
) -> set[str]:
    """The ends of all orders; one thread runs at a time, since one semaphore alone is above 0."""
    ready = [name for name in left if counts["st".index(lines[name][0])]]
    if not ready:
        return {NEVER} if left else {str(x)}
    ends = set()
    for name in ready:
        down, work, up = lines[name]
        after = list(counts)
        after["st".index(down)] -= 1
        after["st".index(up)] += 1
        made = x + x if work == "x += x" else x + int(work.split()[2]) * (1 if "+" in work else -1)
        ends |= _ends_by_hand((after[0], after[1]), made, lines, left.replace(name, ""))
    return ends


def who_is_deadlocked(seed: int) -> Choice:
    """Ask which of four processes are deadlocked, with two types of resources."""
    from oslab.synchronization.banker import detect

    draw, names = np.random.default_rng(seed), [f"P{k}" for k in range(4)]
    while True:
        allocation, request = draw.integers(0, 3, (4, 2)), draw.integers(0, 4, (4, 2))
        free = draw.integers(0, 2, 2)
        found = detect(free, allocation, request)
        if len(found.deadlocked) == (0, 2, 3)[seed % 3] and len(found.order) and allocation.any(axis=1).all():
            break

    def say(who: tuple[int, ...]) -> str:
        return ", ".join(names[k] for k in who) or "None of them"

    right = say(tuple(found.deadlocked))
    wrong = {}
    for size in (0, 2, 3, 4):
        for who in combinations(range(4), size):
            if say(who) != right and len(wrong) < 4 and (size != 2 or len(set(who) & set(found.deadlocked)) == 1):
                wrong[say(who)] = "A process that can finish releases everything it holds. Then check the others again."
    return Choice(
        f"There are two types of resources. Free units: {free[0]} of the first, {free[1]} of the second. The table "
        "shows the resources that each process holds and waits for. Which processes are deadlocked?",
        right,
        wrong,
        table=[
            {"process": name, "holds": " ".join(map(str, a)), "waits for": " ".join(map(str, r))}
            for name, a, r in zip(names, allocation, request)
        ],
        why=f"{say(tuple(found.order))} can finish{', in this order' * (len(found.order) > 1)}"
        + (f". Then too little is free for {right}." if found.deadlocked else ", so no process is deadlocked."),
        hint="Find a process whose request is at most the free units. It finishes and releases everything it holds.",
        recompute=lambda: say(tuple(_stuck_by_hand(free, allocation, request))),
    )


def _stuck_by_hand(free: np.ndarray, allocation: np.ndarray, request: np.ndarray) -> list[int]:
    """Those that are left when no request fits any more."""
    left, work = list(range(4)), free.copy()
    while fits := [k for k in left if (request[k] <= work).all()]:
        work = work + allocation[fits[0]]
        left.remove(fits[0])
    return left
