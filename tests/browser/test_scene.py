"""The page draws what Agg draws: random figures, and every lab, at 1 and at 2 dots for a pixel."""

import base64
import contextlib
import io

import matplotlib.pyplot as plt
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.font_manager import FontProperties
from PIL import Image

from oslab.picture import style
from oslab.picture.canvas import Canvas
from oslab.picture.scene import Recorder
from oslab.picture.theme import renderer
from oslab.picture.tiles import LOOKS, Tile, Tiles
from oslab.picture.view import View
from tests.browser.conftest import NOTEBOOKS
from tools.anatomy import lab_cells
from tools.notebooks import read

plt.switch_backend("agg")
# Letters and edges are smoothed in other ways: means over squares of 8 dots, of the three colours, of 255.
MEAN, WORST = 3.0, 0.005  # a page full of small type comes to 2.8, half the labs to less than 0.6
DRAW = """([lists, width, height, scale]) => {
  const c = document.createElement("canvas"); c.width = width * scale; c.height = height * scale;
  const g = c.getContext("2d"); g.fillStyle = "#fff"; g.fillRect(0, 0, c.width, c.height);
  for (const list of lists) paint(g, parse(new DataView(Uint8Array.from(atob(list), (x) => x.charCodeAt(0)).buffer)), scale);
  return c.toDataURL("image/png").split(",")[1]; }"""


@pytest.fixture(scope="module")
def page(browser):
    page = browser.new_page()
    page.set_content(f"<script>{renderer()}</script>")
    page.evaluate("() => fontsReady")
    yield page
    page.close()


def drawn(page, canvas, scale):
    lists = [base64.b64encode(one).decode() for one in canvas.scene()]
    png = page.evaluate(DRAW, [lists, canvas.width, canvas.height, scale])
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(png))).convert("RGB"))


def gap(page, canvas, scale):
    """The differences of the two pictures, in squares of 8 dots."""
    one, two = drawn(page, canvas, scale).astype(float), canvas.draw(scale)[:, :, :3].astype(float)
    assert one.shape == two.shape
    high, wide = (side // 8 for side in one.shape[:2])
    squares = [x[: high * 8, : wide * 8].reshape(high, 8, wide, 8, 3).mean(axis=(1, 3)) for x in (one, two)]
    return np.abs(squares[0] - squares[1]).max(axis=2)


class Anything(View):
    """One of each of the artists in use, by numbers."""

    def __init__(self, figure, numbers):
        super().__init__(figure)
        rng = np.random.default_rng(numbers)
        axes = self.add_axes(0.1, 0.15, 0.4, 0.7, x="time, ms", y="faults", grid="both")
        axes.set(xlim=(0, 10), ylim=(0, 10))
        ink = style.ink(int(rng.integers(7)))
        self.live(axes.plot(*rng.random((2, 30)) * 10, ls=ink.dash, color=ink.color, marker=ink.marker, mfc="white")[0])
        self.live(
            axes.add_collection(LineCollection(rng.random((5, 2, 2)) * 10, colors=ink.color, linewidths=3, alpha=0.5))
        )
        places = rng.random((6, 1, 2)) * 9 + rng.random((6, 2, 2)).cumsum(axis=1)
        corners = [[(a, b), (c, b), (c, d), (a, d)] for (a, b), (c, d) in places]
        looks = {"facecolors": [ink.color + "77", "#e3e6e9"], "edgecolors": ink.color, "hatch": ink.hatch or None}
        self.live(axes.add_collection(PolyCollection(corners, **looks)))
        self.live(axes.axvline(rng.random() * 10, color=style.BAD, lw=1.4, ls=":"))
        self.live(axes.fill_between(np.arange(10), rng.random(10), 3 * rng.random(10), color="#56b4e955"))
        colors = rng.integers(0, 2, (6, 6, 3)).astype(float)
        self.live(axes.imshow(colors, interpolation="none", extent=(6, 9, 6, 9), aspect="auto", zorder=1))
        looks = list(LOOKS)
        tiles = Tiles(self, self.add_sheet())
        tiles.set(
            Tile(450 + 90 * (k % 4), 60 + 60 * (k // 4), 80, 45, looks[k % len(looks)], str(rng.integers(99)))
            for k in range(12)
        )
        self.title = f"{rng.integers(10**6)} faults in {rng.integers(10**6)} references"


WIDTH = """([text, font]) => {
  const g = document.createElement("canvas").getContext("2d");
  g.fontKerning = "none"; g.font = font;
  return g.measureText(text).width; }"""


@pytest.mark.parametrize("weight", ["normal", "bold"])
@pytest.mark.parametrize(
    "text", ["LRU, 10\u202f000 frames: AVATAR Toffee 0.265", "○ µs → ◇ ✚ × “fi” −1", "WAVE, To. Yes"]
)
def test_a_text_is_as_wide_on_the_page_as_matplotlib_says(page, text, weight):
    gauge, font = Recorder(820, 380), FontProperties(family=style.FACES, size=11, weight=weight)
    size = gauge.points_to_pixels(11)
    told = gauge.get_text_width_height_descent(text, font, False)[0]
    seen = page.evaluate(WIDTH, [text, f'{weight} {size}px "Oslab Sans"'])
    assert seen == pytest.approx(told, rel=0.002, abs=0.1)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 10**6), st.sampled_from([1, 2]))
def test_random_figures_look_the_same(page, numbers, scale):
    squares = gap(page, Canvas(lambda figure: Anything(figure, numbers)), scale)
    assert squares.mean() < MEAN and (squares > 64).mean() < WORST


def test_another_picture_would_be_seen(page):
    one, other = (Canvas(lambda figure, n=n: Anything(figure, n)) for n in (3, 4))
    one.scene = other.scene
    squares = gap(page, one, 1)
    assert squares.mean() > MEAN or (squares > 64).mean() > WORST


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_lab_looks_the_same(page, path, monkeypatch):
    monkeypatch.chdir(path.parent)
    notebook, space, seen = read(path), {"__name__": path.stem}, 0
    wanted = {cell["id"] for cell in lab_cells(notebook)}
    for cell in notebook["cells"]:
        if cell["cell_type"] != "code" or "raises-exception" in cell["metadata"].get("tags", []):
            continue
        known = {id(value) for value in space.values()}
        with contextlib.redirect_stdout(io.StringIO()):
            exec("\n".join(line for line in cell["source"].split("\n") if line[:1] not in "%!"), space)
        if cell["id"] not in wanted:
            continue
        for value in [v for v in space.values() if hasattr(v, "lab") and id(v) not in known]:
            for scale in (1, 2):
                squares = gap(page, value.lab.canvas, scale)
                assert squares.mean() < MEAN and (squares > 64).mean() < WORST, f"{cell['id']} at {scale}"
            seen += 1
    assert seen == len(wanted)
