"""Where the texts of a picture stand: which leave it, which lie on one another.

The page draws the same letters as wide as matplotlib says (tests/browser/test_scene.py), so no browser is needed.
"""

import json
import struct
from functools import lru_cache

import numpy as np
from matplotlib.font_manager import FontProperties

from oslab.picture import style
from oslab.picture.scene import TEXT, Recorder

GAUGE = Recorder(820, 380)
EDGE = 2  # CSS pixels


def texts(canvas):
    """Yield each text of a picture with its box: left, top, right, bottom, in CSS pixels."""
    for one in canvas.scene():
        for op in json.loads(one[8 : 8 + struct.unpack_from("<I", one)[0]])["o"]:
            if op[0] == TEXT and op[3].strip() and op[5]:
                yield op[3], box(*op[1:5], op[6], *op[7:])


@lru_cache(maxsize=10_000)
def extent(text, size, bold):
    """Width, height and depth below the baseline."""
    font = FontProperties(family=style.FACES, size=size * 72 / 100, weight="bold" if bold else "normal")
    return GAUGE.get_text_width_height_descent(text, font, False)


def box(x, y, text, size, share, bold=0, angle=0):
    wide, high, deep = extent(text, size, bold)
    corners = [
        (-share * wide, deep),
        ((1 - share) * wide, deep),
        (-share * wide, deep - high),
        ((1 - share) * wide, deep - high),
    ]
    turn = np.deg2rad(-angle)
    turned = [(x + a * np.cos(turn) - b * np.sin(turn), y + a * np.sin(turn) + b * np.cos(turn)) for a, b in corners]
    return (*np.min(turned, axis=0), *np.max(turned, axis=0))


def misplaced(canvas, where):
    """Yield which texts of a picture leave it, and which lie on others."""
    found = list(texts(canvas))
    for k, (one, a) in enumerate(found):
        if a[0] < -EDGE or a[1] < -EDGE or a[2] > canvas.width + EDGE or a[3] > canvas.height + EDGE:
            yield f"{where}: {one!r} leaves the picture at {', '.join(f'{side:.0f}' for side in a)}"
        for other, b in found[:k]:
            if one != other and min(a[2], b[2]) - max(a[0], b[0]) > 3 and min(a[3], b[3]) - max(a[1], b[1]) > 3:
                yield f"{where}: {one!r} lies on {other!r}"
