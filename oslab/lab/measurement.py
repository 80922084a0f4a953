"""The measurement of a lab: the button "measure here", and what was measured beside what was recorded."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from oslab.base import Runs, both
from oslab.lab.worker import Worker
from oslab.picture.displayed import make_button

__all__ = ["Measurement", "pick_arguments"]


def pick_arguments(function: Callable[..., Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return those of `values` that `function` names in its signature, or all if it takes any."""
    parameters = inspect.signature(function).parameters.values()
    if any(p.kind is p.VAR_KEYWORD for p in parameters):
        return dict(values)
    return {p.name: values[p.name] for p in parameters if p.name in values}


class Measurement:
    """What a lab measures on this machine.

    Parameters
    ----------
    measure : callable or None
        Called, in a thread, with those of the controls' values that it names; see `Worker` for what it returns.
    recorded : object or callable
        The recorded run, or a function that returns it.
    values : callable
        Returns the controls' values at the picture.
    redraw, fail : callable
        ``redraw()`` when there is more to draw; ``fail(exception)``.
    say : callable
        ``say(text)``: how far it is.

    Attributes
    ----------
    button : Button
    error : Exception or None
        What the last measurement raised.
    """

    def __init__(
        self,
        measure: Any,
        recorded: Any,
        *,
        values: Callable[[], Mapping[str, Any]],
        redraw: Callable[[], None],
        fail: Callable[[Exception], None],
        say: Callable[[str], None],
    ):
        self.measure, self._runs = measure, Runs(recorded)
        self._values, self._redraw, self._fail, self._say = values, redraw, fail, say
        self._worker = Worker(lambda share: say(f"measuring … {share:.0%}"), self._failed, self._ended)
        self._closing = False
        self._outcome = ""
        self.error: Exception | None = None
        self.button = make_button("measure here", self.toggle, "run it for real on this machine")

    @property
    def settings(self) -> dict[str, Any]:
        """Those of the controls' values that the measurement names."""
        return pick_arguments(self.measure, self._values()) if self.measure else {}

    @property
    def data(self) -> Any:
        """What the view draws as measured: the recorded run, and beside it what was measured with these settings."""
        return both(*self._runs.at(self.settings))

    def toggle(self) -> None:
        """Start, or stop what runs."""
        if not self._worker.running:
            self.start()
        elif not self._worker.stopping:
            self.button.description, self.button.disabled = "stopping …", True
            self._worker.stop(wait=0)

    def start(self) -> None:
        """Measure in a thread, with the controls' values; what runs is stopped first."""
        settings = self.settings
        self.button.description, self._outcome, self.error = "stop", "", None
        self._say("measuring …")
        self._worker.start(self.measure, lambda data, done: self.keep(data, done, settings), **settings)

    def run(self) -> None:
        """Measure here and now, in the calling thread."""
        settings, self.error = self.settings, None
        self._worker.run(self.measure, lambda data, done: self.keep(data, done, settings), **settings)

    def keep(self, data: Any, done: bool = True, settings: Mapping[str, Any] | None = None) -> None:
        """Keep what was measured, all or so far, and have it drawn."""
        if data is not None:
            self._runs.keep(self.settings if settings is None else settings, data)
        self._outcome = "measured here" if done else ""
        self._redraw()

    def forget(self) -> None:
        """Stop what runs, and drop what was measured here."""
        self._worker.stop(wait=0)
        self._runs.forget()

    def join(self, wait: float) -> None:
        """Wait until nothing is being measured, `wait` seconds at most."""
        self._worker.join(wait)

    def close(self) -> None:
        """Stop what runs, and wait until it has."""
        self._closing = True
        self._worker.stop(wait=3)
        self.button.close()

    def _failed(self, error: Exception) -> None:
        self.error = error
        self._outcome = f"could not be measured here: {error}"
        self._fail(error)

    def _ended(self, stopped: bool) -> None:
        if not self._closing:
            self.button.description, self.button.disabled = "measure here", False
            self._say("stopped; what was measured so far is kept" if stopped else self._outcome)
