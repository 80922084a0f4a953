"""Pictures that are kept, and things in a picture that are pointed at, clicked, dragged and reached by keyboard."""

import base64
import io

import pytest
from PIL import Image

from tests.browser.sheet import LabOnSheet, Sheet

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


def test_a_picture_is_kept_above_the_live_one_and_in_the_file(sheet, screenshots):
    lab = lab_on(sheet)
    pins = sheet.page.locator(".oslab-pin")
    for key in ("Home", "ArrowRight"):
        lab_on(sheet).press(key)
        sheet.page.get_by_role("button", name="pin", exact=True).first.click()
        sheet.page.wait_for_timeout(1500)
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
        pins.locator("button").first.click()
        sheet.page.wait_for_timeout(1500)
        assert pins.count() == left
    image, said = saved(sheet)
    assert image.height == 760 and "Kept" not in said and sheet.errors == []
