"""The recorder: what artists draw stands in the list, read here by a reader of its own."""

import json
import struct

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.patches import Circle

from oslab.picture.canvas import Canvas
from oslab.picture.label import Label
from oslab.picture.scene import keys_of
from oslab.picture.tiles import Tile, Tiles
from oslab.picture.view import View

POINTS = {"M": 1, "L": 1, "Q": 2, "C": 3, "Z": 0}


def read(data):
    """The styles, and the operations as (kind, style or styles, the rest, coordinates as pairs, pixels)."""
    head, body = struct.unpack_from("<II", data)
    content = json.loads(data[8 : 8 + head])
    xy = np.frombuffer(data[8 + head : 8 + head + body], "<i2") / 16
    pixels, at, found = data[8 + head + body :], 0, []
    for kind, *rest in content["o"]:
        count = {
            0: lambda r: sum(map(abs, r[1])),
            1: lambda r: sum(map(abs, r[1])),
            2: lambda r: sum(POINTS[c] for c in r[1]),
            3: lambda r: sum(POINTS[c] for c in r[1]) + r[2],
            6: lambda r: 2 * r[1],
        }.get(kind, lambda r: 0)(rest)
        image = b""
        if kind == 5:
            image, pixels = pixels[: rest[2] * rest[3]], pixels[rest[2] * rest[3] :]
        found.append((kind, *rest, xy[at : at + 2 * count].reshape(-1, 2), image))
        at += 2 * count
    assert at == len(xy) and pixels == b"", "nothing is left over"
    return content["s"], found


class Sheet(View):
    """An empty sheet in CSS pixels."""

    def __init__(self, figure):
        super().__init__(figure)
        self.axes = self.add_sheet()


@pytest.fixture
def view():
    return Canvas(Sheet)


def live(canvas, artist=None):
    if artist is not None:
        canvas.view.live(artist)
    return read(canvas.scene()[1])


def test_a_text_stands_where_it_is_put(view):
    view.view.label(view.view.axes, 400, 200, "16 frames\nwith ●", fontsize=12, color="#d55e00", ha="center")
    _, (one, two) = live(view)
    assert one[:7] == (4, 400, 200, "16 frames", pytest.approx(16.67, abs=0.01), "#d55e00", 0.5)
    assert two[3] == "with ●" and two[2] == pytest.approx(200 + 16.67 * 1.3, abs=0.1)


def test_a_line_keeps_its_points_its_dash_and_its_gaps(view):
    line = view.view.axes.plot([10, 20, np.nan, 40, 50], [5, 6, 7, 8, 9], "--", color="#0072b2", lw=2)[0]
    styles, (op,) = live(view, line)
    assert op[0] == 0 and op[2] == [2, 2] and np.allclose(op[3], [(10, 5), (20, 6), (40, 8), (50, 9)], atol=1 / 16)
    assert styles[op[1]][:2] == ["#0072b2", pytest.approx(2.78, abs=0.01)] and len(styles[op[1]][3]) == 2


def test_many_paths_are_one_operation_with_a_style_each(view):
    squares = [[(x, 10), (x + 8, 10), (x + 8, 18), (x, 18)] for x in (10, 30, 50)]
    boxes = PolyCollection(squares, facecolors=["#ff0000", "#00ff00"], edgecolors="none")
    styles, (op,) = live(view, view.view.axes.add_collection(boxes))
    assert op[0] == 1 and op[2] == [-4, -4, -4] and [styles[k][2] for k in op[1]] == ["#ff0000", "#00ff00", "#ff0000"]
    assert np.allclose(op[3], np.concatenate(squares), atol=1 / 16)


def test_curves_marks_and_lines_in_collections(view):
    axes = view.view.axes
    live(view, axes.add_patch(Circle((100, 100), 30, fc="#00ff00", alpha=0.5)))
    live(view, axes.plot([20, np.nan, 60], [30, 30, 40], "o", mfc="white")[0])
    styles, ops = live(
        view, axes.add_collection(LineCollection([[(0, 0), (9, 9)], [(1, 2), (3, 4)]], colors="#112233"))
    )
    kinds = {op[0]: op for op in ops}
    assert styles[kinds[2][1]][2] == "#00ff0080"
    assert kinds[3][3] == 2 and np.allclose(kinds[3][4][-2:], [(20, 30), (60, 40)], atol=1 / 16)
    assert kinds[1][2] == [2, 2]


def test_an_image_is_indices_into_its_palette(view):
    table = np.array([[0, 1, 1], [2, 0, 1]])
    colors = np.eye(3)[table]
    _, (op,) = live(view, view.view.axes.imshow(colors, interpolation="none", extent=(100, 400, 300, 100)))
    palette = [op[5][k : k + 8] for k in range(0, len(op[5]), 8)]
    seen = np.array([palette[k] for k in op[-1]]).reshape(2, 3)
    assert op[2] == [100, 100, 300, 200] and op[3:5] == (3, 2)
    assert seen.tolist() == np.array(["ff0000ff", "00ff00ff", "0000ffff"])[table].tolist()


def test_an_image_of_many_colours_is_brought_down_to_256(view):
    shades = np.random.default_rng(1).random((40, 40, 3))
    _, (op,) = live(view, view.view.axes.imshow(shades, interpolation="none", extent=(0, 40, 40, 0)))
    palette = np.array([list(bytes.fromhex(op[5][k : k + 8])) for k in range(0, len(op[5]), 8)])
    assert len(palette) <= 256 and np.abs(palette[list(op[-1])][:, :3] / 255 - shades.reshape(-1, 3)).max() < 0.26


def test_tiles_are_boxes_that_carry_their_keys(view):
    tiles = Tiles(view.view, view.view.axes, capacity=2)
    tiles.set(
        [Tile(10, 20, 50, 40, "bad", "a", key="page 1"), Tile(70, 20, 50, 40, "bad", "b"), Tile(9, 9, 9, 9, "plain")]
    )
    styles, ops = live(view)
    plain, bad, plates = (op for op in ops if op[0] == 6)
    assert bad[2:4] == (2, 4) and np.allclose(bad[4].reshape(-1, 4), [(10, 20, 50, 40), (70, 20, 50, 40)])
    assert keys_of(view.scene()[1]) == ["page 1"]
    assert styles[bad[1]][7] == "////" and plain[2:4] == (1, 4) and len(plain) == 6
    assert styles[plates[1]][7] == "" and styles[plates[1]][2] == styles[bad[1]][2], (
        "what is written stands on no hatch"
    )
    for (x, y, wide, high), (left, top, w, h) in zip(plates[4].reshape(-1, 4), bad[4].reshape(-1, 4), strict=True):
        assert left < x < x + wide < left + w and top < y < y + high < top + h
    tiles.set([])
    assert [op for op in live(view)[1] if op[0] == 6] == []


def test_any_artist_has_the_keys_of_its_gid(view):
    axes, squares = view.view.axes, [[(x, 10), (x + 8, 10), (x + 8, 18), (x, 18)] for x in (10, 30)]
    made = {
        "a line": axes.plot([10, 20], [5, 6])[0],
        ("mark 1", "mark 2"): axes.plot([10, 20], [5, 6], "o", ls="")[0],
        ("box 1", "box 2"): axes.add_collection(PolyCollection(squares)),
        "a circle": axes.add_patch(Circle((100, 100), 30)),
        "a word": view.view.label(axes, 400, 200, "16 frames"),
    }
    for keys, artist in made.items():
        artist.set_gid(keys if isinstance(keys, str) else list(keys))
        if artist not in view.view.artists:
            view.view.live(artist)
    view.view.live(axes.plot([1, 2], [3, 4])[0])
    found = keys_of(view.scene()[1])
    assert sorted(found) == sorted(k for keys in made for k in ([keys] if isinstance(keys, str) else keys))


def test_keys_that_do_not_fit_the_parts_are_left_out(view):
    boxes = view.view.live(view.view.axes.add_collection(PolyCollection([[(0, 0), (9, 0), (9, 9)]])))
    boxes.set_gid(["one", "too many"])
    assert keys_of(view.scene()[1]) == []


@pytest.mark.parametrize("place", [(float("nan"), 3), (float("inf"), 1)])
def test_what_has_no_place_is_left_out(view, place):
    view.view.label(view.view.axes, *place, "nowhere")
    assert live(view)[1] == []


@settings(max_examples=30, deadline=None)
@given(st.text(max_size=20), st.floats(-3000, 3000), st.floats(-3000, 3000))
def test_any_text_anywhere_is_a_list_that_can_be_read(text, x, y):
    canvas = Canvas(Sheet)
    canvas.view.label(canvas.view.axes, x, y, text)
    assert all(op[0] == 4 for op in read(canvas.scene()[1])[1])


def test_a_formula_is_drawn_as_outlines(view):
    view.view.live(view.view.axes.text(100, 100, "$x^2$", fontsize=12))
    assert live(view)[1][0][0] in (0, 2)


def test_a_label_is_drawn_by_agg_as_matplotlib_draws_it(view):
    label = view.view.label(view.view.axes, 400, 200, "16 frames", fontsize=12, ha="right")
    ours = view.draw().astype(int)
    label.set_visible(False)
    view.view.live(view.view.axes.text(400, 200, "16 frames", fontsize=12, ha="right", color="#1b1f24"))
    theirs = view.draw().astype(int)
    assert isinstance(label, Label) and (np.abs(ours - theirs).max(axis=2) > 32).mean() < 0.002
