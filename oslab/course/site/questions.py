"""A question as HTML that a page's script answers by a key in the page; without scripts its solution unfolds."""

import json
from typing import Any

from oslab.base import Instance, checked, integer, text
from oslab.picture.html_text import escape
from oslab.quizzes import Choice, Choices, Match, Number, Order, Question
from oslab.quizzes.markup import inline, to_html
from oslab.quizzes.printed import prompt_html

__all__ = ["key_of", "question_html"]


@checked(question=Instance(Question), seed=integer())
def key_of(question: Question, seed: int = 1) -> dict[str, Any]:
    """Return what a page needs to grade answers, as JSON takes it; texts are HTML.

    ``why`` goes with a right answer.  A choice has for each option ``right`` and ``said``; a number its value,
    tolerance and likely wrong values; an order the places of the items, a match the partner of each item.
    """
    key: dict[str, Any] = {"kind": question.kind, "why": to_html(question.why)}
    options = question.options(seed)
    if isinstance(question, Choice | Choices):
        right = {question.key} if isinstance(question, Choice) else question.key
        key["options"] = [{"right": o in right, "said": inline(question.wrong.get(o, ""))} for o in options]
    elif isinstance(question, Number):
        reach = max(question.absolute, max(question.relative, 1e-9) * abs(question.right))
        wrong = [
            [v, max(question.absolute, max(question.relative, 1e-9) * abs(v)), inline(said)]
            for v, said in question.wrong.items()
        ]
        key |= {"right": question.right, "reach": reach, "unit": question.unit, "wrong": wrong}
    elif isinstance(question, Order):
        place = {item: k for k, item in enumerate(options)}
        key |= {
            "right": [place[item] for item in question.right],
            "wrong": [[place[a], place[b], inline(said)] for (a, b), said in question.wrong.items()],
        }
    elif isinstance(question, Match):
        items = [*question.right]
        key |= {
            "right": [options.index(question.right[item]) for item in items],
            "wrong": [[items.index(a), options.index(b), inline(said)] for (a, b), said in question.wrong.items()],
        }
    return key


def _offer(question: Question, name: str, seed: int) -> str:
    """What an answer is given with; a page without scripts only shows it."""
    options = [inline(option) for option in question.options(seed)]
    if isinstance(question, Choice | Choices):
        kind = "radio" if isinstance(question, Choice) else "checkbox"
        return "".join(
            f'<label><input type="{kind}" name="{name}" value="{k}"> <span>{option}</span></label>'
            for k, option in enumerate(options)
        )
    if isinstance(question, Number):
        within = f" ({question.tolerance})" if question.tolerance else ""
        return f'<label class="number">Answer: <input name="{name}" autocomplete="off"> {escape(question.unit + within)}</label>'
    if isinstance(question, Order):
        rows = (
            f'<li data-item="{k}"><span>{option}</span> <button type="button" data-by="-1" aria-label="up: '
            f'{escape(plain)}">▲</button><button type="button" data-by="1" aria-label="down: {escape(plain)}">▼</button></li>'
            for k, (option, plain) in enumerate(zip(options, question.options(seed), strict=True))
        )
        return f'<ol class="order">{"".join(rows)}</ol>'
    if isinstance(question, Match):
        offered = "".join(f'<option value="{k}">{escape(o)}</option>' for k, o in enumerate(question.options(seed)))
        return "".join(
            f'<label class="match"><span>{inline(item)}</span> <select><option value="">…</option>{offered}</select></label>'
            for item in question.right
        )
    return '<label>Your own words: <textarea rows="3"></textarea></label>'


@checked(question=Instance(Question), name=text(200), seed=integer())
def question_html(question: Question, name: str, seed: int = 1) -> str:
    """Return a question with its key.

    Parameters
    ----------
    question : Question
    name : str
        Unlike those of the page's other questions.
    seed : int
        For the order of what is offered.
    """
    key = json.dumps(key_of(question, seed)).replace("<", "\\u003c")
    folds = [("hint", question.hint), ("solution", question.solution())]
    folded = "".join(f"<details><summary>{said}</summary>{to_html(more)}</details>" for said, more in folds if more)
    check = "" if question.kind == "written" else '<button type="submit">check</button>'
    return (
        f'<form class="question" id="{escape(name)}">{prompt_html(question)}<fieldset><legend>your answer</legend>'
        f'{_offer(question, escape(name), seed)}</fieldset>{check}<div class="verdict" aria-live="polite"></div>{folded}'
        f'<script type="application/json">{key}</script></form>'
    )
