"""`explore`: the decorator that displays a function as a lab in the cell that is being run."""

import gc
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from oslab.lab.explorer import Lab

__all__ = ["explore"]

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
    labels: Mapping[str, str] = MappingProxyType({}),
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
    labels : mapping of str to str, optional
        What controls are labelled with, by parameter name, where the name (its underscores blanks) does not say it.
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
            labels=labels,
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
        lab.shown_in = display(lab, display_id=True)


def _cell(function: Callable[..., Any]) -> str:
    """The cell that is being run, where the front end tells: a copied cell is a lab of its own; else the module."""
    from IPython import get_ipython

    parent: dict[str, Any] = getattr(get_ipython(), "get_parent", dict)() or {}
    return str(parent.get("metadata", {}).get("cellId") or function.__module__)
