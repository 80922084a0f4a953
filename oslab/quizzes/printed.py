"""Questions on paper: the text and the HTML shown where nothing runs, without answers."""

import base64
import html
from collections.abc import Mapping

from oslab.base import Instance, as_text as rows_as_text, checked, integer
from oslab.picture.html_text import html_table
from oslab.quizzes import Match, Number, Question
from oslab.quizzes.markup import inline, to_html, to_text

__all__ = ["as_html", "as_text", "heading", "page_html", "page_text", "picture_html", "prompt_html"]

_PNG = b"\x89PNG\r\n\x1a\n"
_MARKS = {"choice": ("", "○"), "choices": ("Several may be right.", "☐"), "order": ("Put in order:", "▢")}


def _offer(question: Question, seed: int) -> tuple[str, list[str]]:
    """What stands under the prompt: an instruction, and a line for each option."""
    options = question.options(seed)
    if question.kind in _MARKS:
        instruction, mark = _MARKS[question.kind]
        return instruction, [f"{mark} {option}" for option in options]
    if isinstance(question, Match):
        return f"Give each a partner: {'; '.join(options)}.", [f"{item} → …" for item in question.right]
    if isinstance(question, Number):
        within = f" ({question.tolerance})" if question.tolerance else ""
        return "", [f"Answer: … {question.unit}{within}"]
    return "Answer in your own words.", []


@checked(question=Instance(Question), seed=integer())
def as_text(question: Question, seed: int = 1) -> str:
    """Return a question as plain text, its options in the order that belongs to the seed."""
    instruction, lines = _offer(question, seed)
    parts = [to_text(question.prompt), rows_as_text(question.table) if question.table else ""]
    if question.picture is not None:
        parts.append(f"[picture: {question.picture_alt}]")
    parts.append("\n".join([*([instruction] if instruction else []), *(f"  {to_text(line)}" for line in lines)]))
    return "\n".join(part for part in parts if part)


@checked(question=Instance(Question), seed=integer())
def as_html(question: Question, seed: int = 1) -> str:
    """Return a question as HTML without styles or scripts, for pages that strip them.

    Parameters
    ----------
    question : Question
    seed : int
        For the order of what is offered.
    """
    instruction, lines = _offer(question, seed)
    first = f"<p>{inline(instruction)}</p>" if instruction else ""
    rest = "".join(f"<div>{inline(line)}</div>" for line in lines)
    return prompt_html(question, everywhere=True) + first + rest


def prompt_html(question: Question, everywhere: bool = False) -> str:
    """Return a question's prompt, table and picture as HTML.

    Parameters
    ----------
    question : Question
    everywhere : bool
        Leave out what is not the same bytes on every machine: a PNG, for which its description stands.
    """
    table = html_table(question.table) if question.table else ""
    return to_html(question.prompt) + table + picture_html(question, everywhere)


def picture_html(question: Question, everywhere: bool = False) -> str:
    """Return a question's picture as an image with alternative text, or ''."""
    if question.picture is None:
        return ""
    data = question.picture() if callable(question.picture) else question.picture
    raw = data.encode() if isinstance(data, str) else bytes(data)
    alt = html.escape(question.picture_alt, quote=True)
    sort = "png" if raw.startswith(_PNG) else "svg+xml"
    if everywhere and sort == "png":
        return f"<p>[picture: {alt}]</p>"
    # As an image and not as markup, SVG can run nothing and restyle nothing.
    return f'<p><img alt="{alt}" src="data:image/{sort};base64,{base64.b64encode(raw).decode()}"></p>'


def heading(title: str) -> str:
    """Return what stands above the questions of a chapter."""
    return title if title.lower().endswith("questions") else f"{title}: questions"


def page_text(title: str, questions: Mapping[str, Question], seed: int) -> str:
    """Return the questions of a chapter as plain text."""
    parts = (f"{key}. {as_text(q, seed)}" for key, q in questions.items())
    return "\n\n".join([heading(title), *parts])


def page_html(title: str, questions: Mapping[str, Question], seed: int) -> str:
    """Return the questions of a chapter as HTML."""
    parts = (f"<p><b>{key}</b></p>{as_html(q, seed)}" for key, q in questions.items())
    return f"<p><b>{html.escape(heading(title))}</b></p>{'<hr>'.join(parts)}"
