"""The look belongs to the figure: the user's own settings are neither taken nor changed."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import matplotlib
import numpy as np
import pytest
from matplotlib.collections import PolyCollection

from oslab.picture import style
from oslab.picture.canvas import Canvas
from oslab.picture.view import View

HOSTILE = {
    "font.family": ["DejaVu Serif"],
    "font.size": 19,
    "axes.grid": True,
    "axes.facecolor": "#112233",
    "figure.facecolor": "#001122",
    "lines.linewidth": 7,
    "xtick.color": "red",
    "ytick.color": "red",
    "xtick.labelsize": 22,
    "xtick.major.size": 12,
    "ytick.direction": "in",
    "grid.color": "red",
    "grid.linewidth": 4,
    "hatch.linewidth": 5,
    "axes.spines.left": False,
    "patch.edgecolor": "red",
    "text.color": "red",
}


class Growing(View):
    """A line over a grid, whose axes get other ticks as it grows."""

    def __init__(self, figure):
        super().__init__(figure)
        self.axes = self.add_axes(0.1, 0.2, 0.8, 0.6, x="x", y="y", grid="both")
        self.axes.minorticks_on()
        self.line = self.live(self.axes.plot([], [])[0])
        self.live(self.axes.add_collection(PolyCollection([[(1, 1), (4, 1), (4, 4)]], edgecolors="k", hatch="//")))

    def update(self, result, step=None, measured=None):
        self.line.set_data(range(len(result)), result)
        self.set_limits(self.axes, x=(0, 3 * max(result)), y=(0, 7 * max(result)))


def frames():
    canvas = Canvas(Growing)
    shown = []
    for result in ([1, 2], [1, 3, 90], [0.2, 0.1, 0.3]):
        canvas.view.update(result)
        shown.append(canvas.draw().copy())
    return shown


def test_the_users_style_is_not_taken():
    plain = frames()
    with matplotlib.rc_context(HOSTILE):
        hostile = frames()
    assert all(np.array_equal(a, b) for a, b in zip(plain, hostile, strict=True))


def test_ticks_made_later_have_the_look_of_the_first():
    plain = frames()
    canvas, later = Canvas(Growing), []
    with matplotlib.rc_context(HOSTILE):
        for result in ([1, 2], [1, 3, 90], [0.2, 0.1, 0.3]):
            canvas.view.update(result)
            later.append(canvas.draw().copy())
    assert all(np.array_equal(a, b) for a, b in zip(plain, later, strict=True))


def test_drawing_in_threads_leaves_the_users_settings_alone():
    canvases = [Canvas(Growing) for _ in range(3)]
    done, seen = threading.Event(), set()

    def watch():
        while not done.is_set():
            seen.add((matplotlib.rcParams["font.size"], matplotlib.rcParams["xtick.color"]))
            time.sleep(0.0002)

    def drag(canvas):
        for k in range(30):
            canvas.view.update([1, 1.5**k])
            canvas.draw()

    with matplotlib.rc_context({"font.size": 13.5}), ThreadPoolExecutor(4) as pool:
        pool.submit(watch)
        work = [pool.submit(drag, canvas) for canvas in canvases]
        matplotlib.rcParams["xtick.color"] = "#123456"
        try:
            for one in work:
                one.result()
        finally:
            done.set()
        assert (matplotlib.rcParams["font.size"], matplotlib.rcParams["xtick.color"]) == (13.5, "#123456")
    assert {size for size, _ in seen} <= {13.5}


def test_a_view_that_fails_gives_the_settings_back():
    def fails(figure):
        raise ValueError("no view")

    before = dict(matplotlib.rcParams)
    with pytest.raises(ValueError, match="no view"):
        Canvas(fails)
    assert dict(matplotlib.rcParams) == before and style.INK == "#1b1f24"
