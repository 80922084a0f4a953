"""Pictures that are kept above the live one."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from oslab.lab.controls import slider
from oslab.lab.decorator import explore
from tests.lab.parabola import CurveView, curve as points


@pytest.fixture
def lab():
    def curve(n=5):
        return points("square", n)

    made = explore(CurveView, n=slider(1, 20))(curve).lab
    yield made
    made.close()


def face(lab):
    """The picture for where nothing runs, what is said of it, and its metadata."""
    bundle, metadata = lab._repr_mimebundle_()
    return Image.open(io.BytesIO(base64.b64decode(bundle["image/png"]))), bundle["text/plain"], metadata["image/png"]


def test_at_most_two_are_kept_and_the_oldest_goes(lab):
    for n in (6, 7, 8):
        lab.controls["n"].value = n
        lab.pin()
    assert [pin.code for pin in lab.pins] == ["curve(n=7)", "curve(n=8)"]
    assert [pin.state.settings["n"] for pin in lab.pins] == [7, 8]
    lab.unpin(0)
    lab.unpin(5)
    assert [pin.code for pin in lab.pins] == ["curve(n=8)"]


def test_a_pin_stays_as_it_was_whatever_is_moved_or_reset(lab):
    lab.controls["n"].value = 9
    lab.step = 3
    lab.pin()
    kept = lab.pins[0]
    lab.controls["n"].value = 4
    lab.reset()
    assert lab.pins == [kept] and kept.state.step == 3 and kept.state.sentence.startswith("3 of 9")
    lab.controls["n"].value = 13
    assert lab.error and lab.pins == [kept]


def test_an_error_pins_the_last_good_picture(lab):
    lab.controls["n"].value = 13
    lab.pin()
    assert lab.pins[0].code == "curve(n=5)" and lab.pins[0].state.sentence == lab.text


def test_what_is_saved_has_the_pins_above_the_live_picture_and_says_so(lab):
    plain, text, _ = face(lab)
    lab.pin()
    lab.controls["n"].value = 9
    image, said, metadata = face(lab)
    alone = Image.open(io.BytesIO(lab.picture())).convert("RGB")
    dots = np.asarray(image.convert("RGB")).astype(int)
    assert np.abs(dots[-760:] - np.asarray(alone)).mean() < 1, "the live one is the last"
    assert np.abs(dots[44:804] - np.asarray(plain.convert("RGB"))).mean() < 1, "the one kept is the first"
    assert (dots[:44] < 128).any(), "its call stands above it"
    assert said == f"Kept: curve(n=5). {text}\n{lab.text}"
    assert metadata["alt"] == f"Kept: curve(n=5). {lab.pins[0].state.alt} {lab.alt}"
    assert (metadata["width"], metadata["height"]) == (820, 2 * 380 + 22)
    lab.unpin(0)
    assert face(lab)[1] == lab.text and face(lab)[0].size == (1640, 760)


def test_the_page_can_take_one_away(lab):
    lab.pin()
    lab._message(None, {"unpin": 0}, [])
    assert lab.pins == [] == lab._screen.pins
