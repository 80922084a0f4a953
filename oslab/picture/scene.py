"""A scene: what a figure's artists draw, written down as a list that a page draws at its own resolution.

`Recorder` is a matplotlib renderer that draws nothing.  Each call becomes an operation; `scene.js` draws them.
A list is 4 bytes (little-endian) with the length of its JSON, 4 with that of its coordinates, the JSON (padded with
blanks to an even length), the coordinates (int16, sixteenths of a CSS pixel, y downwards), and the pixels of its
images (one byte each, an index into the image's palette).  The JSON is ``{"s": styles, "o": operations, "k": keys}``, a
style ``[stroke, width, fill, dash, offset, cap, join, hatch, hatch colour, hatch width, clip box]``, an operation one of

==========  =========================================================  ================================
kind        JSON                                                       coordinates
==========  =========================================================  ================================
0 compound  style, lengths of straight subpaths (negative: closed)     their points
1 many      style or styles, lengths; each subpath stands for itself   their points
2 curved    style, letters of M L Q C Z                                their points
3 markers   style, letters, count                                      the mark's points, then places
4 text      x, y, text, size in pixels, colour, share of the width     none
            that lies left of x; then weight (1 bold), angle
5 image     style, x y width height, columns, rows, palette            none
6 boxes     style, count, radius of the corners                        x y width height of each
==========  =========================================================  ================================

The keys say by what the things in the picture are known: an operation's number → one key, or a list with one for each of
its subpaths, places or boxes ('' for none).  An artist's keys are its ``gid``: a text, or a list of texts.
"""

import json
import struct
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from matplotlib.backend_bases import GraphicsContextBase, RendererBase
from matplotlib.colors import to_rgba
from matplotlib.font_manager import FontProperties
from matplotlib.path import Path
from matplotlib.textpath import TextPath
from matplotlib.transforms import Affine2D, Transform

__all__ = ["Recorder", "keys_of"]

COMPOUND, MANY, CURVED, MARKERS, TEXT, IMAGE, BOXES = range(7)
FINE, FAR = 16, 2000.0
# Path code → its letter and its points; 0 ends a path, 79 closes one and has a point that says nothing.
_LETTERS = {1: ("M", 1), 2: ("L", 1), 3: ("Q", 2), 4: ("C", 3), 79: ("Z", 1)}
SHARES = {"left": 0, "center": 0.5, "right": 1}


@lru_cache(maxsize=1024)
def _css(rgba: tuple[float, ...]) -> str | int:
    r, g, b, a = (round(255 * c) for c in rgba)
    return 0 if a == 0 else f"#{r:02x}{g:02x}{b:02x}" + ("" if a == 255 else f"{a:02x}")


def _color(color: Any, alpha: float | None = None) -> str | int:
    return 0 if color is None else _css(to_rgba(color if alpha is None else tuple(color)[:3], alpha))


class Recorder(RendererBase):
    """Takes the calls that matplotlib's artists make and keeps them as a list.

    Parameters
    ----------
    width, height : float
        In CSS pixels.
    dpi : float
    """

    def __init__(self, width: float, height: float, dpi: float = 100):
        super().__init__()
        self.width, self.height, self.dpi = width, height, dpi
        self._flip = Affine2D().scale(1, -1).translate(0, height)
        self._upside = Affine2D().scale(1, -1)
        self.start()

    def start(self) -> None:
        """Begin a list."""
        self._ops: list[list[Any]] = []
        self._styles: dict[tuple, int] = {}
        self._coords: list[np.ndarray] = []
        self._images: list[bytes] = []
        self._gid: Any = None
        self._keys: dict[str, Any] = {}

    def finish(self) -> bytes:
        """Return the list, as the module's docstring says."""
        content = {"o": self._ops, "s": [list(s) for s in self._styles], **({"k": self._keys} if self._keys else {})}
        head = json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "replace")
        head += b" " * (-len(head) % 2)
        coords = np.concatenate(self._coords) if self._coords else np.empty(0)
        packed = np.rint(np.clip(coords, -FAR, FAR) * FINE).astype("<i2").tobytes()
        return b"".join([struct.pack("<II", len(head), len(packed)), head, packed, *self._images])

    def open_group(self, s: str, gid: Any = None) -> None:
        """Take the keys of the artist that begins to draw."""
        self._gid = gid if gid is not None else self._gid

    def close_group(self, s: str) -> None:
        """Forget the keys of the artist that has drawn."""
        self._gid = None

    def _note(self, count: int, keys: Any = None) -> None:
        """Note by what the parts of the last operation are known."""
        keys = self._gid if keys is None else keys
        if any(keys or ()) and (isinstance(keys, str) or len(keys) == count):
            self._keys[str(len(self._ops) - 1)] = keys if isinstance(keys, str) else list(keys)

    # What artists ask a renderer.
    def get_canvas_width_height(self) -> tuple[float, float]:
        """Return the size, in CSS pixels."""
        return self.width, self.height

    def points_to_pixels(self, points: Any) -> Any:
        """Return points as CSS pixels."""
        return points * self.dpi / 72

    def option_scale_image(self) -> bool:
        """Return that images are taken as they are, and scaled by the page."""
        return True

    def _style(self, gc: GraphicsContextBase, face: Any) -> int:
        alpha = gc.get_alpha() if gc.get_forced_alpha() else None
        pixels = self.points_to_pixels
        width = pixels(float(gc.get_linewidth()))
        stroke = _color(gc.get_rgb(), alpha) if width > 0 else 0
        dashed: Any = gc.get_dashes()
        offset, dashes = dashed
        dash = tuple(round(pixels(float(d)), 2) for d in dashes) if stroke and dashes is not None else ()
        hatch, box = gc.get_hatch() or "", gc.get_clip_rectangle()
        clip = () if box is None else (box.x0, self.height - box.y1, box.width, box.height)
        style = (
            stroke,
            round(width, 2) if stroke else 0,
            _color(face, alpha),
            dash,
            round(pixels(float(offset or 0)), 2) if dash else 0,
            {"butt": 0, "round": 1, "projecting": 2}[gc.get_capstyle()],
            {"miter": 0, "round": 1, "bevel": 2}[gc.get_joinstyle()],
            hatch,
            _color(gc.get_hatch_color()) if hatch else 0,
            round(pixels(gc.get_hatch_linewidth()), 2) if hatch else 0,
            tuple(round(float(v), 2) for v in clip),
        )
        return self._styles.setdefault(style, len(self._styles))

    def _put(self, op: list[Any], *coords: Any, count: int = 1, keys: Any = None) -> None:
        self._ops.append(op)
        self._note(count, keys)
        self._coords += [np.asarray(c, float).ravel() for c in coords]

    def _outline(self, path: Path, transform: Transform, line: bool = False) -> tuple[np.ndarray, np.ndarray]:
        """A path's vertices and codes without gaps; what leaves the picture is cut where it is only a line."""
        box = (-60.0, -60.0, self.width + 60.0, self.height + 60.0) if line else None
        simple = line and path.should_simplify
        clean: Any = path.cleaned(transform, True, box, simplify=simple, curves=True)
        keep = clean.codes != 0
        return clean.vertices[keep], clean.codes[keep]

    @staticmethod
    def _straight(vertices: np.ndarray, codes: np.ndarray) -> tuple[np.ndarray, list[int]] | None:
        """The points of straight subpaths, and their lengths, negative where closed; None if there are curves."""
        if ((codes == 3) | (codes == 4)).any():
            return None
        starts = np.flatnonzero(codes == 1)
        ends = np.append(starts[1:], len(codes))
        closed = codes[ends - 1] == 79
        return vertices[codes != 79], np.where(closed, starts - ends + 1, ends - starts).tolist()

    @staticmethod
    def _letters(codes: np.ndarray) -> str:
        letters, k = "", 0
        while k < len(codes):
            letter, points = _LETTERS[int(codes[k])]
            letters, k = letters + letter, k + points
        return letters

    # What artists draw.
    def draw_path(self, gc: GraphicsContextBase, path: Path, transform: Any, rgbFace: Any = None) -> None:
        """Write down a path."""
        filled = rgbFace is not None or gc.get_hatch()
        vertices, codes = self._outline(path, transform + self._flip, line=not filled)
        if not len(vertices):
            return
        style, straight = self._style(gc, rgbFace), self._straight(vertices, codes)
        if straight:
            self._put([COMPOUND, style, straight[1]], straight[0], count=len(straight[1]))
        else:
            self._put([CURVED, style, self._letters(codes)], vertices[codes != 79])

    def draw_markers(self, gc, marker_path, marker_trans, path, trans, rgbFace=None) -> None:
        """Write down one mark at many places."""
        places = (trans + self._flip).transform(path.vertices)
        if path.codes is not None:
            places = places[(path.codes == 1) | (path.codes == 2)]
        places = places[np.isfinite(places).all(axis=1) & (np.abs(places) < FAR).all(axis=1)]
        if not len(places):
            return
        vertices, codes = self._outline(marker_path, marker_trans + self._upside)
        points = vertices[codes != 79]
        self._put(
            [MARKERS, self._style(gc, rgbFace), self._letters(codes), len(places)], points, places, count=len(places)
        )

    def draw_path_collection(self, gc, master_transform, paths, all_transforms, offsets, offset_trans, *looks, **more):
        """Write down many paths in one operation where all are straight and lie where they are."""
        colors, hatchcolors = looks[:4], more.get("hatchcolors")
        plain = len(paths) and not len(all_transforms) and len(offsets) == 1
        straight = self._of_paths(paths) if plain and not np.any(offset_trans.transform(offsets)) else None
        if straight is None:
            super().draw_path_collection(
                gc, master_transform, paths, all_transforms, offsets, offset_trans, *looks, **more
            )
            return
        if not len(colors[0]) and not len(colors[1]):
            return
        styles = self._styles_of(gc, len(paths), *colors, () if hatchcolors is None else hatchcolors)
        one = styles[0] if len(set(styles)) == 1 else [styles[k % len(styles)] for k in range(len(paths))]
        places = (master_transform + self._flip).transform(straight[0])
        self._put([MANY, one, straight[1]], places, count=len(paths))

    def _of_paths(self, paths: Sequence[Any]) -> tuple[np.ndarray, list[int]] | None:
        vertices = np.concatenate([p.vertices for p in paths])
        codes = np.concatenate([_open(len(p.vertices)) if p.codes is None else p.codes for p in paths])
        straight = self._straight(vertices, codes) if len(vertices) and np.isfinite(vertices).all() else None
        return straight if straight and len(straight[1]) == len(paths) else None

    def _styles_of(self, gc, count: int, faces, edges, widths, dashes, hatchcolors) -> list[int]:
        own, styles = self.new_gc(), []
        own.copy_properties(gc)
        for k in range(min(count, max(map(len, (faces, edges, widths, dashes, hatchcolors))))):
            face, edge, width, dash, hatch = (
                v[k % len(v)] if len(v) else None for v in (faces, edges, widths, dashes, hatchcolors)
            )
            drawn = edge is not None and edge[3] > 0
            own.set_linewidth(width if drawn and width is not None else 0)
            if drawn:
                own.set_foreground(edge, isRGBA=True)
            if dash is not None:
                own.set_dashes(*dash)
            if hatch is not None:
                own.set_hatch_color(hatch)
            styles.append(self._style(own, None if face is None or face[3] == 0 else face))
        return styles

    def boxes(self, gc: GraphicsContextBase, face: Any, boxes: np.ndarray, radius: float, keys: Sequence = ()) -> None:
        """Write down rounded boxes.

        Parameters
        ----------
        boxes : ndarray, shape (n, 4)
            x, y (of the upper left corner, downwards), width and height, in CSS pixels.
        keys : sequence of str, optional
            What each box is known by on the page.
        """
        op = [BOXES, self._style(gc, face), len(boxes), round(float(radius), 2)]
        self._put(op, boxes, count=len(boxes), keys=keys)

    def draw_image(self, gc, x, y, im, transform=None) -> None:
        """Write down an image of at most 256 colours; others are brought down to as many."""
        rows, columns = im.shape[:2]
        corners = np.array([(0, 0), (columns, rows)]) if transform is None else transform.transform([(0, 0), (1, 1)])
        (x0, y0), (x1, y1) = corners + (x, y)
        packed = np.ascontiguousarray(im[::-1] if y1 > y0 and transform is not None else im).view("<u4")[:, :, 0]
        palette, places = np.unique(packed, return_inverse=True)
        if len(palette) > 256:
            packed = packed & np.uint32(0xFFC0E0E0)  # 3 bits of red and green, 2 of blue
            palette, places = np.unique(packed, return_inverse=True)
            palette, places = palette[:256], np.minimum(places, 255)
        box = [min(x0, x1), self.height - max(y0, y1), abs(x1 - x0), abs(y1 - y0)]
        colors = palette.astype("<u4").tobytes().hex()
        self._ops.append([IMAGE, self._style(gc, None), [round(float(v), 2) for v in box], columns, rows, colors])
        self._images.append(places.astype(np.uint8).tobytes())

    def draw_text(self, gc, x, y, s, prop, angle, ismath=False, mtext=None) -> None:
        """Write down a text; a formula as its outlines."""
        if ismath:
            outline = TextPath((0, 0), s, size=self.points_to_pixels(prop.get_size_in_points()), prop=prop)
            gc.set_linewidth(0)
            place = Affine2D().rotate_deg(angle).translate(x, self.height - y)
            self.draw_path(gc, outline, place, gc.get_rgb())
            return
        share = SHARES[mtext.get_horizontalalignment()] if mtext is not None else 0
        if share:  # the page's letters may be a little wider: they grow from the same point
            width, turn = self.get_text_width_height_descent(s, prop, False)[0], np.deg2rad(angle)
            x, y = x + share * width * np.cos(turn), y - share * width * np.sin(turn)
        self.write(x, y, s, prop, gc.get_rgb(), share, angle)

    def write(
        self, x: float, y: float, text: str, font: FontProperties, color: Any, share: float, angle: float = 0
    ) -> None:
        """Write down a line of text with its baseline at y; `share` of it lies left of x."""
        size = round(self.points_to_pixels(font.get_size_in_points()), 2)
        op = [TEXT, round(float(x), 1), round(float(y), 1), text, size, _color(color), share]
        bold = int(font.get_weight() in ("bold", 700))
        self._ops.append([*op, bold, angle] if angle else [*op, 1] if bold else op)
        self._note(1)


def keys_of(scene: bytes) -> list[str]:
    """Return the keys of the things in a display list, each once, in the order in which they are drawn."""
    (head,) = struct.unpack_from("<I", scene)
    keys = json.loads(scene[8 : 8 + head]).get("k", {}).values()
    return [k for k in dict.fromkeys(key for one in keys for key in ([one] if isinstance(one, str) else one)) if k]


@lru_cache(maxsize=256)
def _open(points: int) -> np.ndarray:
    codes = np.full(points, 2, np.uint8)
    codes[:1] = 1
    return codes
