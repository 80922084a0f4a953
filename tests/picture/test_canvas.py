"""The canvas: the fast way draws what the slow way draws."""

import gc
import io
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from PIL import Image

from oslab.base.numbers import readable
from oslab.picture.canvas import WIDTHS, Canvas
from oslab.picture.tiles import Tile, Tiles
from oslab.picture.view import View
from tests.house.picture_texts import boxes, cramped, misplaced, texts


class Line(View):
    """A line whose limits may move."""

    def __init__(self, figure):
        super().__init__(figure)
        self.axes = self.add_axes(0.1, 0.15, 0.8, 0.7, x="x", y="y", grid="both")
        self.line = self.live(self.axes.plot([], [])[0])

    def update(self, result, step=None, measured=None):
        self.line.set_data(range(len(result)), result)
        self.set_limits(self.axes, x=(0, 10), y=(0, self.roomy(max(result))))
        self.title = f"up to {max(result)}"


def whole(canvas):
    """The same figure drawn whole by matplotlib, animated artists included."""
    for artist in canvas.view.artists:
        artist.set_animated(False)
    agg = FigureCanvasAgg(canvas.figure)
    agg.draw()
    image = np.asarray(agg.buffer_rgba()).copy()
    for artist in canvas.view.artists:
        artist.set_animated(True)
    return image


@settings(max_examples=10, deadline=None)
@given(st.lists(st.lists(st.integers(1, 40), min_size=2, max_size=10), min_size=1, max_size=4))
def test_frames_equal_a_figure_drawn_whole(results):
    canvas = Canvas(Line)
    for result in results:
        canvas.view.update(result)
        fast = canvas.draw().copy()
    assert np.abs(fast.astype(int) - whole(canvas).astype(int)).mean() < 0.5


def test_background_is_kept_while_limits_stay():
    canvas = Canvas(Line)
    canvas.view.update([1, 30])
    kept, live = canvas.scene()
    canvas.view.update([2, 31])
    again, other = canvas.scene()
    assert again is kept and other != live
    canvas.view.update([2, 33])
    assert canvas.scene()[0] != kept


def test_scales_do_not_disturb_each_other():
    canvas = Canvas(Line)
    canvas.view.update([1, 5])
    one = canvas.draw().copy()
    assert canvas.draw(2.0).shape[:2] == (760, 1640)
    assert np.array_equal(one, canvas.draw())


def test_labs_of_one_size_do_not_disturb_each_other():
    first, second = Canvas(Line), Canvas(Line)
    first.view.update([1, 5])
    second.view.update([9, 2, 7])
    one, other = first.scene(), second.scene()
    assert one != other and first.scene() == one and second.scene() == other


def test_frames_drawn_in_two_threads_are_whole():
    canvases = [Canvas(Line), Canvas(Line)]
    for canvas, values in zip(canvases, ([1, 5], [9, 2, 7]), strict=True):
        canvas.view.update(values)
    alone = [canvas.scene() for canvas in canvases]
    with ThreadPoolExecutor(2) as pool:
        together = list(pool.map(lambda k: canvases[k % 2].scene(), range(40)))
    assert all(frame == alone[k % 2] for k, frame in enumerate(together))


def test_a_view_without_update_says_so():
    canvas = Canvas(View)
    with pytest.raises(TypeError, match="View defines no update"):
        canvas.view.update(None)


def test_a_file_leaves_the_picture_as_it_was():
    canvas = Canvas(Line)
    canvas.view.update([1, 5, 3])
    before = canvas.scene()
    assert Image.open(io.BytesIO(canvas.file(2.0))).size == (2 * canvas.width, 2 * canvas.height)
    assert canvas.scene() == before and canvas.scene()[0] is before[0]


def test_a_column_stands_beside_the_rows_wherever_they_are():
    canvas = Canvas(Line)
    view = canvas.view
    words = view.column(view.axes, 0.05, 3, fontsize=10)
    for rows in ((2.5, -0.5), (9.5, -0.5)):
        view.set_limits(view.axes, y=rows)
        for k, word in enumerate(words):
            x, y = word.get_transform().transform(word.get_position())
            assert x == pytest.approx(0.05 * canvas.width) and y == pytest.approx(
                view.axes.transData.transform((0, k))[1]
            )
    view.say(words, ["a", "b", "c"], ["#ff0000"])
    view.say(words, ["d"])
    assert [word.get_text() for word in words] == ["d", "", ""]
    assert words[0].get_color() == (1, 0, 0), "a colour stays until another is given"
    view.say(words, "abcd")
    assert [word.get_text() for word in words] == ["a", "b", "c"], "what does not fit is left out"


def test_a_prediction_is_written_down_where_the_view_has_a_place_for_it():
    view = Canvas(Line).view
    view.predict(3)
    view.guess(0.1, 0.1, "ms")
    view.predict(12.34567)
    assert view._guess.get_text() == "your prediction: 12.35 ms"
    view.predict("It waits")
    assert view._guess.get_text() == "your prediction: It waits"


@pytest.mark.parametrize(
    "value, text",
    [
        (7, "7"),
        (1234567, "1 234 567"),
        (0.25, "0.25"),
        (31.6228, "31.6"),
        (999.4, "999"),
        (999.6, "1 000"),
        (1024.0, "1 024"),
        (-2048.0, "-2 048"),
        (np.int64(4096), "4 096"),
    ],
)
def test_numbers_are_grouped(value, text):
    assert readable(value) == text.replace(" ", "\u202f")


def test_bars_stand_in_rows_and_start_at_0():
    assert View.bars([2.0, 3.0], half=0.5)[1] == [(0, 0.5), (3.0, 0.5), (3.0, 1.5), (0, 1.5)]
    assert View.bars([2.0], [7], 1)[0][2] == (2.0, 8)


class Sheet(Line):
    """Tiles on a sheet, with a word in the middle of each, and a title too long for a narrow page."""

    def __init__(self, figure):
        super().__init__(figure)
        self.tiles = Tiles(self, self.add_sheet())
        self.far = self.label(figure, 0.78, 0.5, "a word at the right edge")

    def update(self, result, step=None, measured=None):
        super().update(result)
        self.title = "a title of many words, each of which is short, though all of them together take much room"
        self.tiles.set(Tile(40 + 120 * k, 200, 100, 60, "plain", f"a tile of {n}") for k, n in enumerate(result))


@settings(max_examples=8, deadline=None)
@given(st.lists(st.integers(100, 2000), min_size=1, max_size=6))
def test_a_view_is_laid_out_at_the_largest_width_that_fits_and_comes_back_as_it_was(rooms):
    canvas = Canvas(Sheet)
    canvas.view.update([1, 30])
    before = canvas.scene()
    for room in rooms:
        canvas.fit(room)
        assert canvas.width == max([w for w in WIDTHS if w <= room], default=min(WIDTHS)) and canvas.height == 380
        assert not list(misplaced(canvas, "")) and not list(cramped(canvas))
        assert canvas.draw().shape == (380, canvas.width, 4)
        assert not canvas.fit(room), "the same room is no change"
    canvas.fit(820)
    assert canvas.scene() == before


class Aside(Sheet):
    """A diagram, a square in it, and beside it a column that keeps its width."""

    side = 600

    def __init__(self, figure):
        super().__init__(figure)
        self.beside, self.square = Tiles(self, self.add_sheet()), Tiles(self, self.add_sheet(300))

    def update(self, result, step=None, measured=None):
        super().update(result)
        self.beside.set([Tile(620, 60, 190, 40, "good", "a tile in the column")])
        self.square.set([Tile(250, 270, 100, 100, "good")])


@pytest.mark.parametrize("width", [w for w in WIDTHS if w != 820])
def test_a_column_at_the_side_keeps_its_width_on_a_narrow_page_and_a_square_its_shape_on_all(width):
    canvas, found = Canvas(Aside), {}
    canvas.view.update([1, 30])
    for room in (820, width, 820):
        canvas.fit(room)
        assert not list(misplaced(canvas, "")) and not list(cramped(canvas))
        tiles = [[float(v) for v in box] for one in canvas.scene() for box in boxes(one)]
        found[room] = {height: (left, wide) for left, _, wide, height in tiles}
    assert found[820] == {40: (620, 190), 100: (250, 100), 60: (160, 100)}
    share, less = max(width / 820, 1), (width - 220) / 600 if width < 820 else width / 820
    assert width - found[width][40][0] == pytest.approx(200 * share, abs=0.1)
    assert found[width][40][1] == pytest.approx(190 * share, abs=0.1)
    assert found[width][100] == pytest.approx((300 * less - 50, 100), abs=0.1)
    assert found[width][60] == pytest.approx((160 * less, 100 * less), abs=0.1)


def test_tiles_and_their_words_move_together_and_type_stays():
    canvas = Canvas(Sheet)
    canvas.view.update([1, 30])
    at = {}
    for width in (820, 1200):
        canvas.fit(width)
        at[width] = next(box for text, box in texts(canvas) if text == "a tile of 30")
    (left, top, right, low), (left2, top2, right2, low2) = at.values()
    assert (left2 + right2) / (left + right) == pytest.approx(1200 / 820, abs=0.002)
    assert right2 - left2 == pytest.approx(right - left, abs=0.2) and (top2, low2) == pytest.approx((top, low), abs=0.1)


def test_a_title_wraps_and_words_at_the_edge_are_moved_on_a_narrow_page():
    canvas = Canvas(Sheet)
    canvas.view.update([1, 30])
    canvas.fit(640)
    said = [text for text, _ in texts(canvas)]
    assert any(canvas.view.title.startswith(text) and text != canvas.view.title for text in said)
    assert all(box[2] <= 640 for text, box in texts(canvas) if text == "a word at the right edge")


def test_pictures_that_were_drawn_leave_no_dots_behind():
    def kept():
        gc.collect()
        return sum(isinstance(one, RendererAgg) and (one.width, one.height) == (1640, 760) for one in gc.get_objects())

    before = kept()  # by other tests' pictures
    canvases = [Canvas(Line) for _ in range(6)]
    for canvas in canvases:
        canvas.view.update([1, 30])
        canvas.file(2)
    assert kept() <= before + 1


def test_a_drawing_stays_as_it_was_when_another_is_made():
    one, other = Canvas(Line), Canvas(Line)
    one.view.update([1, 30])
    other.view.update([9, 2])
    drawn = one.draw()
    kept = drawn.copy()
    other.draw()
    assert (drawn == kept).all() and (one.draw() == kept).all()
