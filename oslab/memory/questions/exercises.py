"""Exercises of the quiz as textbooks set them: one page goes, by a policy that looks at R and M bits."""

from typing import Any

import numpy as np

from oslab.quizzes import Choice

__all__ = ["page_with_bits_that_goes"]

RULES = {
    "nru": "NRU (not recently used): of the lowest class 2R + M, the page in the lowest frame goes",
    "clock_dirty": "The clock with dirty bits (enhanced second chance): from the hand on, the first page with R=0 and M=0 "
    "goes; if there is none, the first with R=0 and M=1, R being cleared on the way; then both once more",
    "aging": "Aging: the page with the smallest counter goes, of equal ones that in the lowest frame",
    "wsclock": "WSClock with tau = 4: from the hand on, R is cleared where it is set, and the use noted now; of the others "
    "the first goes that was noted more than 4 references ago and is clean, a dirty one is written back and clean in the "
    "next round",
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
    """Ask which page NRU, the clock with dirty bits, aging or WSClock lets go."""
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
        ): f"It has {', '.join(f'{k} {v}' for k, v in row.items() if k != 'page')}: another page comes first."
        for row in rows
        if row["page"] != right
    }
    where = "in the order of the frames" if policy in ("nru", "aging") else "from the hand on"
    return Choice(
        f"Page {pages[k]} is not in memory, and the frames are full ({where}). {RULES[policy]}. Which page goes?",
        str(right),
        reasons,
        table=rows,
        why=run.why(k + 1).split(". ", 1)[1],
        hint="Go down the rows, and ask of each what the rule says.",
        recompute=lambda: str(_find_by_hand(policy, rows)),
    )


def _find_by_hand(policy: str, rows: list[dict[str, Any]]) -> int:
    """The page that goes, from the table alone."""
    if policy == "aging":
        return min(rows, key=lambda row: row["counter"])["page"]
    if policy == "wsclock":
        old = [row for row in rows if not row["R"] and row["last noted"] > TAU]
        return next(iter([row for row in old if not row["M"]] or old))["page"]
    if policy == "clock_dirty":
        rows = sorted(rows, key=lambda row: row["M"] if not row["R"] else 2)
    return min(rows, key=lambda row: 2 * row["R"] + row["M"])["page"]
