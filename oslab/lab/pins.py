"""Pins: pictures of a lab that are kept above the live one, each with the call that made it."""

import io
from collections.abc import Sequence
from typing import Any, NamedTuple

from oslab.picture import style
from oslab.picture.state import State

__all__ = ["MOST_PINS", "Pin", "size", "stack"]

MOST_PINS = 2
CAPTION = 22  # CSS pixels above each picture, for its call


class Pin(NamedTuple):
    """A picture that is kept: its `State`, the call that made it, its PNG (2 dots for a CSS pixel), its size in CSS pixels."""

    state: State
    code: str
    png: bytes
    width: int
    height: int

    @property
    def wire(self) -> dict[str, Any]:
        """What the page draws it from."""
        lists = {"list": self.state.list, "background": self.state.background}
        return {**self.state.header, **lists, "code": self.code, "width": self.width, "height": self.height}

    @property
    def text(self) -> str:
        """The call, and the sentence that stood under the picture."""
        return f"Kept: {self.code}. {self.state.sentence}"


def size(pins: Sequence[Pin], width: int, height: int) -> tuple[int, int]:
    """Return width and height of what `stack` makes, given those of the live picture, all in CSS pixels."""
    return max([width, *(pin.width for pin in pins)]), height + sum(pin.height + CAPTION for pin in pins)


def stack(pins: Sequence[Pin], live: bytes) -> bytes:
    """Return one PNG: each pin under its call, the live picture below them; that alone if there are none.

    Parameters
    ----------
    pins : sequence of Pin
    live : bytes
        The PNG of the live picture, 2 dots for a CSS pixel.
    """
    if not pins:
        return live
    from matplotlib.font_manager import FontProperties, findfont
    from PIL import Image, ImageDraw, ImageFont

    font = ImageFont.truetype(findfont(FontProperties(family=style.FACES)), 28)
    pictures = [Image.open(io.BytesIO(png)).convert("RGB") for png in (*(pin.png for pin in pins), live)]
    head = 2 * CAPTION
    wide, high = size(pins, pictures[-1].width // 2, pictures[-1].height // 2)
    sheet = Image.new("RGB", (2 * wide, 2 * high), "white")
    pen, y = ImageDraw.Draw(sheet), 0
    for code, picture in zip((*(pin.code for pin in pins), ""), pictures):
        if code:
            pen.text((26, y + 6), code, fill=style.QUIET, font=font)
            y += head
        sheet.paste(picture, (0, y))
        y += picture.height
    out = io.BytesIO()
    sheet.quantize(256, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()
