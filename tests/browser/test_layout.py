"""Every lab on pages of several sizes, JupyterLab's file browser open: how high it is, what is cut off."""

from tests.browser.conftest import SCREEN

SIZES = {"1640x900": (1640, 900), "1280x720": (1280, 720), "1100x700": (1100, 700), "150 % zoom": (853, 480)}
HIGHEST = 600  # CSS pixels at 1280x720
CUT = """lab => [...lab.querySelectorAll('.widget-label, .widget-readout, button, summary, .oslab-sentence')]
  .filter(e => e.offsetParent && e.tagName !== 'SUMMARY' && e.scrollWidth > e.clientWidth + 1).map(e => e.innerText)"""
LEAVING = """lab => [...lab.querySelectorAll('.oslab-picture, .oslab-sentence, .oslab-controls > *, .oslab-foot > *')]
  .filter(e => e.offsetParent && e.getBoundingClientRect().right > lab.getBoundingClientRect().right + 1)
  .map(e => e.className + ': ' + e.innerText.slice(0, 40))"""
LYING = """lab => {
  const parts = '.oslab-controls .widget-label, .noUi-handle, .widget-readout, button, input, select';
  const seen = [...lab.querySelectorAll(parts)].filter(e => e.offsetParent).map(e => [e, e.getBoundingClientRect()]), found = [];
  seen.forEach(([one, a], k) => seen.slice(0, k).forEach(([other, b]) => {
    if (one.contains(other) || other.contains(one)) return;
    if (Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 2)
      found.push(`${one.className || one.tagName} on ${other.className || other.tagName}`); }));
  return found; }"""


def wrong(lab):
    """What is cut off in a lab, leaves it, or lies on another thing."""
    for what, script in (("cut", CUT), ("leaving", LEAVING), ("lying on another", LYING)):
        yield from (f"{what}: {text}" for text in lab.box.evaluate(script))


def test_a_lab_fits_its_page_at_every_size(labs, sheet):
    found = []
    for name, lab in labs():
        question = lab.box.locator("> .oslab-compact")
        if question.count():
            top, picture = question.bounding_box()["y"], lab.picture.bounding_box()["y"]
            found += [f"{name}: question and controls"] * (picture - top > HIGHEST)
            question.get_by_role("button", name="skip").click()
            question.locator(".oslab-folded").wait_for()
        if (height := lab.box.bounding_box()["height"]) > HIGHEST:
            found.append(f"{name} is {height:.0f} pixels high")
    try:
        for size, (wide, high) in SIZES.items():  # all labs at one size: each size has them all laid out anew
            sheet.page.set_viewport_size({"width": wide, "height": high})
            for name, lab in labs():
                lab.wait_until_laid_out()
                found += [f"{name} at {size}, {text}" for text in wrong(lab)]
    finally:
        sheet.page.set_viewport_size(SCREEN)
    assert found == []


def test_in_lecture_mode_a_lab_fills_its_window(labs, sheet):
    """As wide as the window, or as high: at least nine tenths of one of them, and never smaller than outside it."""
    toggle = "() => jupyterapp.commands.execute('application:toggle-left-area')"
    sheet.page.evaluate(toggle)
    sheet.execute("import oslab; oslab.lecture()")
    found = []
    try:
        for name, lab in labs():
            lab.box.locator(".oslab-corner").wait_for()
            lab.wait_until_laid_out()
            picture, box = lab.picture.bounding_box(), lab.box.bounding_box()
            if picture["width"] < 0.88 * box["width"] and lab.height_below_prediction() < 0.9 * sheet.height():
                found.append(f"{name}: {picture['width']:.0f} of {box['width']:.0f} pixels")
            found += [f"{name} {text}" for text in wrong(lab)]
    finally:
        sheet.execute("oslab.lecture(False)")
        sheet.page.evaluate(toggle)
    assert found == []
