"""`explore`: joins a function, its controls and a picture to a lab."""

from __future__ import annotations

import base64
import gc
import os
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import ipywidgets as widgets

from oslab.lab.buttons import StartButtons
from oslab.lab.controls import Panel
from oslab.lab.lecture_mode import enroll
from oslab.lab.look_ahead import QUICK, LookAhead, moves, read, readable, trait_of
from oslab.lab.measurement import Measurement, pick_arguments
from oslab.lab.mistake_link import mistake_address
from oslab.lab.screen import Screen
from oslab.lab.stepper import Stepper
from oslab.lab.toolbar import Toolbar
from oslab.lab.worker import Worker
from oslab.picture.canvas import Canvas
from oslab.picture.displayed import Displayed, escape, html_table, sentence
from oslab.picture.state import State

__all__ = ["Lab", "explore"]

_open: dict[tuple[str, str], Lab] = {}


def explore(
    view: Callable[..., Any],
    /,
    *,
    measure: Callable[..., Any] | None = None,
    recorded: Any = None,
    alongside: Callable[..., Any] | None = None,
    predict: Any = None,
    sampled: tuple[str, ...] = (),
    step: int | None = None,
    **controls: Any,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return a decorator that displays a function as a lab and leaves it an ordinary function.

    The handle `function.lab` (a `Lab`) is how scripts and tests drive it.

    Parameters
    ----------
    view : View class
        Draws what the function returns.
    measure : callable, optional
        Adds the button "measure here".  It is called, in a thread, with those of the controls' values that it
        names; it returns `Series`, or is a generator that yields shares of the work done (floats) and the
        series known so far.  They go to the view as `measured`.
    recorded : object or callable, optional
        A recorded run (or a function returning it), given to the view as `measured` until something is
        measured here.
    alongside : callable, optional
        Slow work of the model beside the picture, called as `measure` is, but by itself when the controls
        that it names rest.  It goes to the view as `alongside`.
    predict : Question or callable, optional
        A quiz item (or a function of a seed that makes one) shown before the picture; the view's `predict`
        marks the answer.
    sampled : tuple of str
        Controls during whose movement the function is called with ``sample=True``; it is called again without when
        they rest.
    step : int, optional
        Where the scrubber starts, if the view has ``stepped = True``; the last step if not given.
    **controls
        A control for a parameter of that name: `slider`, tuple (slider), list or mapping (menu), bool
        (switch), str (text field), a `Registry` (menu, and the chosen entry's own parameters) or a widget.
        What is not given comes from the function's annotations and defaults, as with `interact`.

    Examples
    --------
    >>> from oslab import explore, memory, slider
    >>> @explore(memory.FaultGrid, policy=memory.POLICIES, frames=slider(1, 8, unit="frames"))
    ... def faults(policy="lru", frames=3, **options):
    ...     return memory.simulate([1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5], policy, frames, **options)
    >>> faults.lab.controls["frames"].value = 4
    >>> faults.lab.result.faults
    8
    """

    def join(function: Callable[..., Any]) -> Callable[..., Any]:
        lab = Lab(
            function,
            view,
            controls,
            measure=measure,
            recorded=recorded,
            alongside=alongside,
            predict=predict,
            sampled=sampled,
            step=step,
        )
        key = _cell(function), function.__qualname__
        if key in _open:  # only now that the new one stands
            _open.pop(key).close()
            gc.collect()  # widgets and figures hold each other in circles; without this they pile up for a while
        _open[key] = function.lab = lab  # type: ignore[attr-defined]
        _display(lab)
        return function

    return join


def _display(lab: Lab) -> None:
    from IPython import get_ipython
    from IPython.display import display

    if get_ipython() is not None:
        display(lab)


def _cell(function: Callable[..., Any]) -> str:
    """The cell that is being run, where the front end tells: a copied cell is a lab of its own; else the module."""
    from IPython import get_ipython

    parent: dict[str, Any] = getattr(get_ipython(), "get_parent", dict)() or {}
    return str(parent.get("metadata", {}).get("cellId") or function.__module__)


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
    measured, alongside : object
        What was measured (or recorded), and what was worked out beside the picture.
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
    ):
        self.function = function
        self.canvas = Canvas(view)
        self.result: Any = None
        self.text = self.alt = ""
        self.error = ""
        self.alongside: Any = None
        self._lock = threading.RLock()
        self.sampled = frozenset(sampled)
        self._alongside, self._is_sample = alongside, False
        self._drawn_for: dict[str, Any] = {}
        self._drawn: dict[str, Any] | None = None  # what the view was given for the picture that stands
        self._alongside_for: dict[str, Any] | None = None
        self._first_step = step
        self._panel = Panel(function, controls, skip=("sample",))
        self._panel.on_change(self._changed)
        self._screen = Screen(width=self.canvas.width, height=self.canvas.height)
        self._screen.on_msg(self._message)
        self._version, self._hand, self._cost = 0, "", 0.0
        self._ahead = LookAhead(self._plan, self._screen.send)
        self._stepper = Stepper(lambda: self._changed("step")) if getattr(self.canvas.view, "stepped", False) else None
        self._worker = Worker(fail=self._failed)
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
        self._prediction, self._marked = self._make_prediction(predict), None
        parts = [
            *([self._prediction.box] if self._prediction else []),
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
        button = Toolbar.button
        buttons = [
            button("reset", "every control back to its start", self.reset),
            button("copy as code", "the call that made this picture", self._copy),
            button("save picture", "a PNG file of this picture", self._save),
        ]
        if "seed" in self.controls:
            buttons.append(button("new seed", "another random workload", self.draw_seed))
        if self.measurement.measure:
            buttons.append(self.measurement.button)
        return Toolbar(buttons, self._table, mistake_address(self.canvas.view, name))

    def _make_prediction(self, predict: Any) -> Any:
        if predict is None:
            return None
        from oslab.quizzes import QuestionBox

        box = QuestionBox(predict, compact=True)
        box.on_answer(self._predicted)
        return box

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
        return self._prediction

    @property
    def code(self) -> str:
        """The call that made this picture."""
        arguments = ", ".join(f"{k}={v!r}" for k, v in (self._drawn_for or {}).items())
        return f"{self.function.__name__}({arguments})"

    @property
    def measured(self) -> Any:
        """What the picture shows as measured: recorded, and measured here with these settings."""
        return self.measurement.data

    def reset(self) -> None:
        """Put everything back to where it started: controls, step; what was measured here is dropped."""
        with self._lock:
            self.measurement.forget()
            self._panel.reset()
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
        job = self._due_alongside()
        if job is not None:
            self._alongside_for = job
            self._worker.run(self._alongside, self._take_alongside, **job)

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

    def close(self) -> None:
        """Stop what runs and close every widget."""
        self._ahead.close()
        self._worker.stop(wait=3)
        self.measurement.close()
        self._panel.close()
        if self._stepper:
            self._stepper.close()
        if self._prediction:
            self._prediction.close()
        super().close()

    def _changed(self, name: str) -> None:
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
            stale = self._alongside is not None and self._due_alongside() is not None
            beside = {} if self._alongside is None else {"alongside": None if stale else self.alongside}
            view = self.canvas.view
            try:
                self._mark_prediction()
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
            controls, title = self._readable(), self.canvas.view.title
            state = State(self._version, read(controls), self.step, scene, background, self.text, title, shown, pending)
            self.alt, self.state = state.alt, state
            self._screen.show(state, {name: [w.model_id, trait_of(w)] for name, w in controls.items()})
            self.toolbar.follow()
            self._ahead.again()

    def _readable(self) -> dict[str, Any]:
        """The controls that the page can read, the step too."""
        return readable(self.controls | ({"step": self._stepper.slider} if self._stepper else {}))

    def _plan(self) -> Iterator[tuple[int, dict[str, Any], Callable[[], State | None]]]:
        """Neighbours of what the hand is on, and of the step, which the page is to have before they are asked for."""
        if self._alongside is None and not self._is_sample:
            quick = self._cost <= QUICK
            slow = [
                name for name in self.controls if not quick or name in self.sampled or self._panel.has_options(name)
            ]
            for settings, move in moves(self._readable(), self._hand, slow):
                yield self._version, settings, partial(self._foresee, settings, *move)

    def _foresee(self, settings: dict[str, Any], name: str, value: Any, said: str) -> State | None:
        """The state that there would be with one control moved; None if it has another background."""
        with self._lock:
            kept, step = (self.result, self._drawn_for), self.step
            view = self.canvas.view
            try:
                if self._stepper and name == "step":
                    step = value
                else:
                    values = self._panel.values(**{name: value})
                    self.result, self._drawn_for = self.function(**values), values
                    step = self._stepper.step_of(self.result.steps) if self._stepper else None
                given = {"step": step, "measured": self.measured}
                self._mark_prediction()
                view.update(self.result, **given)
                if self.canvas.figure.stale:
                    return None
                text, (background, scene) = view.describe(self.result, **given), self.canvas.scene()
                shown = self._panel.shown() | {name: said} | ({"step": str(step)} if self._stepper else {})
                return State(self._version, settings, step, scene, background, text, view.title, shown)
            finally:
                self.result, self._drawn_for = kept
                self._mark_prediction()
                view.update(**(self._drawn or {}))

    def _failed(self, error: Exception) -> None:
        self.error = sentence(error)
        self._screen.error = self.error

    def _predicted(self, answer: Any, verdict: Any) -> None:
        self._version += 1
        self._refresh()

    def _mark_prediction(self) -> None:
        """Have the view mark what was predicted, where the picture shows what was asked about; else no more."""
        mark = getattr(self.canvas.view, "predict", None)
        answer = self._prediction.answer_for(self._drawn_for) if self._prediction else None
        if mark is not None and answer != self._marked:
            mark(answer)
            self._marked = answer

    def _due_alongside(self) -> dict[str, Any] | None:
        """The arguments of the slow work if it has not been asked for them yet."""
        if self._alongside is None or self._is_sample:
            return None
        wanted = pick_arguments(self._alongside, self._drawn_for)
        return wanted if wanted != self._alongside_for else None

    def _take_alongside(self, data: Any, done: bool) -> None:
        with self._lock:
            if data is not None:
                self.alongside = data
            self._redraw()

    def _redraw(self) -> None:
        self._version += 1
        try:
            self._draw()
        except Exception as error:  # in a thread: shown nowhere else
            self._failed(error)

    def _message(self, _: Any, content: dict[str, Any], buffers: list) -> None:
        """What the page says: a key was pressed, or the slider rests."""
        if "ready" in content:
            self._ahead.wanted = True
            self._ahead.again()
        if "step" in content and self._stepper:
            self._stepper.move(int(content["step"]))
        if "rest" in content:
            with self._lock:
                if self._is_sample:
                    self._refresh()
                else:
                    self._redraw()
                job = self._due_alongside()
                if job is not None:
                    self._alongside_for, self.alongside = job, None
                    self._worker.start(self._alongside, self._take_alongside, **job)

    def _copy(self) -> None:
        self._screen.send({"copy": self.code})
        self.toolbar.say(self.code, code=True)

    def _save(self) -> None:
        self._screen.send({"save": f"{self.function.__name__}.png"}, [self.picture()])
        self.toolbar.say("saved by the browser")

    def _table(self) -> str:
        """The numbers behind the picture, as HTML; of what was measured where the model has none of its own."""
        parts = self.result if isinstance(self.result, tuple) else (self.result,)
        rows = [row for part in parts if hasattr(part, "table") for row in part.table()]
        measured = self.measured if isinstance(self.measured, list | tuple) else []
        series = [s for s in measured if hasattr(s, "table")]
        if rows or not series:
            return html_table(rows)
        return "".join(f"<p>{escape(f'{s.label} ({s.where})')}</p>{html_table(s.table())}" for s in series)

    def follow_lecture(self, on: bool) -> None:
        """Fill the window, with the seed in sight, or stop doing so."""
        self._screen.lecture = on
        self._panel.bring_forward("seed" if on else "")

    def _still(self) -> dict[str, Any]:
        """The picture for where nothing runs, and its sentence."""
        return {"image/png": base64.b64encode(self.picture()).decode(), "text/plain": self.text}

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:  # type: ignore[override]
        """Return what is displayed, how large the picture is, and what is said of it to who does not see it."""
        size = {"width": self.canvas.width, "height": self.canvas.height, "alt": self.alt}
        return super()._repr_mimebundle_(), {"image/png": size}
