"""``python -m tests.browser.shots [NOTEBOOK …]``: pictures of labs, for looking at, without testing anything.

Each lab as it starts and with its first slider at both ends, and the page as it is after running all cells.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.conftest import FLAGS, NOTEBOOKS, chromium
from tests.browser.jupyter import ROOT, running
from tests.browser.sheet import LabOnSheet, Sheet
from tools.anatomy import lab_cells
from tools.notebooks import read


def main() -> None:
    """Take the pictures."""
    parser = argparse.ArgumentParser(prog="python -m tests.browser.shots", description=main.__doc__)
    parser.add_argument("notebook", nargs="*", type=Path, default=NOTEBOOKS)
    parser.add_argument("--cell", help="only the lab of this cell")
    parser.add_argument("--folder", type=Path, default=ROOT / "screenshots")
    parser.add_argument("--scale", type=float, default=1.0, help="of the screen: 2 for a fine one")
    parser.add_argument("--size", default="1280x720", help="of the page (default: %(default)s)")
    given = parser.parse_args()
    width, height = map(int, given.size.split("x"))
    with (
        tempfile.TemporaryDirectory() as home,
        running(given.notebook, Path(home)) as server,
        sync_playwright() as play,
    ):
        browser = play.chromium.launch(executable_path=chromium(), args=FLAGS, chromium_sandbox=False)
        for path in given.notebook:
            page = browser.new_page(viewport={"width": width, "height": height}, device_scale_factor=given.scale)
            sheet = Sheet(page, server, path.name)
            sheet.open()
            sheet.run_all()
            wanted = [c["id"] for c in lab_cells(read(path)) if given.cell in (None, c["id"])]
            for k, cell in enumerate(read(path)["cells"]):
                if cell["id"] in wanted:
                    shoot(LabOnSheet(sheet.cell(k)), given.folder / f"{path.stem}-{cell['id']}")
            page.screenshot(path=given.folder / f"{path.stem}-page.png")
            page.close()
        browser.close()


def shoot(lab: LabOnSheet, stem: Path) -> None:
    """Take a lab as it starts, and with its first slider at both ends."""
    lab.wait_until_drawn()
    lab.shoot(stem.with_name(f"{stem.name}-default.png"))
    for key, end in (("Home", "low"), ("End", "high")) if lab.has_slider() else ():
        lab.press(key)
        lab.shoot(stem.with_name(f"{stem.name}-{end}.png"))


if __name__ == "__main__":
    main()
