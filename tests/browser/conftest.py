"""Chromium, one JupyterLab for all notebooks, a fresh page for each."""

import os
import shutil
from pathlib import Path

import pytest

from tests.browser.jupyter import ROOT, running
from tests.browser.sheet import LabOnSheet, Sheet
from tools.anatomy import lab_cells
from tools.notebooks import read

NOTEBOOKS = [*sorted((ROOT / "notebooks").glob("*.ipynb")), Path(__file__).parent / "fixtures/tiny.ipynb"]
SCREEN = {"width": 1280, "height": 720}
CHROMIUMS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium() -> str | None:
    """Return where a Chromium is, or None; OSLAB_CHROMIUM names one."""
    return next(filter(None, map(shutil.which, (os.environ.get("OSLAB_CHROMIUM", ""), *CHROMIUMS))), None)


@pytest.fixture(scope="session")
def browser():
    """A headless Chromium; without one the tests are skipped, but fail where CI is set."""
    sync_api = pytest.importorskip("playwright.sync_api")
    path = chromium()
    if path is None:
        missing = "no chromium found (Debian: apt install chromium; elsewhere set OSLAB_CHROMIUM)"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    # Chromium's sandbox works neither for root nor in most containers; only pages of this machine are opened.
    with sync_api.sync_playwright() as playwright:
        running_browser = playwright.chromium.launch(
            executable_path=path, headless=True, args=FLAGS, chromium_sandbox=False
        )
        yield running_browser
        running_browser.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """JupyterLab on copies of all notebooks."""
    with running(NOTEBOOKS, tmp_path_factory.mktemp("jupyter")) as started:
        yield started


@pytest.fixture(scope="session", params=NOTEBOOKS, ids=lambda path: path.stem)
def path(request):
    """Each notebook: what is asked of one is asked before the next is opened."""
    return request.param


@pytest.fixture(scope="session")
def sheet(browser, server, path):
    """A notebook on a 1280×720 page with the file browser open, all its cells run; its kernel ends with the page."""
    page = browser.new_page(viewport=SCREEN)
    opened = Sheet(page, server, path.name)
    opened.open()
    assert page.locator(".jp-DirListing").is_visible()
    opened.run_all()
    yield opened
    page.close()
    server.stop_kernels()


@pytest.fixture
def labs(sheet, path):
    """Return a function that goes through a notebook's labs: each cell's name and the lab, drawn and in view."""
    notebook = read(path)
    wanted = {cell["id"] for cell in lab_cells(notebook)}

    def each():
        for k, cell in enumerate(notebook["cells"]):
            if cell["id"] in wanted:
                lab = LabOnSheet(sheet.cell(k))
                lab.wait_until_drawn()
                yield cell["id"], lab

    return each


@pytest.fixture(scope="session")
def screenshots():
    """Where pictures of labs are kept for looking at."""
    return ROOT / "screenshots"
