"""`explore`: joins a function, its controls and a picture to a lab."""

from __future__ import annotations

import base64
import inspect
import os
import threading
from collections.abc import Callable, Mapping
from typing import Any

import ipywidgets as widgets

from oslab.lab.buttons import StartButtons
from oslab.lab.controls import Panel
from oslab.lab.lecture_mode import enroll
from oslab.lab.screen import Screen
from oslab.lab.stepper import Stepper
from oslab.lab.toolbar import Toolbar
from oslab.lab.worker import Worker
from oslab.picture.canvas import Canvas
from oslab.picture.state import State

__all__ = ["Lab", "explore"]

_open: dict[str, Lab] = {}


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
        name = f"{function.__module__}.{function.__qualname__}"
        if name in _open:
            _open.pop(name).close()
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
        _open[name] = function.lab = lab
        _display(lab)
        return function

    return join


def _display(lab: Lab) -> None:
    from IPython import get_ipython
    from IPython.display import display

    if get_ipython() is not None:
        display(lab)


def _named(function: Callable[..., Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Those of `values` that `function` names in its signature, or all if it takes any."""
    parameters = inspect.signature(function).parameters.values()
    if any(p.kind is p.VAR_KEYWORD for p in parameters):
        return dict(values)
    return {p.name: values[p.name] for p in parameters if p.name in values}


def _sentence(error: BaseException) -> str:
    return str(error) if isinstance(error, ValueError | TypeError | OSError) else f"{type(error).__name__}: {error}"


class Lab:
    """One lab: controls, picture, sentence, and what the last call returned.

    Made by `explore`.

    Attributes
    ----------
    controls : dict of str to Widget
        By name; set a widget's `value` and the picture follows.
    result : object
        What the function returned last.
    text : str
        The sentence under the picture.
    error : str
        What is wrong with the controls' values, or ''.
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
        alongside: Callable[..., Any] | None,
        predict: Any,
        sampled: tuple[str, ...],
        step: int | None,
    ):
        self.function = function
        self.canvas = Canvas(view)
        self.result: Any = None
        self.text = ""
        self.error = ""
        self.measured = recorded() if callable(recorded) else recorded
        self.alongside: Any = None
        self._lock = threading.RLock()
        self._measure, self._alongside = measure, alongside
        self._sampled, self._is_sample = frozenset(sampled), False
        self._drawn_for: dict[str, Any] | None = None
        self._alongside_for: dict[str, Any] | None = None
        self._panel = Panel(function, controls, skip=("sample",))
        self._panel.on_change(self._changed)
        self._screen = Screen(width=self.canvas.width, height=self.canvas.height)
        self._screen.on_msg(self._message)
        self._stepper = Stepper(self._stepped) if getattr(self.canvas.view, "stepped", False) else None
        self._worker = Worker(self._deliver_alongside, lambda share: None, self._failed)
        self._foot = Toolbar(self)
        for control in self.controls.values():
            if isinstance(control, StartButtons):
                control.on_start(self._foot.start_measuring)
        self._prediction = self._make_prediction(predict)
        parts = [
            *([self._prediction.box] if self._prediction else []),
            self._panel.box,
            self._screen,
            *([self._stepper.box] if self._stepper else []),
            self._foot.box,
        ]
        self.box = widgets.VBox(parts).add_class("oslab-lab")
        self._refresh(start=step)
        if self.error:
            raise ValueError(f"{function.__name__} with its own defaults: {self.error}")
        if os.environ.get("OSLAB_STATIC"):
            self.rest()
        enroll(self)

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

    def reset(self) -> None:
        """Put every control back to where it started."""
        self._panel.reset()

    def rest(self) -> None:
        """Do what is put off while a slider moves: the exact result, and the slow work beside it."""
        with self._lock:
            if self._is_sample:
                self._refresh()
        job = self._due_alongside()
        if job is not None:
            self._alongside_for = job
            self._worker.run(self._alongside, **job)

    def measure(self) -> Any:
        """Measure here and now, in this thread, and return what was measured.

        Raises
        ------
        ValueError
            A lab without a measurement.
        """
        if self._measure is None:
            raise ValueError(f"{self.function.__name__} has nothing to measure")
        worker = Worker(self.deliver_measured, lambda share: None, self._failed)
        worker.run(self._measure, **self.measure_arguments())
        return self.measured

    def measure_arguments(self) -> dict[str, Any]:
        """Return the controls' values that the measurement names."""
        return _named(self._measure, self._drawn_for or {})

    def picture(self, scale: float = 2.0) -> bytes:
        """Return the picture as a PNG file, `scale` dots for a CSS pixel."""
        with self._lock:
            return self.canvas.file(scale)

    def close(self) -> None:
        """Stop what runs and close every widget."""
        self._worker.stop()
        self._foot.close()
        self._panel.close()
        if self._stepper:
            self._stepper.close()
        if self._prediction:
            self._prediction.box.close()
        self._screen.close()
        self.box.close()

    def _changed(self, name: str) -> None:
        self._refresh(sample=name in self._sampled)

    def _refresh(self, sample: bool = False, start: int | None = None) -> None:
        """Call the function if a value changed, then draw."""
        with self._lock:
            try:
                values = self._panel.values()
                if self.result is None or values != self._drawn_for or sample != self._is_sample:
                    result = self.function(**values, **({"sample": True} if sample else {}))
                    if self._stepper:
                        self._stepper.fit(result.steps, start)
                        self._screen.steps = result.steps
                    self.result, self._drawn_for, self._is_sample = result, values, sample
                self._draw()
            except Exception as error:  # an exception in a callback is shown nowhere
                self._failed(error)

    def _draw(self) -> None:
        with self._lock:
            given: dict[str, Any] = {"step": self.step, "measured": self.measured}
            stale = self._alongside is not None and self._due_alongside() is not None
            beside = {} if self._alongside is None else {"alongside": None if stale else self.alongside}
            self.canvas.view.update(self.result, **given, **beside)
            self.text = self.canvas.view.describe(self.result, **given)
            self.error = ""
            shown = self._panel.shown() | ({"step": str(self.step)} if self._stepper else {})
            background, scene = self.canvas.scene()
            pending = self._is_sample or stale
            self._screen.show(State(0, {}, self.step, scene, background, self.text, self.text, shown, pending))
            self._foot.follow()

    def _failed(self, error: Exception) -> None:
        self.error = _sentence(error)
        self._screen.error = self.error

    def _stepped(self) -> None:
        self._refresh()

    def _predicted(self, answer: Any, verdict: Any) -> None:
        with self._lock:
            mark = getattr(self.canvas.view, "predict", None)
            if mark is not None:
                mark(self._prediction.question.normal(answer))
            self._refresh()

    def _due_alongside(self) -> dict[str, Any] | None:
        """The arguments of the slow work if it has not been asked for them yet."""
        if self._alongside is None or self._is_sample:
            return None
        wanted = _named(self._alongside, self._drawn_for or {})
        return wanted if wanted != self._alongside_for else None

    def _deliver_alongside(self, data: Any, done: bool) -> None:
        with self._lock:
            if data is not None:
                self.alongside = data
            self._redraw()

    def deliver_measured(self, data: Any, done: bool) -> None:
        """Take what was measured, all or so far, and draw it."""
        with self._lock:
            if data is not None:
                self.measured = data
            self._redraw()

    def _redraw(self) -> None:
        try:
            self._draw()
        except Exception as error:  # in a thread: shown nowhere else
            self._failed(error)

    def _message(self, _: Any, content: dict[str, Any], buffers: list) -> None:
        """What the page says: a key was pressed, or the slider rests."""
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
                    self._worker.start(self._alongside, **job)

    def follow_lecture(self, on: bool) -> None:
        """Fill the window, with the seed in sight, or stop doing so."""
        self._screen.lecture = on
        self._panel.bring_forward("seed" if on else "")

    def send(self, content: dict[str, Any], buffers: list | None = None) -> None:
        """Send the page a message: text to copy, or a file to save."""
        self._screen.send(content, buffers)

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """The live lab, its picture for where nothing runs, and its sentence."""
        live = self.box._repr_mimebundle_() or {}
        live = live[0] if isinstance(live, tuple) else live
        bundle = {**live, "image/png": base64.b64encode(self.picture()).decode(), "text/plain": self.text}
        return bundle, {"image/png": {"width": self.canvas.width, "height": self.canvas.height}}
