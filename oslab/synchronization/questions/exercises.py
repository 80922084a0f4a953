"""Exercises of the quiz as textbooks set them: semaphores, and deadlock detection with several of each resource."""

from itertools import combinations

import numpy as np

from oslab.quizzes import Choice, Choices

__all__ = ["ends_with_semaphores", "who_is_deadlocked"]

NEVER = "it may never end"
STARTS = ((1, 0, "s"), (0, 1, "s"), (1, 0, "t"), (0, 1, "t"))  # s, t, and what C gives back


def ends_with_semaphores(seed: int) -> Choices:
    """Ask with which values three threads can end that semaphores let through in turn."""
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
    can = {str(value): f"x can end as {value}." for (value,) in verdict.outcomes}
    right = can | ({NEVER: "Nobody gives the semaphore back that the last one waits for."} if verdict.deadlocks else {})
    orders = (2 * (x + a) - c, 2 * (x - c + a), 2 * x + a - c, 2 * (x - c) + a, x + a - c, 2 * x - c)
    wrong = {
        str(value): "No order that the semaphores allow ends so." for value in orders if str(value) not in right
    } | ({} if verdict.deadlocks else {NEVER: "Each thread gets its semaphore in every schedule."})
    told = "; ".join(f"{name}: down({d}), `{work}`, up({u})" for name, (d, work, u) in lines.items())
    return Choices(
        f"x starts at {x}, semaphore s at {s}, t at {t}. Three threads, once each: {told}. How can it end?",
        right,
        dict(list(wrong.items())[-3:]),
        why="Every schedule was tried.",
        hint="Who can go first? Which semaphore is above 0 then?",
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
                wrong[say(who)] = "Whoever can finish gives back all that it holds; then look again."
    return Choice(
        f"Free are {free[0]} and {free[1]} of two types of resources; the table says what each process holds, and what it "
        "waits for now. Which processes are deadlocked?",
        right,
        wrong,
        table=[
            {"process": name, "holds": " ".join(map(str, a)), "waits for": " ".join(map(str, r))}
            for name, a, r in zip(names, allocation, request)
        ],
        why=f"{say(tuple(found.order))} can finish, in this order"
        + (f"; for {right} too little is free then." if found.deadlocked else ", so nobody is deadlocked."),
        hint="Look for a process whose request fits into what is free; it ends and gives back what it holds.",
        recompute=lambda: say(tuple(_stuck_by_hand(free, allocation, request))),
    )


def _stuck_by_hand(free: np.ndarray, allocation: np.ndarray, request: np.ndarray) -> list[int]:
    """Those that are left when no request fits any more."""
    left, work = list(range(4)), free.copy()
    while fits := [k for k in left if (request[k] <= work).all()]:
        work = work + allocation[fits[0]]
        left.remove(fits[0])
    return left
