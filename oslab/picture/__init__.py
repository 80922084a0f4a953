"""Figures: style, text, tiles, the view and its canvas; the base of whatever is displayed."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submodules=["style"],
    submod_attrs={
        "canvas": ["Canvas"],
        "parts": [
            "TOO_NOISY",
            "Marks",
            "Names",
            "Rows",
            "best",
            "call_noisy",
            "color_of",
            "origin_key",
            "text_color_of",
            "top_of",
        ],
        "tiles": ["LOOKS", "Look", "Tile", "Tiles"],
        "view": ["View"],
    },
)
