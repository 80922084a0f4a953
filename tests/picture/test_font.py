"""The font that matplotlib and the page share: small, free, and with every sign that pictures use."""

import re
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont
from matplotlib import font_manager

from oslab.picture import style, theme
from oslab.picture.parts import SIGNS

PACKAGE = Path(style.__file__).parents[1]
CUTS = sorted(style.FONT.glob("*.ttf"))
DRAWN = [*PACKAGE.glob("*/views/**/*.py"), *PACKAGE.glob("picture/*.py"), PACKAGE / "base/numbers.py"]


def signs(text):
    return {sign for sign in text if ord(sign) > 126}


def test_it_is_small_and_has_its_licence():
    assert len(CUTS) == 2 and sum(path.stat().st_size for path in CUTS) < 60_000
    assert "SIL OPEN FONT LICENSE" in (style.FONT / "OFL.txt").read_text().upper()


@pytest.mark.parametrize("path", CUTS, ids=lambda path: path.stem)
def test_it_has_every_sign_that_views_draw(path):
    known = set(map(chr, TTFont(path).getBestCmap()))
    drawn = signs("\u202f" + "".join(SIGNS.values())) | {
        sign for file in DRAWN for sign in signs(re.sub(r'""".*?"""', "", file.read_text("utf-8"), flags=re.S))
    }
    assert {"○", "µ"} <= drawn and drawn <= known | {"\u00a0"}, drawn - known


@pytest.mark.parametrize("path", CUTS, ids=lambda path: path.stem)
def test_it_does_not_use_the_name_that_its_source_reserves(path):
    names = {n.nameID: n.toUnicode() for n in TTFont(path)["name"].names}
    assert not any("Source" in names[number] for number in (1, 3, 4, 6)) and "Open Font License" in names[13]


def test_matplotlib_and_the_page_take_the_same_files():
    for weight in ("normal", "bold"):
        found = font_manager.findfont(font_manager.FontProperties(family=style.FACES, weight=weight))
        assert Path(found) in CUTS
    assert theme.renderer().count('": "AAEAAA') == 2  # how a TrueType file begins, in base64
