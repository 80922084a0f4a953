"""``python -m tools.lint``: the rules of the house and the anatomy of the notebooks; prints what breaks them."""

from __future__ import annotations

import sys

from tools import anatomy, house
from tools.notebooks import NOTEBOOKS, read
from tools.sources import PACKAGE


def main() -> int:
    """Print every breach and return 1 if there is one."""
    notebooks = sorted(NOTEBOOKS.glob("*.ipynb"))
    breaches = house.check(PACKAGE) + [f"{path.name}: {m}" for path in notebooks for m in anatomy.check(read(path))]
    print(
        "\n".join(breaches)
        or f"{len(house.RULES)} rules of the house, {len(anatomy.RULES)} for each of "
        f"{len(notebooks)} notebooks: all kept"
    )
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
