"""Both themes can be read: contrast of whatever is written, on its paper, is at least 4.5."""

import re
from pathlib import Path

import pytest

from oslab.picture import style, theme

SHEETS = [path for path in (Path(theme.__file__).parents[1]).rglob("*.css")]
TEXTS = [style.INK, style.QUIET, "#b24e00", *(ink.text for ink in style.INKS)]


def luminance(color):
    parts = (int(color[k : k + 2], 16) / 255 for k in (1, 3, 5))
    red, green, blue = (v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_measured_as_the_standard_does():
    assert contrast("#000000", "#ffffff") == pytest.approx(21) and contrast("#777777", "#ffffff") == pytest.approx(
        4.48, abs=0.01
    )


@pytest.mark.parametrize("color", dict.fromkeys(TEXTS))
def test_texts_can_be_read_in_both_themes(color):
    assert contrast(theme.DARK[color], theme.DARK[style.PAPER]) >= 4.5
    assert contrast(color, style.PAPER) >= 4.5


def test_every_ink_has_a_value_on_a_dark_page():
    inks = {style.INK, style.QUIET, style.GRID, style.PAPER, style.BAD, style.GOOD, style.RECORDED}
    inks |= {value for ink in style.INKS for value in (ink.color, ink.text)}
    assert inks <= set(theme.DARK)


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.stem)
def test_style_sheets_name_roles_that_have_a_dark_value(path):
    text = path.read_text(encoding="utf-8")
    used = set(re.findall(r"var\(--oslab-(\w+)", text))
    known = set(re.findall(r"--oslab-(\w+):", theme.style_sheet("")))
    assert used and used <= known
    assert not re.findall(r"(?<!, )#(?:1b1f24|59636e)\b", text), "an ink without its role"


def test_the_page_knows_the_same_table():
    assert (
        '"#1b1f24": "#e8ebee"' in theme.renderer() and "export" not in theme.renderer().rsplit("function parts", 1)[1]
    )
