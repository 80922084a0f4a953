"""States sent ahead in a real browser: the picture is there in the event that moves the slider, and the kernel agrees."""

import json

import pytest

from tests.browser.jupyter import ROOT
from tests.browser.sheet import LabOnSheet, Sheet
from tools.notebooks import read

SCREEN = {"width": 1280, "height": 720}
PRESS = """([handle, sheet, key]) => {
  handle.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  return [sheet.dataset.shown, sheet.querySelector(".oslab-over").toDataURL()]; }"""
PIXELS = "sheet => sheet.querySelector('.oslab-over').toDataURL()"
GROUND = "sheet => sheet.querySelector('.oslab-under').toDataURL()"
ZOOM = """from oslab import explore, slider
from tests.lab.parabola import CurveView, curve

class Zoom(CurveView):
    def update(self, result, *given, **named):
        super().update(result, *given, **named)
        self.axes.set_xlim(0, 5 + result.steps)
"""
LABS = {
    "fractions": """@explore(Zoom, slope=slider(0.1, 1.2, 0.1))
def lines(slope=0.5):
    return curve("line", 5, slope=slope)""",
    "axes": """@explore(Zoom, n=slider(1, 12))
def points(n=5):
    return curve("line", n, slope=2)""",
}


@pytest.fixture(scope="module")
def sheet(browser, server):
    server.stop_kernels()
    page = browser.new_page(viewport=SCREEN)
    opened = Sheet(page, server, "tiny.ipynb")
    opened.open()
    opened.run_all()
    yield opened
    page.close()


def labs(sheet):
    boxes = sheet.page.locator(".jp-CodeCell", has=sheet.page.locator(".oslab-lab"))
    return [LabOnSheet(boxes.nth(k)) for k in range(boxes.count())]


def press(lab, key):
    """The values shown, and the picture, in the very event that moves the first slider."""
    lab.handle.focus()
    shown, pixels = lab.page.evaluate(PRESS, [lab.handle.element_handle(), lab.picture.element_handle(), key])
    return json.loads(shown), pixels


def test_a_neighbour_is_drawn_in_the_event_and_the_kernel_confirms_it(sheet):
    lab = labs(sheet)[0]
    lab.wait_until_drawn()
    lab.press("ArrowRight")
    sheet.page.wait_for_timeout(1500)
    before = lab.shown()
    shown, pixels = press(lab, "ArrowLeft")
    assert shown != before, "nothing had been sent ahead"
    lab.settle()
    assert lab.shown() == shown and lab.picture.evaluate(PIXELS) == pixels, "the kernel said another thing"
    assert sheet.errors == []


@pytest.mark.parametrize("moved", LABS)
def test_fractions_and_other_axes_are_sent_ahead_too(browser, server, moved):
    notebook, page = read(ROOT / "tests/browser/fixtures/tiny.ipynb"), browser.new_page(viewport=SCREEN)
    cells = {cell["id"]: cell for cell in notebook["cells"]}
    cells["setup"]["source"], cells["lab"]["source"] = ZOOM, LABS[moved]
    notebook["cells"] = [cells["setup"], cells["lab"]]
    (server.folder / "zoom.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    opened = Sheet(page, server, "zoom.ipynb")
    opened.open()
    opened.run_all()
    lab = LabOnSheet(opened.cell(1))
    lab.wait_until_drawn()
    lab.press("ArrowLeft")
    page.wait_for_timeout(1500)
    before, ground = lab.shown(), lab.picture.evaluate(GROUND)
    shown, pixels = press(lab, "ArrowLeft")
    ahead = lab.picture.evaluate(GROUND)
    assert shown != before, "nothing had been sent ahead"
    assert (ahead != ground) == (moved == "axes")
    lab.settle()
    assert lab.shown() == shown and [lab.picture.evaluate(of) for of in (PIXELS, GROUND)] == [pixels, ahead]
    assert opened.errors == []
    page.close()


def test_after_any_moves_the_picture_is_that_of_the_controls(sheet):
    lab = labs(sheet)[0]
    for keys in ("RRRR", "LLLLLRR", "RLRLRL"):
        for key in keys:
            press(lab, {"R": "ArrowRight", "L": "ArrowLeft"}[key])
        sheet.page.wait_for_timeout(1000)
        lab.settle()
        now = lab.handle.get_attribute("aria-valuenow")
        assert any(float(value) == float(now) for value in lab.shown().values() if value.replace(".", "").isdigit())
    assert sheet.errors == []


def test_the_picture_follows_the_pages_theme_at_once(sheet):
    lab = labs(sheet)[0]
    corner = "sheet => [...sheet.querySelector('canvas').getContext('2d').getImageData(2, 2, 1, 1).data].slice(0, 3)"
    light = lab.picture.evaluate(corner)
    change = "theme => jupyterapp.commands.execute('apputils:change-theme', { theme })"
    sheet.page.evaluate(change, "JupyterLab Dark")
    sheet.page.wait_for_function("() => document.body.dataset.jpThemeLight === 'false'")
    sheet.page.wait_for_timeout(500)
    dark, paper = lab.picture.evaluate(corner), lab.box.evaluate("box => getComputedStyle(box).backgroundColor")
    sheet.page.evaluate(change, "JupyterLab Light")
    sheet.page.wait_for_function("() => document.body.dataset.jpThemeLight === 'true'")
    sheet.page.wait_for_timeout(500)
    assert light == [255, 255, 255] == lab.picture.evaluate(corner)
    assert paper == f"rgb({', '.join(map(str, dark))})" and max(dark) < 60 and sheet.errors == []
