"""Long work beside the notebook: one thread, partial results, a stop flag that is looked at.

A Stop button is not seen while a callback runs, and "interrupt" does not reach callbacks, so what takes
more than a second is a generator run here; between two of its values it can be stopped.
"""

import contextvars
import inspect
import threading
from collections.abc import Callable
from typing import Any

__all__ = ["Worker"]


class _Job:
    """One call to be made, and whether it is to stop."""

    def __init__(self, call: Callable[..., Any], arguments: dict[str, Any], deliver: Callable[[Any, bool], None]):
        self.call, self.arguments, self.deliver = call, arguments, deliver
        self.stop = threading.Event()


class Worker:
    """Runs one job at a time in a thread; a new job begins when the one before has stopped.

    A job is a function: a plain one returns its data; a generator yields floats (the share done, 0 to 1) and
    data (all that is known so far).

    Parameters
    ----------
    progress : callable
        ``progress(share)``, share between 0 and 1.
    fail : callable
        ``fail(exception)``.
    ended : callable, optional
        ``ended(stopped)``: called when nothing runs any more; whether that is because `stop` was called.
    """

    def __init__(
        self,
        progress: Callable[[float], None] = lambda share: None,
        fail: Callable[[Exception], None] = lambda error: None,
        ended: Callable[[bool], None] = lambda stopped: None,
    ):
        self._progress, self._fail, self._ended = progress, fail, ended
        self._lock = threading.Lock()
        self._job: _Job | None = None  # what runs now
        self._next: _Job | None = None  # what runs when that has stopped
        self._thread: threading.Thread | None = None

    @property
    def running(self) -> bool:
        """Whether a job is under way."""
        return self._job is not None

    @property
    def stopping(self) -> bool:
        """Whether what runs has been asked to stop."""
        job = self._job
        return job is not None and job.stop.is_set()

    def start(self, call: Callable[..., Any], deliver: Callable[[Any, bool], None], /, **arguments: Any) -> None:
        """Ask what runs to stop, and run `call` in a thread once it has.

        Parameters
        ----------
        call : callable
        deliver : callable
            ``deliver(data, done)``: called with the data known so far; `done` is true once, at the end.
        **arguments
            Of `call`.
        """
        with self._lock:
            self._next = _Job(call, arguments, deliver)
            if self._job is not None:
                self._job.stop.set()
                return
            self._job, self._next = self._next, None
            run = contextvars.copy_context().run
            self._thread = threading.Thread(target=run, args=(self._loop,), daemon=True, name="oslab-worker")
            self._thread.start()

    def run(self, call: Callable[..., Any], deliver: Callable[[Any, bool], None], /, **arguments: Any) -> None:
        """Stop what runs, then run `call` to its end in the calling thread."""
        self.stop()
        self._work(_Job(call, arguments, deliver))

    def stop(self, wait: float | None = None) -> None:
        """Ask what runs to stop, and wait until it has, or for `wait` seconds at most."""
        with self._lock:
            self._next = None
            if self._job is not None:
                self._job.stop.set()
        self.join(wait)

    def join(self, wait: float | None = None) -> None:
        """Wait until nothing runs any more, or for `wait` seconds at most."""
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(wait)

    def _loop(self) -> None:
        while (job := self._job) is not None:
            self._work(job)
            with self._lock:
                self._job, self._next = self._next, None
                ended = self._job is None
            if ended:
                self._ended(job.stop.is_set())
                return

    def _work(self, job: _Job) -> None:
        try:
            data = job.call(**job.arguments)
            if inspect.isgenerator(data):
                steps, data = data, None
                for value in steps:
                    if job.stop.is_set():
                        steps.close()
                        return
                    if isinstance(value, float):
                        self._progress(value)
                    else:
                        data = value
                        job.deliver(data, False)
            if not job.stop.is_set():
                job.deliver(data, True)
        except Exception as error:  # shown in the lab: an exception in a thread is shown nowhere
            if not job.stop.is_set():
                self._fail(error)
