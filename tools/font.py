"""Make the course's font: two small static cuts of Source Sans 3, drawn by matplotlib and by the page alike.

    python -m tools.font "SourceSans3[wght].ttf"

The source is the variable font (https://github.com/adobe-fonts/source-sans, or ``fontpkg-source-sans-3`` on PyPI).
Its licence, the SIL Open Font License, reserves the name “Source” for the original: what is made here is called
`oslab.picture.style.FACES[0]`.  Kerning, ligatures and hints are left out, so that a text is as wide as its letters,
whoever draws it.  An em is 900 units in place of 1 000: capitals are as high as DejaVu Sans's.
"""

from __future__ import annotations

import sys

from fontTools import subset
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

from oslab.picture.style import FACES, FONT

EM, ASCENT, DESCENT, THIN, WIDE = 900, 835, 212, 180, 660
WEIGHTS = {"Regular": 400, "Bold": 700}
WANTED = {
    *range(0x20, 0x7F),
    *range(0xA0, 0x100),
    *map(ord, "–—‘’“”„…‹›−×·µμ∞≈≠≤≥←↑→↓⁻⁰¹²³⁴⁵⁶⁷⁸⁹ⁿ₀₁₂₃₄₅₆₇₈₉αβΔλπσ√∑"),
    *map(ord, "■□▲△▼▽▶▷◀◁▸○●◆☐✓✗\u2009\u202f"),
}


def main() -> None:
    """Make the cuts in the package's folder of fonts."""
    for weight, value in WEIGHTS.items():
        font = instancer.instantiateVariableFont(TTFont(sys.argv[1]), {"wght": value}, inplace=True)
        options = subset.Options(
            hinting=False, layout_features=[], drop_tables=["GPOS", "GSUB", "GDEF", "STAT", "BASE"]
        )
        chosen = subset.Subsetter(options)
        chosen.populate(unicodes=WANTED)
        chosen.subset(font)
        add_signs(font)
        for code in (0x2009, 0x202F):  # between the digits of large numbers: wide enough to be seen
            font["hmtx"][font.getBestCmap()[code]] = THIN, 0
        set_line(font)
        rename(font, FACES[0], weight, value)
        FONT.mkdir(exist_ok=True)
        font.save(FONT / f"{weight.lower()}.ttf")


def set_line(font: TTFont) -> None:
    """Set how high a line is, as DejaVu Sans has it: labels keep their places."""
    font["head"].unitsPerEm = EM
    font["hhea"].ascent, font["hhea"].descent, font["hhea"].lineGap = ASCENT, -DESCENT, 0
    metrics = font["OS/2"]
    metrics.sTypoAscender, metrics.sTypoDescender, metrics.sTypoLineGap = ASCENT, -DESCENT, 0
    metrics.usWinAscent, metrics.usWinDescent = ASCENT, DESCENT


def add_signs(font: TTFont) -> None:
    """Add the signs of legends that the source lacks: open diamond, fat plus, hatched square, bars, dots; a cross."""
    middle, half, arm, line = font["OS/2"].sCapHeight / 2, 290, 95, 62
    inner, corner = (
        half - line * 2**0.5,
        ((-arm, half), (arm, half), (arm, arm), (half, arm), (half, -arm), (arm, -arm)),
    )
    side = half - line
    drawn = {
        "◇": [[(0, half), (half, 0), (0, -half), (-half, 0)], [(0, inner), (-inner, 0), (0, -inner), (inner, 0)]],
        "✚": [[*corner, *((-x, -y) for x, y in corner)]],
        "▨": [
            box(-half, -half, half, half),
            box(-side, -side, side, side)[::-1],
            *stripes(side, line),
        ],
        "│": [box(-line / 2, -half * 1.7, line / 2, half * 1.7)],
        "━": [box(-half * 1.15, -line, half * 1.15, line)],
        "⋯": [box(x - line * 0.8, -line * 0.8, x + line * 0.8, line * 0.8) for x in (-220, 0, 220)],
    }
    for sign, outlines in drawn.items():
        pen, name = TTGlyphPen(None), f"u{ord(sign):04X}"
        for points in outlines:
            pen.moveTo((points[0][0] + WIDE / 2, points[0][1] + middle))
            for x, y in points[1:]:
                pen.lineTo((x + WIDE / 2, y + middle))
            pen.closePath()
        font["glyf"][name], font["hmtx"][name] = pen.glyph(), (WIDE, 40)
        for table in font["cmap"].tables:
            table.cmap[ord(sign)] = name
    for table in font["cmap"].tables:
        table.cmap[ord("✕")] = table.cmap[ord("×")]


def box(left: float, low: float, right: float, high: float) -> list[tuple[float, float]]:
    """Return a box's outline, clockwise: filled."""
    return [(left, low), (left, high), (right, high), (right, low)]


def stripes(side: float, line: float) -> list[list[tuple[float, float]]]:
    """Return rising stripes in a square of half-width `side`."""
    thick = line * 1.2
    low = [(-side, -thick), (-side, thick), (-thick, side), (thick, side)]
    middle = [
        (-side, -side),
        (-side, -side + thick),
        (side - thick, side),
        (side, side),
        (side, side - thick),
        (thick - side, -side),
    ]
    return [low, middle, [(-x, -y) for x, y in low]]


def rename(font: TTFont, family: str, weight: str, value: int) -> None:
    """Give a cut its own name, with where it comes from, and its weight."""
    names = font["name"]
    for number, text in {
        1: family,
        2: weight,
        3: f"{family} {weight}",
        4: f"{family} {weight}",
        6: f"{family.replace(' ', '')}-{weight}",
        10: "A subset of Source Sans 3, its em made smaller, without kerning and hints.",
        13: "SIL Open Font License, Version 1.1",
        14: "https://openfontlicense.org",
    }.items():
        names.setName(text, number, 3, 1, 0x409)
    font["OS/2"].usWeightClass = value
    font["OS/2"].fsSelection = 0x20 if value > 400 else 0x40
    font["head"].macStyle = int(value > 400)


if __name__ == "__main__":
    main()
