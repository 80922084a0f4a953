"""The widgets in which an answer is given, one class for each kind of question.

Each has `box`, `value()`, `show(answer)`, and tells `changed` and `submit` (callables without arguments) what the
reader does.  They use only elements that the
keyboard reaches: radio buttons, check boxes, text fields, buttons, menus.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import ipywidgets as widgets

from oslab.picture.displayed import close_all, make_button
from oslab.quizzes.kinds.question import Question
from oslab.quizzes.markup import inline, to_text

__all__ = ["Input", "make_input"]

Call = Callable[[], None]
SPOKEN = "oslab-spoken"  # its label is read out, not seen


class Input:
    """What all inputs share.

    Parameters
    ----------
    question : Question
    seed : int
        For the order of what is offered.
    changed, submit : callable
        Called when the answer changes, and when the reader presses Enter in a text field.

    Attributes
    ----------
    check_label : str
        Of the button that checks the answer.
    revealed : bool
        Whether what is shown only after the first check is shown; always False where there is no such thing.
    """

    check_label = "check"
    revealed = False

    def __init__(self, question: Question, seed: int, changed: Call, submit: Call):
        self.question, self.changed, self.submit = question, changed, submit
        self.options = question.options(seed)
        self.box = widgets.VBox(self._make()).add_class("oslab-input")

    def _make(self) -> list[widgets.Widget]:
        raise TypeError(f"{type(self).__name__} defines no _make")

    def value(self) -> Any:
        """Return the answer as it stands."""
        raise TypeError(f"{type(self).__name__} defines no value")

    def show(self, answer: Any) -> None:
        """Make the widgets show this answer."""
        raise TypeError(f"{type(self).__name__} defines no show")

    def reveal(self) -> None:
        """Show what is shown only after the first check."""

    def _watch(self, widget: widgets.Widget) -> widgets.Widget:
        widget.observe(lambda change: self.changed(), "value")
        return widget

    def _tick(self, text: str) -> widgets.Checkbox:
        box = widgets.Checkbox(False, description=to_text(text), indent=False, layout={"width": "auto"})
        return self._watch(box)

    def close(self) -> None:
        """Close every widget of the input."""
        close_all(self.box)


class _OptionInput(Input):
    def _make(self) -> list[widgets.Widget]:
        labels = [(to_text(option), option) for option in self.options]
        self._radio = self._watch(widgets.RadioButtons(options=labels, value=None, layout={"width": "auto"}))
        return [self._radio]

    def value(self) -> str | None:
        return self._radio.value

    def show(self, answer: str) -> None:
        self._radio.value = answer


class _OptionsInput(Input):
    def _make(self) -> list[widgets.Widget]:
        self._ticks = [self._tick(option) for option in self.options]
        return [widgets.HTML("<div class='oslab-how'>Several may be right.</div>"), *self._ticks]

    def value(self) -> list[str]:
        return [option for option, tick in zip(self.options, self._ticks, strict=True) if tick.value]

    def show(self, answer: Any) -> None:
        for option, tick in zip(self.options, self._ticks, strict=True):
            tick.value = option in answer


class _NumberInput(Input):
    def _make(self) -> list[widgets.Widget]:
        unit, within = self.question.unit, self.question.tolerance
        self._field = self._watch(
            widgets.Text(
                placeholder="number", description=f"your answer, in {to_text(unit)}", layout={"width": "160px"}
            )
        ).add_class(SPOKEN)
        self._field.on_msg(self._message)
        beside = f"{inline(unit)} <span class='oslab-quiet'>{inline(within)}</span>"
        return [widgets.HBox([self._field, widgets.HTML(beside)]).add_class("oslab-row")]

    def _message(self, widget: Any, content: dict[str, Any], buffers: Any) -> None:
        if content.get("event") == "submit":
            self.submit()

    def value(self) -> str:
        return self._field.value

    def show(self, answer: Any) -> None:
        self._field.value = answer if isinstance(answer, str) else f"{answer:.12g}"


class _OrderInput(Input):
    def _make(self) -> list[widgets.Widget]:
        self._order = list(self.options)
        self._texts, self._buttons, rows = [], [], []
        for k in range(len(self._order)):
            text = widgets.HTML().add_class("oslab-item")
            pair = {step: make_button(arrow, partial(self._move, k, step)) for step, arrow in ((-1, "▲"), (1, "▼"))}
            pair[-1].disabled, pair[1].disabled = k == 0, k == len(self._order) - 1
            self._texts.append(text)
            self._buttons.append(pair)
            rows.append(
                widgets.HBox([*(b.add_class("oslab-move") for b in pair.values()), text]).add_class("oslab-row")
            )
        self._draw()
        return rows

    def _move(self, k: int, step: int) -> None:
        j = k + step
        self._order[k], self._order[j] = self._order[j], self._order[k]
        self._draw()
        # The focus goes with the item, so that pressing again moves it on; at the end it turns round.
        follow = self._buttons[j][step if not self._buttons[j][step].disabled else -step]
        follow.focus()
        self.changed()

    def _draw(self) -> None:
        for k, item in enumerate(self._order):
            self._texts[k].value = f"<span class='oslab-place'>{k + 1}</span> {inline(item)}"
            self._buttons[k][-1].tooltip = f"move up: {to_text(item)}"
            self._buttons[k][1].tooltip = f"move down: {to_text(item)}"

    def value(self) -> list[str]:
        return list(self._order)

    def show(self, answer: Any) -> None:
        self.question.grade(answer)
        self._order = list(answer)
        self._draw()


class _MatchInput(Input):
    def _make(self) -> list[widgets.Widget]:
        menu = [("choose …", None), *((to_text(option), option) for option in self.options)]
        self._menus, rows = {}, []
        for item in self.question.right:
            self._menus[item] = self._watch(
                widgets.Dropdown(
                    options=menu, index=0, layout={"width": "52%"}, description=f"partner of: {to_text(item)}"
                )
            ).add_class(SPOKEN)
            rows.append(
                widgets.HBox([widgets.HTML(inline(item)).add_class("oslab-left"), self._menus[item]]).add_class(
                    "oslab-row"
                )
            )
        return rows

    def value(self) -> dict[str, str | None]:
        return {item: menu.value for item, menu in self._menus.items()}

    def show(self, answer: Any) -> None:
        for item, menu in self._menus.items():
            menu.index = 0 if answer.get(item) is None else 1 + self.options.index(answer[item])


class _WrittenInput(Input):
    check_label = "compare with the model answer"

    def _make(self) -> list[widgets.Widget]:
        self._text = self._watch(
            widgets.Textarea(
                placeholder="Your answer, in your own words",
                description="your answer",
                rows=4,
                layout={"width": "100%"},
            )
        ).add_class(SPOKEN)
        self._ticks = [self._tick(point) for point in self.question.points]
        answer = inline(self.question.answer)
        model = widgets.HTML(
            f"<div class='oslab-model'><b>Model answer.</b> {answer}</div>"
            f"<div class='oslab-how'>Tick each point that your own answer contains:</div>"
        )
        self._model = widgets.VBox([model, *self._ticks], layout={"display": "none"})
        return [self._text, self._model]

    def reveal(self) -> None:
        self.check_label, self.revealed, self._model.layout.display = "check", True, ""

    def value(self) -> dict[str, Any]:
        return {"text": self._text.value, "ticked": [k for k, tick in enumerate(self._ticks) if tick.value]}

    def show(self, answer: Any) -> None:
        text, ticked = self.question.parts(answer)
        self._text.value = text
        for k, tick in enumerate(self._ticks):
            tick.value = k in ticked


_INPUTS: dict[str, type[Input]] = {
    "choice": _OptionInput,
    "choices": _OptionsInput,
    "number": _NumberInput,
    "order": _OrderInput,
    "match": _MatchInput,
    "written": _WrittenInput,
}


def make_input(question: Question, seed: int, changed: Call, submit: Call) -> Input:
    """Return the input for a question's kind."""
    return _INPUTS[question.kind](question, seed, changed, submit)
