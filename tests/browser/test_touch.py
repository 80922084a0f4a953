"""Pictures that are kept, and things in a picture that are pointed at, clicked, dragged and reached by keyboard."""

import base64
import io
import json

import pytest
from PIL import Image

from tests.browser.jupyter import ROOT
from tests.browser.sheet import LabOnSheet, Sheet
from tools.notebooks import read

SCREEN = {"width": 1280, "height": 720}


@pytest.fixture(scope="module")
def sheet(browser, server):
    server.stop_kernels()
    page = browser.new_page(viewport=SCREEN)
    opened = Sheet(page, server, "tiny.ipynb")
    opened.open()
    opened.run_all()
    yield opened
    page.close()


@pytest.fixture
def page(browser):
    opened = browser.new_page(viewport=SCREEN)
    yield opened
    opened.close()


def lab_on(sheet):
    lab = LabOnSheet(sheet.page.locator(".jp-CodeCell", has=sheet.page.locator(".oslab-lab")).first)
    lab.wait_until_drawn()
    return lab


def saved(sheet):
    """The first picture in the notebook's file, and what it says."""
    cells = sheet.save()["cells"]
    output = next(o for c in cells for o in c.get("outputs", []) if "image/png" in o.get("data", {}))
    image = Image.open(io.BytesIO(base64.b64decode(output["data"]["image/png"])))
    return image, "".join(output["data"]["text/plain"])


def wait_until_saved(sheet, kept):
    """Wait until the notebook would be saved with so many pictures kept; the page then displays the lab anew."""
    for _ in range(40):
        sheet.page.wait_for_timeout(500)
        if saved(sheet)[1].count("Kept: points(n=") == kept:
            break
    sheet.page.wait_for_timeout(1500)


def test_a_picture_is_kept_above_the_live_one_and_in_the_file(sheet, screenshots):
    pins = sheet.page.locator(".oslab-pin")
    for kept, key in enumerate(("Home", "ArrowRight"), 1):
        lab_on(sheet).press(key)
        sheet.page.get_by_role("button", name="pin", exact=True).first.click()
        wait_until_saved(sheet, kept)
    assert pins.locator("code").all_inner_texts() == ["points(n=1, slope=2)", "points(n=2, slope=2)"]
    assert sheet.page.locator(".oslab-picture:visible").count() == 1, "the live picture was displayed once more"
    inks = (
        pins.nth(0)
        .locator("canvas")
        .evaluate(
            "c => new Set(new Uint32Array(c.getContext('2d').getImageData(0, 0, c.width, c.height).data.buffer)).size"
        )
    )
    assert inks > 10, "nothing was drawn"
    lab = lab_on(sheet)
    lab.press("End")
    lab.shoot(screenshots / "tiny-pins.png")
    image, said = saved(sheet)
    assert image.width == 1640 and image.height > 3 * 760 and said.count("Kept: points(n=") == 2
    for left in (1, 0):
        pins.get_by_role("button", name="remove: ").first.click()
        wait_until_saved(sheet, left)
        assert pins.count() == left
    image, said = saved(sheet)
    assert image.height == 760 and "Kept" not in said and sheet.errors == []


END = "end of the curve"
PLACE = """([sheet, x, y]) => { const box = sheet.getBoundingClientRect();
  return [box.left + x * box.width / 820, box.top + y * box.height / 380]; }"""
FRAMES = """([canvas, act]) => new Promise((done) => {
  const seen = new Set(), end = performance.now() + 500;
  act.click();
  const look = () => { seen.add(canvas.toDataURL()); performance.now() < end ? requestAnimationFrame(look) : done(seen.size); };
  requestAnimationFrame(look); })"""


def place_of_end(lab, n):
    """Where the last of n points of the line is drawn, on the page: axes from 0.1 to 0.9 and from 0.15 to 0.85."""
    x, y = 820 * (0.1 + 0.8 * (n - 1) / 20), 380 * (0.85 - 0.7 * 2 * (n - 1) / 100)
    return lab.page.evaluate(PLACE, [lab.picture.element_handle(), x, y])


def set_n(lab, n):
    lab.press("Home")
    for _ in range(n - 1):
        lab.press("ArrowRight")
    lab.page.wait_for_timeout(300)


def tip(lab):
    return lab.picture.locator(".oslab-tip")


def test_what_is_pointed_at_is_explained_and_a_click_sets_its_controls(sheet):
    lab = lab_on(sheet)
    set_n(lab, 8)
    lab.picture.scroll_into_view_if_needed()
    sheet.page.mouse.move(*place_of_end(lab, 8))
    tip(lab).get_by_text("The curve ends at 7 m.").wait_for()
    assert lab.picture.locator(".oslab-spot").is_visible()
    sheet.page.mouse.move(*place_of_end(lab, 1))
    assert not tip(lab).is_visible() and not lab.picture.locator(".oslab-spot").is_visible()
    sheet.page.mouse.click(*place_of_end(lab, 8))
    lab.settle()
    assert lab.shown()["n"] == "3" and lab.shown()["step"] == "2" and sheet.errors == []


def drag(lab, start, end):
    mouse = lab.page.mouse
    mouse.move(*start)
    mouse.down()
    for k in range(1, 21):
        mouse.move(*(a + (b - a) * k / 20 for a, b in zip(start, end, strict=True)))
        lab.page.wait_for_timeout(15)
    mouse.up()
    lab.settle()


def test_dragging_a_thing_moves_its_control_and_the_picture_follows(sheet):
    lab = lab_on(sheet)
    set_n(lab, 4)
    lab.picture.scroll_into_view_if_needed()
    start, end = place_of_end(lab, 4), place_of_end(lab, 10)
    sheet.page.mouse.move(*start)
    tip(lab).get_by_text("The curve ends at 3 m.").wait_for()
    drag(lab, start, end)
    assert lab.shown()["n"] == "10" and sheet.errors == []


def slice_at(lab, k):
    """Where memory slice k of 8 is drawn, on the page: those of the card are side by side at the top."""
    return lab.page.evaluate(PLACE, [lab.picture.element_handle(), 112 + 528 / 8 * (k + 0.5), 94])


def test_an_instance_is_dropped_onto_another_slice(server, page, cell_text):
    notebook = read(ROOT / "tests/browser/fixtures/tiny.ipynb")
    cells = {cell["id"]: cell for cell in notebook["cells"]}
    cells["setup"]["source"] = "from oslab import ai, explore"
    cells["lab"]["source"] = cell_text("07_ai_workloads", "packing")
    notebook["cells"] = [cells["setup"], cells["lab"]]
    (server.folder / "packing.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    sheet = Sheet(page, server, "packing.ipynb")
    sheet.open()
    sheet.run_all()
    lab = lab_on(sheet)
    lab.press("End")
    lab.picture.scroll_into_view_if_needed()
    page.mouse.move(*slice_at(lab, 6))
    tip(lab).get_by_text("Drag: the team asks for another start.").wait_for()
    drag(lab, slice_at(lab, 6), slice_at(lab, 0))
    assert lab.shown()["requests"] == "A: 1g@0 + 1g; B: 2g; C: 3g" and lab.error == "" and sheet.errors == []
    page.mouse.move(*slice_at(lab, 7))
    page.mouse.move(*slice_at(lab, 0))
    tip(lab).get_by_text("Drag: the team asks for another start.").wait_for()


def test_things_are_reached_explained_touched_and_dragged_by_keyboard(sheet):
    lab = lab_on(sheet)
    set_n(lab, 6)
    thing = lab.box.locator(".oslab-things button", has_text=END)
    thing.wait_for(state="attached")
    thing.focus()
    tip(lab).get_by_text("The curve ends at 5 m.").wait_for()
    for _ in range(8):
        sheet.page.keyboard.press("Shift+ArrowRight")
        sheet.page.wait_for_timeout(60)
    lab.settle()
    assert 7 <= int(lab.shown()["n"]) <= 9, "80 pixels to the right are 2.4 m"
    sheet.page.keyboard.press("Enter")
    lab.settle()
    assert lab.shown()["n"] == "3" and lab.shown()["step"] == "2"
    assert sheet.page.evaluate("document.activeElement.textContent") == END and sheet.errors == []


def test_things_move_from_step_to_step_and_not_where_less_motion_is_asked_for(sheet):
    lab = lab_on(sheet)
    set_n(lab, 9)
    canvas, back = lab.picture.locator(".oslab-over"), lab.box.get_by_role("button", name="◀ back")
    sheet.page.mouse.move(5, 5)
    sheet.page.wait_for_timeout(1200)
    look = [canvas.element_handle(), back.element_handle()]
    moving = sheet.page.evaluate(FRAMES, look)
    sheet.page.emulate_media(reduced_motion="reduce")
    sheet.page.wait_for_timeout(1200)
    still = sheet.page.evaluate(FRAMES, look)
    sheet.page.emulate_media(reduced_motion="no-preference")
    assert moving >= 4 and still <= 2, (moving, still)
