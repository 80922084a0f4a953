"""``python -m tools.lint``: the rules of the house and the anatomy of the notebooks; prints what breaks them.

It also prints how much code there is for each lab: what a new lab adds, it pays for by what it shares or replaces;
and how many sentences are long or crooked.
"""

from __future__ import annotations

import sys

from tools import anatomy, house, words
from tools.logical_lines import logical_lines
from tools.notebooks import NOTEBOOKS, read
from tools.sources import PACKAGE

AIM, MOST_A_LAB = 300, 387  # logical lines a lab: the aim, and what may not be passed until it is reached


def main() -> int:
    """Print every breach and return 1 if there is one."""
    notebooks = sorted(NOTEBOOKS.glob("*.ipynb"))
    breaches = house.check(PACKAGE) + [f"{path.name}: {m}" for path in notebooks for m in anatomy.check(read(path))]
    print(
        "\n".join(breaches)
        or f"{len(house.RULES)} rules of the house, {len(anatomy.RULES)} for each of "
        f"{len(notebooks)} notebooks: all kept"
    )
    labs = sum(len(anatomy.lab_cells(read(path))) for path in notebooks)
    lines = sum(map(logical_lines, house.files(PACKAGE)))
    print(f"{lines} logical lines of code, {labs} labs: {lines / labs:.0f} a lab (aim {AIM}, at most {MOST_A_LAB})")
    long = sum(len(list(words.check(path))) for path in words.files())
    print(f"{long} sentences that `python -m tools.words -v` would have said more simply (at most {words.MOST})")
    return 1 if breaches or lines > MOST_A_LAB * labs or long > words.MOST else 0


if __name__ == "__main__":
    sys.exit(main())
