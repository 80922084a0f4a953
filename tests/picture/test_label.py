"""Words and tiles: stamped text looks like matplotlib's own, and follows its setters."""

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from oslab.picture.canvas import Canvas
from oslab.picture.tiles import Tile, Tiles
from oslab.picture.view import View


class Sheet(View):
    """An empty sheet with one word and some tiles."""

    def __init__(self, figure):
        super().__init__(figure)
        self.axes = self.add_sheet()
        self.text = self.label(self.axes, 400, 200, "16 frames", fontsize=12)
        self.tiles = Tiles(self, self.axes, capacity=2)


@pytest.fixture
def canvas():
    return Canvas(Sheet)


def ink(canvas, scale=1.0):
    dark = np.argwhere(canvas.draw(scale)[:, :, :3].min(axis=2) < 128)
    return dark.min(axis=0), dark.max(axis=0)


@pytest.mark.parametrize("ha", ["left", "center", "right"])
@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_stamped_text_stands_where_matplotlib_puts_it(canvas, ha, scale):
    canvas.view.text.set_ha(ha)
    figure = Figure(figsize=(8.2, 3.8), dpi=100 * scale)
    agg = FigureCanvasAgg(figure)
    figure.text(400 / 820, 1 - 200 / 380, "16 frames", fontsize=12, ha=ha, family="DejaVu Sans")
    agg.draw()
    dark = np.argwhere(np.asarray(agg.buffer_rgba())[:, :, :3].min(axis=2) < 128)
    low, high = ink(canvas, scale)
    assert np.abs(low - dark.min(axis=0)).max() <= 2 and np.abs(high - dark.max(axis=0)).max() <= 2


def test_vertical_places_differ_as_named(canvas):
    rows = {}
    for va in ("top", "center", "baseline", "bottom"):
        canvas.view.text.set_va(va)
        low, high = ink(canvas)
        rows[va] = (low[0], high[0])
    assert rows["top"][0] >= 200 and rows["bottom"][1] <= 200 and abs(rows["baseline"][1] - 199) <= 1
    assert abs(sum(rows["center"]) / 2 - 200) <= 1.5


def test_two_lines_are_lower_than_one(canvas):
    one = ink(canvas)
    canvas.view.text.set_text("16 frames\n16 frames")
    assert ink(canvas)[1][0] > one[1][0] + 10


@pytest.mark.parametrize("place", [(-30, 200), (819, 200), (400, 1), (400, 500), (float("nan"), 3)])
def test_words_at_and_over_the_edge_are_cut(canvas, place):
    canvas.view.text.set_position(place)
    canvas.draw()


def test_colour_and_visibility(canvas):
    canvas.view.text.set_color("#d55e00")
    assert (canvas.draw()[:, :, :3] == [0xD5, 0x5E, 0x00]).all(axis=2).any()
    canvas.view.text.set_visible(False)
    assert (canvas.draw()[:, :, :3] == 255).all()


def test_tiles_show_what_was_set_last_and_no_more(canvas):
    canvas.view.text.set_visible(False)
    canvas.view.tiles.set(
        [
            Tile(10, 10, 50, 40, "bad", "a", "was b"),
            Tile(70, 10, 50, 40, "good", "c"),
            Tile(130, 10, 50, 40, "plain", "d"),
        ]
    )
    assert (canvas.draw()[:60, :60, :3] != 255).any()
    canvas.view.tiles.set([])
    assert (canvas.draw()[:, :, :3] == 255).all()
