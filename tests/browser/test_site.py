"""The web edition in Chromium, from a folder: every lab moves, nothing is wide, questions answer."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.browser.jupyter import ROOT

FIRST_VIEW, WHOLE = 400_000, 3_000_000  # bytes


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The site, with few states; OSLAB_BUILT_SITE names one that was made before."""
    if "OSLAB_BUILT_SITE" in os.environ:
        return Path(os.environ["OSLAB_BUILT_SITE"]).resolve()
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "oslab", "site", str(folder), "--states", "4", "--entries", "2"]
    subprocess.run(command, check=True, env={**os.environ, "PYTHONPATH": str(ROOT)}, timeout=500)
    return folder


@pytest.fixture
def opened(browser, site):
    """Return a function that opens a page at a width; no console message, no error, nothing wider than the window."""
    pages, heard, files = [], [], set()

    def open_page(file, width, **given):
        page = browser.new_page(viewport={"width": width, "height": 720}, **given)
        pages.append(page)
        page.on("console", lambda message: heard.append(message.text))
        page.on("pageerror", lambda error: heard.append(str(error)))
        page.on("request", lambda request: files.add(request.url))
        page.goto((site / file).as_uri())
        page.files = files
        return page

    yield open_page
    for page in pages:
        if page.evaluate("innerWidth") and not page.url.endswith("oslab.html"):
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "wider than the window"
        page.close()
    assert heard == []


def bytes_of(page, site):
    return sum((site / url.split(f"{site.name}/", 1)[1]).stat().st_size for url in page.files if site.name in url)


def test_every_lab_moves_within_the_budgets(opened, site):
    names = [path.name for path in sorted(site.glob("0*.html"))] + ["index.html"]
    assert len(names) == 9
    for name in names:
        page = opened(name, 1280)
        page.wait_for_timeout(300)
        assert bytes_of(page, site) <= FIRST_VIEW, name
        for lab in page.locator("figure.lab").all():
            lab.scroll_into_view_if_needed()
            page.wait_for_function("(lab) => lab.dataset.ready", arg=lab.element_handle(), timeout=5000)
            before = lab.get_attribute("data-shown")
            slider, menu = lab.locator("input[type=range]"), lab.locator("select")
            if slider.count() and slider.get_attribute("max") != "0":
                slider.press("End" if before.endswith(" 0") else "Home")
            elif menu.count():
                menu.select_option(index=0 if before.startswith("1") else 1)
            else:
                continue  # a picture without controls
            page.wait_for_function("([lab, old]) => lab.dataset.shown !== old", arg=[lab.element_handle(), before])
            assert lab.locator("figcaption").inner_text()
            assert lab.locator("figcaption").inner_text() in lab.locator(".sheet").get_attribute("aria-label")
        page.files.clear()
    for stem in (path.removesuffix(".html") for path in names if path != "index.html"):
        files = [site / f"{stem}.html", *(site / stem).iterdir()]
        assert sum(file.stat().st_size for file in files) <= WHOLE, stem


@pytest.mark.parametrize("width", [768, 390])
def test_pages_fit_narrow_windows(opened, site, width):
    for path in sorted(site.glob("*.html")):
        page = opened(path.name, width)
        labs = page.locator("figure.lab")
        if labs.count():
            labs.first.scroll_into_view_if_needed()
            page.wait_for_selector("figure.lab[data-ready]")


def test_axe_finds_nothing_serious(opened, site):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    for path in sorted(site.glob("*.html")):
        for scheme in ("light", "dark"):
            page = opened(path.name, 1280, color_scheme=scheme)
            page.evaluate("document.querySelectorAll('details').forEach((fold) => { fold.open = true; })")
            found = axe.run(page).response["violations"]
            bad = [(f["id"], f["nodes"][0]["html"][:120]) for f in found if f["impact"] in ("serious", "critical")]
            assert bad == [], (path.name, scheme)


def test_without_scripts_there_are_stills_and_solutions(opened):
    page = opened("03_memory.html", 1280, java_script_enabled=False)
    still = page.locator("figure.lab img").first
    still.scroll_into_view_if_needed()
    assert still.is_visible() and page.locator("form.question summary").first.is_visible()
    assert not page.locator(".controls").first.is_visible()


def test_questions_answer_in_the_page(opened):
    page = opened("03_memory.html", 1280)
    form = page.locator("form.question:has(input[type=radio])").first
    form.locator("button[type=submit]").click()
    assert "Choose" in form.locator(".verdict").inner_text()
    said = []
    for option in form.locator("input[type=radio]").all():
        option.check()
        form.locator("button[type=submit]").click()
        said.append(form.locator(".verdict").inner_text())
    assert sum("Right" in one for one in said) == 1 and all("Right" in one or "Not yet" in one for one in said)
    number = page.locator("form.question:has(.number)").first
    number.locator("input").fill("-1")
    number.locator("button[type=submit]").click()
    assert "too low" in number.locator(".verdict").inner_text()
