"""The slow work of a lab's model beside its picture: done when the controls that it names rest."""

from collections.abc import Callable, Mapping
from typing import Any

from oslab.lab.measurement import pick_arguments
from oslab.lab.worker import Worker

__all__ = ["Alongside"]


class Alongside:
    """Slow work, called with those of the controls' values that it names.

    Parameters
    ----------
    call : callable or None
        The work; see `Worker` for what it returns.
    redraw, fail : callable
        ``redraw()`` when there is more to draw; ``fail(exception)``.

    Attributes
    ----------
    data : object
        What is known so far, or None.
    """

    def __init__(self, call: Callable[..., Any] | None, redraw: Callable[[], None], fail: Callable[[Exception], None]):
        self.data: Any = None
        self._call, self._redraw, self._worker = call, redraw, Worker(fail=fail)
        self._asked_for: dict[str, Any] | None = None

    def __bool__(self) -> bool:
        return self._call is not None

    def due(self, values: Mapping[str, Any]) -> bool:
        """Return whether it has not been asked for what belongs to these values yet."""
        return self._call is not None and pick_arguments(self._call, values) != self._asked_for

    def start(self, values: Mapping[str, Any], here: bool = False) -> None:
        """Ask for what belongs to these values, if that is due: in a thread, or `here` and now."""
        if self._call is not None and self.due(values):
            self._asked_for = pick_arguments(self._call, values)
            if not here:
                self.data = None
            (self._worker.run if here else self._worker.start)(self._call, self._take, **self._asked_for)

    def close(self) -> None:
        """Stop what runs, and wait until it has."""
        self._worker.stop(wait=3)

    def _take(self, data: Any, done: bool) -> None:
        if data is not None:
            self.data = data
        self._redraw()
