"""States sent ahead: the page has the neighbours of what the hand is on before they are asked for.

The protocol, between the kernel (`LookAhead`, `Screen`) and the page (``screen.js``); messages arrive in the order
in which they are sent, in either direction, and any state sent ahead may be lost:

- A state is known by its *key*: the version, and the values of all controls that the page can read, the step too.
  The *version* counts whatever else a picture depends on: what was measured, worked out beside or predicted, and
  controls that only the kernel can read.  A new version voids all that was sent ahead.  A step that is the last one
  is `END` in the key: another control's move leads to the last step of another result.
- *Confirmed*: after each change that reaches it, the kernel sends the state of its controls as they stand, with
  their key.  It works them off in order, so the last one sent is that of the controls that stand in the end.
- *Ahead*: when nothing has happened for `PAUSE` seconds, the kernel sends neighbours, each with the key that the
  page will have when the control is moved there, nearest first; with its background where it has another than the
  last confirmed state.  It holds the lab's lock for one state at a time and
  gives up as soon as anything happens, so a real event waits for one state at most; a model that takes longer than
  `QUICK` is never called.  At most `BOUND` bytes of lists are out; then the page is told to forget them.
- When a control moves, the page shows the state with the key that it now has, if it has that.
- When a confirmed state arrives, the page shows it, always, with one exception: it shows a state sent ahead, of this
  version, whose key is that of the controls as they stand, and what arrives has another key.  That is an answer to
  an earlier move; the one that confirms what is shown is on its way.

So the picture that stays is the one of the controls that stand: the last confirmed state has their key.
"""

import json
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any

import ipywidgets as widgets

from oslab.picture.state import State

__all__ = ["QUICK", "LookAhead", "choices", "moves", "neighbours", "read", "readable", "trait_of"]

PAUSE, QUICK, BOUND, REACH = 0.025, 0.02, 1 << 18, 3
END = "end"
LONG = 500  # a text of more letters is not sent with every state


def trait_of(widget: Any) -> str:
    """Return the trait in which a control's value goes over the wire; '' if the page cannot read it, or need not."""
    if isinstance(widget, widgets.Dropdown | widgets.SelectionSlider | widgets.ToggleButtons | widgets.RadioButtons):
        return "index"
    if isinstance(widget, widgets.Text) and len(widget.value) > LONG:
        return ""
    simple = widgets.IntSlider, widgets.FloatSlider, widgets.Checkbox, widgets.Text, widgets.BoundedIntText
    return "value" if isinstance(widget, simple) else ""


def choices(widget: Any) -> list[tuple[str, Any]]:
    """Return what a menu offers: labels and values."""
    options = widget.options
    pairs = options.items() if isinstance(options, Mapping) else options
    return [one if isinstance(one, tuple) else (str(one), one) for one in pairs]


def neighbours(widget: Any) -> list[tuple[Any, Any, str]]:
    """Return the next values of a slider or menu, nearest first: on the wire, for the model, and as a reader sees it."""
    trait, steps = trait_of(widget), [k for reach in range(1, REACH + 1) for k in (reach, -reach)]
    if trait == "index":
        pairs = choices(widget)
        places = [k for k in (widget.index + by for by in steps) if 0 <= k < len(pairs)]
        return [(k, pairs[k][1], pairs[k][0]) for k in places]
    if isinstance(widget, widgets.IntSlider | widgets.FloatSlider) and not widget.disabled:
        found = [round(widget.value + by * widget.step, 12) for by in steps]
        return [(value, value, str(value)) for value in found if widget.min <= value <= widget.max]
    return []


def readable(controls: Mapping[str, Any]) -> dict[str, Any]:
    """Return those of the controls that the page can read."""
    return {name: widget for name, widget in controls.items() if trait_of(widget)}


def read(controls: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of controls as the wire has them."""
    return {name: _wire(name, widget, getattr(widget, trait_of(widget))) for name, widget in controls.items()}


def _wire(name: str, widget: Any, value: Any) -> Any:
    return END if name == "step" and value >= widget.max else value


def moves(
    controls: Mapping[str, Any], hand: str, slow: Collection[str]
) -> Iterator[tuple[dict[str, Any], tuple[str, Any, str]]]:
    """Yield the settings after each next move, and the move: a control's name, its value, what it then shows.

    Parameters
    ----------
    controls : mapping of str to Widget
        Those that the page can read.
    hand : str
        What was moved last; the first that has neighbours if nothing was.  The step's moves come after.
    slow : collection of str
        Controls that are not to be tried.
    """
    settings = read(controls)
    first = next((name for name, widget in controls.items() if neighbours(widget)), "")
    for name in dict.fromkeys((hand or first, "step")):
        if name in controls and name not in slow:
            for wire, value, said in neighbours(controls[name]):
                yield {**settings, name: _wire(name, controls[name], wire)}, (name, value, said)


def key_of(settings: dict[str, Any]) -> str:
    """Return the settings as one text; the page makes its own of what the kernel sends."""
    return json.dumps(settings, sort_keys=True)


class LookAhead:
    """Works out neighbours while nothing else is to be done, and sends them.

    Parameters
    ----------
    plan : callable
        Returns (version, settings, make) for each neighbour, nearest first; ``make()`` takes the lab's lock and
        returns the `State`, or None where there is none.
    send : callable
        ``send(content, buffers)``.

    Attributes
    ----------
    wanted : bool
        Whether there is a page that takes what is sent.
    """

    def __init__(
        self,
        plan: Callable[[], Iterable[tuple[int, dict[str, Any], Callable[[], State | None]]]],
        send: Callable[[dict[str, Any], list[bytes]], None],
    ):
        self._plan, self._send = plan, send
        self._moment, self._size, self._version = 0, 0, -1
        self._sent: set[str] = set()
        self._timer: threading.Timer | None = None
        self.wanted = False

    def again(self) -> None:
        """Something happened: give up what is being worked out, and begin anew after a pause."""
        self._moment += 1
        if self._timer:
            self._timer.cancel()
        if self.wanted:
            self._timer = threading.Timer(PAUSE, self.work, (self._moment,))
            self._timer.daemon = True
            self._timer.start()

    def close(self) -> None:
        """Send no more."""
        self.wanted = False
        self.again()

    def work(self, moment: int | None = None) -> None:
        """Send the neighbours that are not known yet, until something happens after `moment` (default: now)."""
        moment = self._moment if moment is None else moment
        for version, settings, make in self._plan():
            if version == self._version and key_of(settings) in self._sent:
                continue
            try:
                state = make()
            except Exception:  # what cannot be shown is not sent ahead; the real move says why
                continue
            if moment != self._moment:
                return
            if state is not None:
                self._take(state)
            time.sleep(0)  # whoever waits for the lock gets it

    def _take(self, state: State) -> None:
        lists = [state.list, *([state.background] if state.background else [])]
        size = sum(map(len, lists))
        forget = state.version != self._version or self._size + size > BOUND
        if forget:
            self._sent, self._size, self._version = set(), 0, state.version
        self._sent.add(key_of(state.settings))
        self._size += size
        self._send({"ahead": state.header, "forget": forget}, lists)
