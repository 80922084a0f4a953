"""Where the texts of a picture stand: which leave it, which lie on one another.

The page draws the same letters as wide as matplotlib says (tests/browser/test_scene.py), so no browser is needed.
"""

import json
import struct
from functools import lru_cache

import numpy as np
from matplotlib.font_manager import FontProperties

from oslab.picture import style
from oslab.picture.scene import BOXES, TEXT, Recorder

GAUGE = Recorder(820, 380)
EDGE = 2  # CSS pixels


def texts(canvas, lists=None):
    """Yield each text of a picture with its box: left, top, right, bottom, in CSS pixels; `lists` if it is drawn already."""
    for one in lists or canvas.scene():
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


def misplaced(canvas, where, lists=None):
    """Yield which texts of a picture leave it, and which lie on others."""
    found = list(texts(canvas, lists))
    places = np.array([place for _, place in found]).reshape(-1, 4)
    for k in np.flatnonzero(
        (places < -EDGE).any(1) | (places[:, 2:] > (canvas.width + EDGE, canvas.height + EDGE)).any(1)
    ):
        yield f"{where}: {found[k][0]!r} leaves the picture at {', '.join(f'{side:.0f}' for side in places[k])}"
    both = np.minimum(places[:, None, 2:], places[None, :, 2:]) - np.maximum(places[:, None, :2], places[None, :, :2])
    for k, other in np.argwhere(np.tril((both > 3).all(2), -1)):
        if found[k][0] != found[other][0]:
            yield f"{where}: {found[k][0]!r} lies on {found[other][0]!r}"


POINTS = {"M": 1, "L": 1, "Q": 2, "C": 3, "Z": 0}


def boxes(one):
    """Yield the rounded boxes of a display list: left, top, width, height."""
    head, body = struct.unpack_from("<II", one)
    places, at = np.frombuffer(one[8 + head : 8 + head + body], "<i2") / 16, 0
    for op in json.loads(one[8 : 8 + head])["o"]:
        kind, points = op[0], 0
        if kind in (0, 1):
            points = sum(map(abs, op[2]))
        elif kind in (2, 3):
            points = sum(POINTS[letter] for letter in op[2]) + (op[3] if kind == 3 else 0)
        elif kind == BOXES:
            points = 2 * op[2]
            yield from places[at : at + 2 * points].reshape(-1, 4)
        at += 2 * points


def cramped(canvas, where=""):
    """Yield which texts in the middle of a rounded box are wider than it."""
    found = [box for one in canvas.scene() for box in boxes(one)]
    for text, (left, top, right, low) in texts(canvas):
        for x, y, wide, high in found:
            inside = abs(x + wide / 2 - (left + right) / 2) < 1 and y < (top + low) / 2 < y + high
            if inside and right - left > wide + 1:
                yield f"{where}: {text!r} is {right - left:.0f} wide, its box {wide:.0f}"
