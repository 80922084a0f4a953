"""Chromium, one JupyterLab for all notebooks, a fresh page for each."""

import os
import shutil
from pathlib import Path

import pytest

from tests.browser.jupyter import ROOT, running

NOTEBOOKS = [*sorted((ROOT / "notebooks").glob("*.ipynb")), Path(__file__).parent / "fixtures/tiny.ipynb"]
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


@pytest.fixture(scope="session")
def screenshots():
    """Where pictures of labs are kept for looking at."""
    return ROOT / "screenshots"
