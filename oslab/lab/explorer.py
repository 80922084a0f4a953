"""A lab: a function, its controls and a picture, joined."""

import base64
import os
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import ipywidgets as widgets

from oslab.lab.alongside import Alongside
from oslab.lab.buttons import StartButtons
from oslab.lab.controls import Panel
from oslab.lab.lecture_mode import enroll
from oslab.lab.look_ahead import QUICK, LookAhead, moves, read, readable, trait_of
from oslab.lab.measurement import Measurement
from oslab.lab.mistake_link import lab_page, mistake_address
from oslab.lab.pins import MOST_PINS, Pin, size, stack
from oslab.lab.prediction import Prediction, notes_for
from oslab.lab.screen import Screen
from oslab.lab.stepper import Stepper
from oslab.lab.toolbar import Toolbar, numbers_behind
from oslab.lab.touch import Touch, place_of
from oslab.picture.canvas import Canvas
from oslab.picture.displayed import Displayed, make_button, sentence
from oslab.picture.scene import keys_of
from oslab.picture.state import State

__all__ = ["Lab"]


class Lab(Displayed):
    """One lab: controls, picture, sentence, and what the last call returned.

    Made by `explore`.

    Attributes
    ----------
    controls : dict of str to Widget
        By name; set a widget's `value` and the picture follows.
    result : object
        What the function returned last.
    text, alt : str
        The sentence under the picture; what a reader who does not see the picture is told.
    state : State
        What the page shows: settings, step, display lists, words.
    error : str
        What is wrong with the controls' values, or ''.
    sampled : frozenset of str
        The controls during whose movement the function is called with ``sample=True``.
    pins : list of Pin
        The pictures that are kept above the live one.
    shown_in : IPython.display.DisplayHandle or None
        The output that it was displayed in.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        view: Callable[..., Any],
        controls: Mapping[str, Any],
        *,
        measure: Callable[..., Any] | None,
        recorded: Any,
        alongside: Any,
        predict: Any,
        sampled: tuple[str, ...],
        step: int | None,
        labels: Mapping[str, str],
    ):
        self.function = function
        self.canvas = Canvas(view)
        self.result: Any = None
        self.text = self.alt = ""
        self.error = ""
        self.pins: list[Pin] = []
        self.shown_in: Any = None
        self.state: State | None = None
        self._lock = threading.RLock()
        self.sampled, self._is_sample = frozenset(sampled), False
        self._drawn_for: dict[str, Any] = {}
        self._drawn: dict[str, Any] | None = None  # what the view was given for the picture that stands
        self._first_step = step
        self._panel = Panel(function, controls, skip=("sample",), labels=labels)
        self._panel.on_change(self._changed)
        self._screen = Screen(
            width=self.canvas.width, height=self.canvas.height, page=lab_page(view, function.__name__)
        )
        self._screen.on_msg(self._message)
        self._version, self._hand, self._cost = 0, "", 0.0
        self._touch = Touch(self.canvas.view, self._controls_and_step)
        self._ahead = LookAhead(self._plan, self._screen.send)
        self._stepper = Stepper(lambda: self._changed("step")) if getattr(self.canvas.view, "stepped", False) else None
        self._alongside = Alongside(alongside, self._redraw, self._failed)
        self.measurement = Measurement(
            measure,
            recorded,
            values=lambda: self._drawn_for,
            redraw=self._redraw,
            fail=self._failed,
            say=lambda text: self.toolbar.say(text),
        )
        self.toolbar = self._make_toolbar()
        for control in self.controls.values():
            if isinstance(control, StartButtons):
                control.on_start(self.measurement.start)
        self._prediction = Prediction(predict, self._redraw)
        parts = [
            *notes_for(view, function.__name__),
            *([self.prediction.box] if self.prediction else []),
            self._panel.box,
            self._screen,
            *([self._stepper.box] if self._stepper else []),
            self.toolbar.box,
        ]
        self.box = widgets.VBox(parts).add_class("oslab-lab")
        self._refresh(start=step)
        if self.error:
            self.close()
            raise ValueError(f"{function.__name__} with its own defaults: {self.error}")
        if os.environ.get("OSLAB_STATIC"):
            self.rest()
        enroll(self)

    def _make_toolbar(self) -> Toolbar:
        name = self.function.__name__
        buttons = [
            make_button("reset", self.reset, "set every control to its initial value"),
            make_button("pin", self.pin, "keep this picture above the live one, with its code"),
            make_button("copy as code", self._copy, "the code that makes this picture"),
            make_button("save picture", self._save, "a PNG file of this picture"),
        ]
        if "seed" in self.controls:
            buttons.append(make_button("new seed", self.draw_seed, "another random workload"))
        if self.measurement.measure:
            buttons.append(self.measurement.button)
        return Toolbar(
            buttons, lambda: numbers_behind(self.result, self.measured), mistake_address(self.canvas.view, name)
        )

    @property
    def controls(self) -> dict[str, Any]:
        """The controls now in use, by name."""
        return self._panel.widgets

    @property
    def step(self) -> int | None:
        """The step shown, or None where the picture has no steps."""
        return self._stepper.step if self._stepper else None

    @step.setter
    def step(self, step: int) -> None:
        if self._stepper is None:
            raise ValueError(f"step={step!r}: this picture has no steps")
        self._stepper.slider.value = step

    @property
    def prediction(self) -> Any:
        """The question before the picture, or None."""
        return self._prediction.box

    @property
    def code(self) -> str:
        """The call that made this picture."""
        arguments = ", ".join(f"{k}={v!r}" for k, v in (self._drawn_for or {}).items())
        return f"{self.function.__name__}({arguments})"

    @property
    def measured(self) -> Any:
        """What the picture shows as measured: recorded, and measured here with these settings."""
        return self.measurement.data

    @property
    def alongside(self) -> Any:
        """What was worked out beside the picture so far, or None."""
        return self._alongside.data

    def reset(self) -> None:
        """Put everything back to where it started: controls, step; what was measured here is dropped."""
        with self._lock:
            self.measurement.forget()
            self._panel.reset()
            self.canvas.view.touched = ""
            first = self._first_step
            self._refresh(start=first if first is not None else getattr(self.result, "steps", 0), again=True)

    def draw_seed(self) -> None:
        """Take another seed."""
        self.controls["seed"].value = secrets.randbelow(1000)

    def rest(self) -> None:
        """Do what is put off while a slider moves: the exact result, and the slow work beside it."""
        with self._lock:
            if self._is_sample:
                self._refresh()
        self._alongside.start(self._drawn_for, here=True)

    def measure(self) -> Any:
        """Measure here and now, in this thread, and return what was measured.

        Raises
        ------
        ValueError
            A lab without a measurement.
        """
        if self.measurement.measure is None:
            raise ValueError(f"{self.function.__name__} has nothing to measure")
        self.measurement.run()
        return self.measured

    def picture(self, scale: float = 2.0) -> bytes:
        """Return the picture as a PNG file, `scale` dots for a CSS pixel."""
        with self._lock:
            return self.canvas.file(scale)

    def pin(self) -> None:
        """Keep the present picture above the live one; of two that are kept already the older goes."""
        with self._lock:
            if self.state is not None:
                pin = Pin(self.state, self.code, self.picture(), self.canvas.width, self.canvas.height)
                self._keep([*self.pins[1 - MOST_PINS :], pin])

    def unpin(self, k: int) -> None:
        """Keep picture `k`, counted from 0 and from above, no longer; nothing for one that is not there."""
        with self._lock:
            self._keep([pin for place, pin in enumerate(self.pins) if place != k])

    def _keep(self, pins: list[Pin]) -> None:
        """Show these pins, on the page and in what the notebook saves."""
        self.pins = pins
        self._screen.pins = [pin.wire for pin in pins]
        if self.shown_in is not None:
            self.shown_in.update(self)

    def close(self) -> None:
        """Stop what runs and close every widget."""
        self._ahead.close()
        self._alongside.close()
        self.measurement.close()
        self._panel.close()
        if self._stepper:
            self._stepper.close()
        if self.prediction:
            self.prediction.close()
        super().close()

    @property
    def keys(self) -> list[str]:
        """By what the things in the picture are known that can be asked about or touched."""
        return keys_of(self.state.list) if self.state else []

    def tip(self, key: str) -> dict[str, str]:
        """Return what is said of a thing in the picture, as ``text``, and what it takes, as ``does``: click, drag, drop or ''."""
        with self._lock:
            return self._touch.tip(key) if key in self.keys else {"text": "", "does": ""}

    def touch(self, key: str, at: tuple[float, float] | None = None) -> bool:
        """Click a thing in the picture, or drag it; return whether that set anything.

        Parameters
        ----------
        key : str
            One of `keys`.
        at : tuple of float, optional
            Where it was dragged to, in CSS pixels of the picture; None for a click.
        """
        with self._lock:
            found = self._touch.set(key, at) if key in self.keys else None
            if found is None:
                return False
            self._hand = next(iter(found), "")
            self._version += 1
            self._refresh(self._hand in self.sampled, found.get("step"), again="step" in found)
            return True

    def _changed(self, name: str) -> None:
        if self._touch.busy:
            return
        if self.canvas.view.touched:
            self.canvas.view.touched = ""
            self._version += 1
        self._hand = name
        if name in self.controls and not trait_of(self.controls[name]):
            self._version += 1
        self._refresh(sample=name in self.sampled)

    def _refresh(self, sample: bool = False, start: int | None = None, again: bool = False) -> None:
        """Call the function if a value changed, then draw; where that fails, the last good picture stays."""
        with self._lock:
            before = self.result, self._drawn_for, self._is_sample
            try:
                values = self._panel.values()
                if again or self.result is None or values != self._drawn_for or sample != self._is_sample:
                    begun = time.perf_counter()
                    result = self.function(**values, **({"sample": True} if sample else {}))
                    self._cost = time.perf_counter() - begun
                    self.result, self._drawn_for, self._is_sample = result, values, sample
                    if self._stepper:
                        self._stepper.fit(result.steps, start)
                        self._screen.steps = result.steps
                self._draw()
            except Exception as error:  # an exception in a callback is shown nowhere
                if before[0] is not None:
                    self.result, self._drawn_for, self._is_sample = before
                self._failed(error)

    def _draw(self) -> None:
        with self._lock:
            given: dict[str, Any] = {"step": self.step, "measured": self.measured}
            stale = not self._is_sample and self._alongside.due(self._drawn_for)
            beside = {"alongside": None if stale else self.alongside} if self._alongside else {}
            view = self.canvas.view
            try:
                self._prediction.mark(view, self._drawn_for)
                view.update(self.result, **given, **beside)
                self.text = view.describe(self.result, **given)
                background, scene = self.canvas.scene()
            except Exception:
                if self._drawn:  # the artists may be half set
                    view.update(**self._drawn)
                raise
            self._drawn = {"result": self.result, **given, **beside}
            self.error = ""
            shown = self._panel.shown() | ({"step": str(self.step)} if self._stepper else {})
            pending = self._is_sample or stale
            controls, title = self._readable(), view.title
            state = State(self._version, read(controls), self.step, scene, background, self.text, title, shown, pending)
            self.state, self.alt = state, state.alt
            view.result, view.step, view.settings = self.result, self.step, self._drawn_for
            self._screen.show(
                state, {name: [w.model_id, trait_of(w)] for name, w in controls.items()}, self.canvas.width
            )
            self.toolbar.follow()
            self._ahead.again()

    def _readable(self) -> dict[str, Any]:
        """The controls that the page can read, the step too."""
        return readable(self._controls_and_step({}))

    def _controls_and_step(self, chosen: Mapping[str, Any]) -> dict[str, Any]:
        return self._panel.widgets_with(chosen) | ({"step": self._stepper.slider} if self._stepper else {})

    def _plan(self) -> Iterator[tuple[int, dict[str, Any], Callable[[], State | None]]]:
        """Neighbours of what the hand is on, and of the step, which the page is to have before they are asked for."""
        if not self._alongside and not self._is_sample:
            quick = self._cost <= QUICK
            slow = [
                name for name in self.controls if not quick or name in self.sampled or self._panel.has_options(name)
            ]
            for settings, move in moves(self._readable(), self._hand, slow):
                yield self._version, settings, partial(self._foresee, settings, *move)

    def _foresee(self, settings: dict[str, Any], name: str, value: Any, said: str) -> State | None:
        """The state that there would be with one control moved; without its background where that is as it is now."""
        with self._lock:
            view = self.canvas.view
            kept, step, touched = (self.result, self._drawn_for), self.step, view.touched
            try:
                view.touched = ""
                if self._stepper and name == "step":
                    step = value
                else:
                    values = self._panel.values(**{name: value})
                    self.result, self._drawn_for = self.function(**values), values
                    step = self._stepper.step_of(self.result.steps) if self._stepper else None
                given = {"step": step, "measured": self.measured}
                self._prediction.mark(view, self._drawn_for)
                view.update(self.result, **given)
                text, (background, scene) = view.describe(self.result, **given), self.canvas.scene()
                shown = self._panel.shown() | {name: said} | ({"step": str(step)} if self._stepper else {})
                own = b"" if self.state and background == self.state.background else background
                return State(self._version, settings, step, scene, own, text, view.title, shown)
            finally:
                (self.result, self._drawn_for), view.touched = kept, touched
                self._prediction.mark(view, self._drawn_for)
                view.update(**(self._drawn or {}))

    def _failed(self, error: Exception) -> None:
        self.error = sentence(error)
        self._screen.error = self.error

    def _redraw(self) -> None:
        self._version += 1
        try:
            self._draw()
        except Exception as error:  # in a thread: shown nowhere else
            self._failed(error)

    def _message(self, _: Any, content: dict[str, Any], buffers: list) -> None:
        """What the page says: how wide it is, that a key was pressed, that the slider rests."""
        if "ready" in content:
            self._ahead.wanted = True
            self._ahead.again()
        if "room" in content:
            with self._lock:
                if self.canvas.fit(float(content["room"])):
                    self._redraw()
        if "step" in content and self._stepper:
            self._stepper.move(int(content["step"]))
        if "over" in content:
            key = str(content["over"])
            self._screen.send({"tip": key, **self.tip(key)})
        if "touch" in content:
            try:
                self.touch(str(content["touch"]), place_of(content.get("at")))
            except Exception as error:  # an exception in a callback is shown nowhere
                self._failed(error)
        if "unpin" in content:
            self.unpin(int(content["unpin"]))
        if "rest" in content:
            with self._lock:
                if self._is_sample:
                    self._refresh()
                else:
                    self._redraw()
                self._alongside.start(self._drawn_for)

    def _copy(self) -> None:
        self._screen.send({"copy": self.code})
        self.toolbar.say(self.code, code=True)

    def _save(self) -> None:
        self._screen.send({"save": f"{self.function.__name__}.png"}, [self.picture()])
        self.toolbar.say("saved by the browser")

    def follow_lecture(self, on: bool) -> None:
        """Fill the window, with the seed in sight, or stop doing so."""
        self._screen.lecture = on
        self._panel.bring_forward("seed" if on else "")

    def _still(self) -> dict[str, Any]:
        """The picture for where nothing runs, below those that are kept, and what is said of them."""
        said = "\n".join([*(pin.text for pin in self.pins), self.text])
        return {"image/png": base64.b64encode(stack(self.pins, self.picture())).decode(), "text/plain": said}

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:  # type: ignore[override]
        """Return what is displayed, how large the picture is, and what is said of it to who does not see it."""
        bundle, (width, height) = super()._repr_mimebundle_(), size(self.pins, self.canvas.width, self.canvas.height)
        alt = " ".join([*(f"Kept: {pin.code}. {pin.state.alt}" for pin in self.pins), self.alt])
        return bundle, {"image/png": {"width": width, "height": height, "alt": alt}}
