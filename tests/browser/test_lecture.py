"""Lecture mode in a real browser: the lab fills its window, code is hidden, one press gives it the whole screen."""

import pytest

from oslab.course.assignment import assign
from tests.browser.jupyter import ROOT, voila
from tests.browser.sheet import LabOnSheet, Sheet

SCREEN = {"width": 1280, "height": 720}


STILL = """img => new Promise(done => {
    let moves = 0;
    new MutationObserver(() => moves++).observe(img, { attributes: true, attributeFilter: ["style"] });
    setTimeout(() => done(moves), 1000); })"""


@pytest.fixture
def sheet(browser, server):
    server.stop_kernels()
    page = browser.new_page(viewport=SCREEN)
    opened = Sheet(page, server, "tiny.ipynb")
    opened.open()
    opened.run_all()
    yield opened
    page.close()


def test_it_fills_the_window_and_hides_code(sheet, screenshots):
    lab = LabOnSheet(sheet.page.locator(".jp-CodeCell", has=sheet.page.locator(".oslab-lab")).first)
    lab.wait_until_drawn()
    before = lab.picture.bounding_box()["width"]
    sheet.page.evaluate("() => jupyterapp.commands.execute('application:toggle-left-area')")
    sheet.execute("import oslab; oslab.lecture()")
    sheet.page.wait_for_function(
        "before => document.querySelector('.oslab-picture').clientWidth > 1.1 * before", arg=before
    )
    assert sheet.page.locator(".jp-CodeCell .jp-InputArea:visible").count() == 0
    lab.settle()
    assert lab.dots() == pytest.approx(1, abs=0.01)
    box, source = lab.box.bounding_box(), lab.source
    assert box["height"] <= sheet.height() + 1
    lab.shoot_page(screenshots / "lecture.png")

    lab.box.locator(".oslab-whole").click()
    sheet.page.wait_for_function("() => document.fullscreenElement?.classList.contains('oslab-lab')")
    lab.press("ArrowRight")
    assert lab.source != source and lab.error == ""
    lab.shoot_page(screenshots / "lecture-whole.png")
    sheet.page.evaluate("() => document.exitFullscreen()")

    sheet.execute("oslab.lecture(False)")
    sheet.page.evaluate("() => jupyterapp.commands.execute('application:toggle-left-area')")
    sheet.page.wait_for_function("before => document.querySelector('.oslab-picture').clientWidth == before", arg=before)
    assert sheet.page.locator(".jp-CodeCell .jp-InputArea:visible").count() > 0 and sheet.errors == []


@pytest.mark.parametrize(
    "name, command", [("simple", "application:toggle-mode"), ("presentation", "application:toggle-presentation-mode")]
)
def test_a_lab_fits_and_rests_in_the_modes_of_jupyterlab(sheet, screenshots, name, command):
    lab = LabOnSheet(sheet.page.locator(".jp-CodeCell", has=sheet.page.locator(".oslab-lab")).first)
    lab.wait_until_drawn()
    sheet.execute("import oslab; oslab.lecture()")
    sheet.page.evaluate("command => jupyterapp.commands.execute(command)", command)
    sheet.page.evaluate("() => jupyterapp.commands.execute('application:toggle-left-area')")
    sheet.page.wait_for_function("() => document.querySelector('.oslab-picture').clientWidth > 900")
    lab.settle()
    lab.box.scroll_into_view_if_needed()
    assert lab.box.bounding_box()["height"] <= sheet.height() + 1
    assert lab.picture.evaluate(STILL) == 0
    assert lab.dots() == pytest.approx(1, abs=0.01)
    lab.shoot_page(screenshots / f"lecture-{name}.png")
    sheet.page.evaluate("command => jupyterapp.commands.execute(command)", command)
    assert sheet.errors == []


def test_keys_lead_from_step_to_step_and_from_lab_to_lab(browser, server, screenshots):
    """Three labs that `assign` put together; the second has steps."""
    assign(["05:offset,names,room"], server.folder / "week.ipynb")
    server.stop_kernels()
    page = browser.new_page(viewport=SCREEN)
    sheet = Sheet(page, server, "week.ipynb")
    sheet.open()
    sheet.run_all()
    page.evaluate("() => jupyterapp.commands.execute('application:toggle-left-area')")
    sheet.execute("import oslab; oslab.lecture()")
    page.locator(".oslab-lecture .oslab-screen").first.focus()
    name = "() => document.activeElement.closest('.oslab-lecture')?.querySelector('.oslab-corner a').hash.slice(5)"
    shown = "() => document.activeElement.closest('.oslab-lecture').querySelector('.oslab-picture').dataset.shown"

    def press(key, lab):
        page.keyboard.press(key)
        page.wait_for_function(f"() => ({name})() === '{lab}'")
        page.wait_for_timeout(300)

    press("n", "names")
    page.screenshot(path=screenshots / "lecture-keys.png")
    press("Home", "names")
    start = page.evaluate(shown)
    press("PageDown", "names")
    assert page.evaluate(shown) != start, "the presenter's button steps"
    press("PageUp", "names")
    assert page.evaluate(shown) == start
    press("PageUp", "offset")
    press("PageDown", "names")
    press("End", "names")
    press("PageDown", "room")
    press("n", "room")
    press("f", "room")
    page.wait_for_function("() => document.fullscreenElement?.contains(document.activeElement)")
    press("p", "names")
    page.wait_for_function("() => document.fullscreenElement?.contains(document.activeElement)")
    page.screenshot(path=screenshots / "lecture-keys-whole.png")
    press("f", "names")
    page.wait_for_function("() => !document.fullscreenElement")
    assert sheet.errors == []
    page.close()


def test_voila_shows_a_chapter_as_an_app(browser, screenshots, tmp_path):
    pytest.importorskip("voila")
    with voila(ROOT / "notebooks/05_filesystems.ipynb", tmp_path) as url:
        page = browser.new_page(viewport=SCREEN)
        errors = []
        page.on("pageerror", lambda error: errors.append(str(error)[:300]))
        page.goto(url, wait_until="domcontentloaded", timeout=120_000)
        page.locator(".oslab-lecture").first.wait_for(timeout=120_000)
        page.wait_for_timeout(3000)
        assert page.locator(".jp-InputArea-editor:visible").count() == 0
        for k in range(page.locator(".oslab-lab").count()):
            lab = LabOnSheet(page.locator(".jp-Cell", has=page.locator(".oslab-lab")).nth(k))
            lab.box.evaluate("box => box.scrollIntoView()")
            lab.wait_until_drawn()
            assert lab.height_below_prediction() <= SCREEN["height"] and lab.error == ""
            assert lab.picture.evaluate(STILL) == 0
            assert lab.dots() == pytest.approx(1, abs=0.01)
            lab.shoot_page(screenshots / f"voila-{k}.png")
        first = LabOnSheet(page.locator(".jp-Cell", has=page.locator(".oslab-lab")).first)
        before = first.shown()
        first.press("ArrowRight")
        assert first.shown() != before and errors == []
        page.close()
