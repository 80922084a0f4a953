"""A tiny model and its picture, to drive labs with in tests."""

from dataclasses import dataclass

import numpy as np

from oslab.base.arguments import Parameter
from oslab.base.registry import Registry
from oslab.picture import style
from oslab.picture.view import View

SHAPES = Registry("shape")
SHAPES.register(
    "line",
    label="Line",
    summary="Goes straight.",
    source="-",
    tie_rule="-",
    parameters={"slope": Parameter(2, low=0, high=9)},
)(lambda x, slope: slope * x)
SHAPES.register("square", label="Square", summary="Bends.", source="-", tie_rule="-")(lambda x: x * x)


@dataclass(frozen=True)
class Curve:
    x: np.ndarray
    y: np.ndarray

    @property
    def steps(self):
        return len(self.x)

    def table(self):
        return [{"x": float(x), "y": float(y)} for x, y in zip(self.x, self.y, strict=True)]


def curve(shape="square", n=5, sample=False, **options):
    """A curve of n points; of two if a sample will do."""
    if n == 13:
        raise ValueError("n=13: allowed is any other number")
    x = np.arange(2 if sample else n, dtype=float)
    return Curve(x, SHAPES[shape].implementation(x, **options))


class CurveView(View):
    """Draws a curve, as far as a step."""

    stepped = True

    def __init__(self, figure):
        super().__init__(figure)
        self.axes = self.add_axes(0.1, 0.15, 0.8, 0.7, x="x, m", y="y, m")
        self.axes.set(xlim=(0, 20), ylim=(0, 100))
        self.line = self.live(self.axes.plot([], [], color=style.INK)[0])
        self.mark = self.live(self.axes.plot([], [], "o", color=style.BAD)[0])
        self.end = self.live(self.axes.plot([], [], "s", ms=9, color=style.GOOD)[0])
        self.end.set_gid("end of the curve")
        self.measured = self.alongside = None

    def update(self, result, step=None, measured=None, alongside=None):
        self.line.set_data(result.x[:step], result.y[:step])
        last = max(0, (len(result.x) if step is None else step) - 1)
        self.end.set_data(result.x[last : last + 1], result.y[last : last + 1])
        self.title = f"{len(result.x)} points"
        self.measured, self.alongside = measured, alongside

    def describe(self, result, step=None, measured=None):
        return f"{step} of {len(result.x)} points, the last at {result.y[-1]:.3g} m."

    def tip(self, key):
        return f"The curve ends at {len(self.result.x) - 1} m."

    def touch(self, key, at=None):
        return {"n": 3, "step": 2} if at is None else {"n": round(self.data_at(self.axes, at)[0]) + 1}

    def predict(self, answer):
        self.mark.set_data([0], [answer])
