"""Many boxes of one look as a single path: hatching hundreds of them one by one takes a third of a second."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from oslab.picture import View

__all__ = ["Rectangles"]

CODES = (Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY)


class Rectangles:
    """Rectangles on axes.

    Parameters
    ----------
    view : View
    axes : Axes
    face, edge, hatch : str
    """

    def __init__(self, view: View, axes: Axes, face: str, edge: str, hatch: str = ""):
        self._patch = view.live(
            axes.add_patch(
                PathPatch(
                    Path(np.zeros((1, 2))), facecolor=face, edgecolor=edge, hatch=hatch, linewidth=0.8, visible=False
                )
            )
        )

    def set(self, boxes: Sequence[tuple[float, float, float, float]], keys: Sequence[str] = ()) -> None:
        """Show these boxes: left, right, top, bottom; `keys` are what they are known by on the page."""
        self._patch.set_visible(len(boxes) > 0)
        self._patch.set_gid(list(keys))
        if len(boxes):
            a, b, c, d = np.array(boxes, float).T
            corners = np.stack([a, c, b, c, b, d, a, d, a, c], axis=1).reshape(-1, 2)
            self._patch.set_path(Path(corners, np.tile(CODES, len(boxes))))
