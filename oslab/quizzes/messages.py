"""What a quiz says on screen: verdicts, notes, and the styles they come in."""

from pathlib import Path

import ipywidgets as widgets

from oslab.picture.theme import style_sheet
from oslab.quizzes.kinds.question import Verdict
from oslab.quizzes.markup import inline, labelled, to_html

__all__ = ["note_html", "styles", "trouble_html", "verdict_html"]

_STYLES = style_sheet((Path(__file__).parent / "quiz.css").read_text(encoding="utf-8"))


def styles() -> widgets.HTML:
    """Return the widget that carries the styles of quizzes."""
    return widgets.HTML(f"<style>{_STYLES}</style>", layout={"display": "none"})


def note_html(text: str, role: str = "status") -> str:
    """Return a note as HTML; with the role "alert" a screen reader interrupts for it."""
    return f"<div class='oslab-note' role='{role}'>{inline(text)}</div>"


def trouble_html(text: str) -> str:
    """Return what is wrong with an answer as HTML."""
    return f"<div class='oslab-verdict oslab-trouble' role='alert'>{inline(text)}</div>"


def verdict_html(verdict: Verdict | None) -> str:
    """Return a verdict as HTML, a bar and a word in front; empty for none."""
    if verdict is None:
        return "<div class='oslab-verdict'></div>"
    word, class_ = ("Right", "oslab-right") if verdict.right else ("Not yet", "oslab-wrong")
    tempting = f"<div class='oslab-tempting'>{to_html(verdict.tempting)}</div>" if verdict.tempting else ""
    # A new element with this role is read out by screen readers as it appears.
    return f"<div class='oslab-verdict {class_}' role='alert'>{labelled(word, verdict.why)}{tempting}</div>"
