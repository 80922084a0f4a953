"""Lecture mode in a real browser: the lab fills its window, code is hidden, one press gives it the whole screen."""

import pytest

from tests.browser.sheet import LabOnSheet, Sheet

SCREEN = {"width": 1280, "height": 720}


@pytest.fixture
def sheet(browser, server):
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
    sheet.page.wait_for_function("before => document.querySelector('.oslab-picture').clientWidth > 1.1 * before", arg=before)
    assert sheet.page.locator(".jp-CodeCell .jp-InputArea:visible").count() == 0
    lab.settle()
    sharp = lab.picture.evaluate("img => img.naturalWidth / img.clientWidth")
    assert sharp == pytest.approx(1, abs=0.05)
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
    sheet.page.wait_for_function("before => document.querySelector('.oslab-picture').clientWidth == before", arg=before)
    assert sheet.page.locator(".jp-CodeCell .jp-InputArea:visible").count() > 0 and sheet.errors == []
