"""``python -m tools.pictures``: the README's pictures, taken of labs in a real JupyterLab."""

from __future__ import annotations

import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.conftest import FLAGS, chromium
from tests.browser.jupyter import running
from tests.browser.sheet import LabOnSheet, Sheet
from tools.notebooks import NOTEBOOKS, read
from tools.sources import ROOT

PICTURES = {
    "million": ("03_memory.ipynb", "million"),
    "reach": ("03_memory.ipynb", "reach"),
    "crash": ("05_filesystems.ipynb", "crash"),
}
REST_MS = 6000  # until slow work beside a picture is drawn too


def main() -> None:
    """Write docs/NAME.png for each picture, without the question before the lab."""
    folder = ROOT / "docs"
    folder.mkdir(exist_ok=True)
    paths = sorted({NOTEBOOKS / name for name, _ in PICTURES.values()})
    with tempfile.TemporaryDirectory() as home, running(paths, Path(home)) as server, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium(), args=FLAGS, chromium_sandbox=False)
        for path in paths:
            page = browser.new_page(viewport={"width": 1280, "height": 1100}, device_scale_factor=1.5)
            sheet = Sheet(page, server, path.name)
            sheet.open()
            sheet.run_all()
            identifiers = [cell["id"] for cell in read(path)["cells"]]
            for name, (notebook, cell) in PICTURES.items():
                if notebook == path.name:
                    lab = LabOnSheet(sheet.cell(identifiers.index(cell)))
                    lab.wait_until_drawn()
                    page.wait_for_timeout(REST_MS)
                    lab.hide_prediction()
                    lab.shoot(folder / f"{name}.png")
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
