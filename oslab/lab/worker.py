"""Long work beside the notebook: one thread, partial results, a stop flag that is looked at.

A Stop button is not seen while a callback runs, and "interrupt" does not reach callbacks, so what takes
more than a second is a generator run here; between two of its values it can be stopped.
"""

from __future__ import annotations

import contextvars
import inspect
import threading
from collections.abc import Callable
from typing import Any

__all__ = ["Worker"]


class Worker:
    """Runs one job at a time in a thread; a new job stops the one before.

    A job is a function: a plain one returns its data; a generator yields floats (the share done, 0 to 1) and
    data (all that is known so far).

    Parameters
    ----------
    deliver : callable
        ``deliver(data, done)``: called with the data known so far; `done` is true once, at the end.
    progress : callable
        ``progress(share)``, share between 0 and 1.
    fail : callable
        ``fail(exception)``.
    """

    def __init__(
        self, deliver: Callable[[Any, bool], None], progress: Callable[[float], None], fail: Callable[[Exception], None]
    ):
        self._deliver, self._progress, self._fail = deliver, progress, fail
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def running(self) -> bool:
        """Whether a job is under way."""
        return self._thread is not None and self._thread.is_alive()

    def start(self, job: Callable[..., Any], /, **arguments: Any) -> None:
        """Stop what runs and start `job` in a thread."""
        self.stop()
        self._stop = stop = threading.Event()
        run = contextvars.copy_context().run
        self._thread = threading.Thread(
            target=run, args=(self._work, stop, job, arguments), daemon=True, name="oslab-worker"
        )
        self._thread.start()

    def run(self, job: Callable[..., Any], /, **arguments: Any) -> None:
        """Run `job` to its end in the calling thread."""
        self.stop()
        self._stop = threading.Event()
        self._work(self._stop, job, arguments)

    def stop(self, wait: float = 0.0) -> None:
        """Ask the job to stop, and give it `wait` seconds."""
        self._stop.set()
        if wait and self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(wait)

    def _work(self, stop: threading.Event, job: Callable[..., Any], arguments: dict[str, Any]) -> None:
        try:
            if not inspect.isgeneratorfunction(inspect.unwrap(job)):
                data = job(**arguments)
                if not stop.is_set():
                    self._deliver(data, True)
                return
            data, steps = None, job(**arguments)
            for value in steps:
                if stop.is_set():
                    steps.close()
                    return
                if isinstance(value, float):
                    self._progress(value)
                else:
                    data = value
                    self._deliver(data, False)
            if not stop.is_set():
                self._deliver(data, True)
        except Exception as error:  # shown in the lab: an exception in a thread is shown nowhere
            if not stop.is_set():
                self._fail(error)
