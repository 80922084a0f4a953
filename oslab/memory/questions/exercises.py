"""Exercises of the quiz as textbooks set them: which page a policy with R and M bits evicts."""

from typing import Any

import numpy as np

from oslab.quizzes import Choice

__all__ = ["page_with_bits_that_goes"]

RULES = {
    "nru": "NRU (not recently used) computes the class 2R + M of each page, and evicts a page of the lowest class. If there "
    "are several, it evicts the one in the lowest frame",
    "clock_dirty": "The clock with dirty bits (enhanced second chance) starts at the hand and evicts the first page with "
    "R=0 and M=0. If there is none, it evicts the first with R=0 and M=1, and clears R on the way. If there is none, it "
    "repeats both rounds",
    "aging": "Aging evicts the page with the smallest counter; of equal ones, the page in the lowest frame",
    "wsclock": "WSClock with tau = 4 starts at the hand. If R is set, it clears R and notes the time. If R is clear and the "
    "time was noted more than 4 references ago, the page is old. WSClock evicts the first old page that is clean. It "
    "writes back an old page that is dirty, which is then clean in the next round. The column last noted counts "
    "references since that time",
}
FRAMES, INTERVAL, TAU = 4, 4, 4


def _rows(policy: str, state: Any, step: int) -> list[dict[str, Any]]:
    """The frames as they stand before the fault, from the hand on where there is one."""
    values = state.values
    order = next(iter(pages for name, pages in state.lists.items() if name in ("from the hand", "by frame")))
    rows = []
    for page in order:
        row = {"page": page, "R": int(values["R"][page]), "M": int(values["M"][page])}
        if policy == "aging":
            row = {"page": page, "counter": f"{int(values['counter'][page]):08b}"}
        elif policy == "wsclock":
            row["last noted"] = step - int(values["last noted"][page])
        rows.append(row)
    return rows


def page_with_bits_that_goes(seed: int) -> Choice:
    """Ask which page NRU, the clock with dirty bits, aging or WSClock evicts."""
    from oslab.memory import simulate
    from oslab.memory.traces.trace import Trace

    draw, policy = np.random.default_rng(seed), list(RULES)[seed % len(RULES)]
    options = {"clock_dirty": {}, "wsclock": {"tau": TAU}}.get(policy, {"interval": INTERVAL})
    while True:
        pages = draw.integers(1, 8, 24).tolist()
        run = simulate(Trace(pages, writes=draw.random(24) < 0.3), policy, FRAMES, **options)
        steps = [k for k in np.flatnonzero(run.evicted >= 0) if k % INTERVAL and k > 8]
        steps = [k for k in steps if "every" not in run.why(int(k) + 1) and "no page" not in run.why(int(k) + 1)]
        if steps:
            break
    k = int(steps[0])
    state, right = run.state(k), int(run.evicted[k])
    rows = _rows(policy, state, k + 1)
    reasons = {
        str(
            row["page"]
        ): f"It has {', '.join(f'{k} {v}' for k, v in row.items() if k != 'page')}: another page is evicted first."
        for row in rows
        if row["page"] != right
    }
    where = "in the order of the frames" if policy in ("nru", "aging") else "from the hand on"
    return Choice(
        f"Page {pages[k]} is not in memory, and all frames are in use (the table lists the pages {where}). {RULES[policy]}. "
        "Which page is evicted?",
        str(right),
        reasons,
        table=rows,
        why=run.why(k + 1).split(". ", 1)[1],
        hint="Go down the table and apply the rule to each row.",
        recompute=lambda: str(_find_by_hand(policy, rows)),
    )


def _find_by_hand(policy: str, rows: list[dict[str, Any]]) -> int:
    """The evicted page, from the table alone."""
    if policy == "aging":
        return min(rows, key=lambda row: row["counter"])["page"]
    if policy == "wsclock":
        old = [row for row in rows if not row["R"] and row["last noted"] > TAU]
        return next(iter([row for row in old if not row["M"]] or old))["page"]
    if policy == "clock_dirty":
        rows = sorted(rows, key=lambda row: row["M"] if not row["R"] else 2)
    return min(rows, key=lambda row: 2 * row["R"] + row["M"])["page"]
