"""What a quiz says on screen: verdicts, errors, and the styles they come in."""

from __future__ import annotations

from pathlib import Path

import ipywidgets as widgets

from oslab.quizzes.kinds.question import Verdict
from oslab.quizzes.markup import to_html

__all__ = ["flow", "look", "sentence", "times", "verdict_html"]

_LOOK = (Path(__file__).parent / "quiz.css").read_text(encoding="utf-8")


def look() -> widgets.HTML:
    """Return the widget that carries the styles of quizzes."""
    return widgets.HTML(f"<style>{_LOOK}</style>", layout={"display": "none"})


def sentence(error: BaseException) -> str:
    """Return what is said of an error: its own words where it is about the answer given."""
    ours = isinstance(error, ValueError | TypeError | OSError)
    return str(error) if ours else f"{type(error).__name__}: {error}"


def times(tries: int) -> str:
    """Return "1 try", "2 tries"."""
    return f"{tries} {'try' if tries == 1 else 'tries'}"


def verdict_html(verdict: Verdict | None) -> str:
    """Return a verdict as HTML, a bar and a word in front; empty for none."""
    if verdict is None:
        return "<div class='oslab-verdict'></div>"
    word, class_ = ("Right.", "oslab-right") if verdict.right else ("Not yet.", "oslab-wrong")
    tempting = f"<div class='oslab-tempting'>{to_html(verdict.tempting)}</div>" if verdict.tempting else ""
    # A new element with this role is read out by screen readers as it appears.
    why = flow(verdict.why)
    return f"<div class='oslab-verdict {class_}' role='alert'><b>{word}</b> {why}{tempting}</div>"


def flow(text: str) -> str:
    """Return a text as HTML that goes on after a word: its first paragraph without a break."""
    page = to_html(text)
    return page[3:].replace("</p>", "", 1) if page.startswith("<p>") else page
