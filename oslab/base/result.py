"""What models return: results that tell their numbers as rows, and results with steps."""

import functools
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar

from oslab.base.arguments import Parameter
from oslab.base.numbers import rounded

__all__ = ["Result", "Stepped", "columns"]

STATES_KEPT = 8


def columns(named: Mapping[str, Iterable[Any]]) -> Iterator[dict[str, Any]]:
    """Yield the rows of `named` columns of one length, such as a result's arrays, by name.

    Examples
    --------
    >>> list(columns({"task": "AB", "ms": [3, 4]}))
    [{'task': 'A', 'ms': 3}, {'task': 'B', 'ms': 4}]
    """
    for row in zip(*named.values(), strict=True):
        yield dict(zip(named, row, strict=True))


class Result:
    """Base of what a model returns; a subclass defines `rows`."""

    def rows(self) -> Iterable[Mapping[str, Any]]:
        """Return the numbers behind the picture as rows of equal keys, units in the keys, unrounded."""
        raise TypeError(f"{type(self).__name__} defines no rows")

    def table(self) -> list[dict[str, Any]]:
        """Return the numbers behind the picture as rows, floats rounded to 4 digits."""
        return [{key: rounded(value) for key, value in row.items()} for row in self.rows()]


class Stepped(Result):
    """Base of results with `steps`; a subclass defines `_replayed(step)`: the state got by running the kernel again.

    Parameters
    ----------
    over : str
        The field with one entry a step, as in ``class Life(Stepped, over="events")``; a subclass without defines `steps`.
    """

    reasons: Any  # a sentence a step, in results that do not work out `why`
    _over: ClassVar[str]

    def __init_subclass__(cls, over: str = "", **options: Any):
        super().__init_subclass__(**options)
        if over:
            cls._over = over

    @property
    def steps(self) -> int:
        """How many steps there are."""
        return len(getattr(self, self._over))

    def why(self, step: int) -> str:
        """Return what a step, 1 to `steps`, did and why: here from a field `reasons`."""
        return self.reasons[self._step(step, 1) - 1]

    def state(self, step: int) -> Any:
        """Return the state after `step` steps.

        Raises
        ------
        TypeError, ValueError
            A step that is not a whole number between 0 and `steps`.
        """
        step = self._step(step, 0)
        if step not in self._states:
            if len(self._states) >= STATES_KEPT:
                self._states.clear()
            self._states[step] = self._replayed(step)
        return self._states[step]

    def _replayed(self, step: int) -> Any:
        raise TypeError(f"{type(self).__name__} defines no _replayed")

    @functools.cached_property
    def _states(self) -> dict[int, Any]:
        return {}

    def _step(self, step: int, least: int) -> int:
        return Parameter(kind=int, low=least, high=self.steps).check("step", step)
