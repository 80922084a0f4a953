"""Light and dark: the value that each ink has on a dark page, for the canvas and for style sheets alike."""

import json
from base64 import b64encode
from importlib import resources

from oslab.picture.style import FONT

__all__ = ["DARK", "DARK_PAGE", "renderer", "style_sheet"]

# The value on a light page → that on a dark one, for paper, ink, quiet, grid, bad, good, recorded, and the series.
DARK = {
    "#ffffff": "#15191e",
    "#1b1f24": "#e8ebee",
    "#59636e": "#a3adb8",
    "#e3e6e9": "#343c45",
    "#8a929b": "#8f99a4",
    "#d55e00": "#ff8b45",
    "#b24e00": "#ff9d61",
    "#009e73": "#2bc597",
    "#00795a": "#38cfa2",
    "#0072b2": "#58b0ee",
    "#e69f00": "#f0b53c",
    "#8f6100": "#f0b53c",
    "#cc79a7": "#e29cc5",
    "#a8487d": "#e8a5cb",
    "#56b4e9": "#7cc9f3",
    "#1f6f9f": "#7cc9f3",
}
DARK_PAGE = 'body[data-jp-theme-light="false"]', "body.vscode-dark", "body.vscode-high-contrast"
_ROLES = {
    "paper": DARK["#ffffff"],
    "ink": DARK["#1b1f24"],
    "quiet": DARK["#59636e"],
    "line": "#434c56",
    "raised": "#242a31",
    "warm": "#3a2517",
    "bad": DARK["#b24e00"],
    "good": DARK["#00795a"],
    "scheme": "dark",
}


def style_sheet(text: str) -> str:
    """Return a style sheet that says ``var(--oslab-ink, #1b1f24)`` and the like, with the values on a dark page."""
    values = "; ".join(f"--oslab-{role}: {value}" for role, value in _ROLES.items())
    return f"{', '.join(DARK_PAGE)} {{ {values}; }}\n{text}"


def renderer() -> str:
    """Return the JavaScript that draws display lists, with its font, without its exports: to be put before what uses it."""
    text = resources.files("oslab.picture").joinpath("scene.js").read_text(encoding="utf-8").rsplit("export {", 1)[0]
    cuts = {"400": "regular", "700": "bold"}
    font = {weight: b64encode((FONT / f"{cut}.ttf").read_bytes()).decode() for weight, cut in cuts.items()}
    values = {"DARK": DARK, "FONT": font}
    for name, value in values.items():
        text = text.replace(f"const {name} = {{}};", f"const {name} = {json.dumps(value)};")
    return text
