"""Results whose state after a step is got by running the same loop again, and kept for a while."""

from __future__ import annotations

import functools
from typing import Any

__all__ = ["Stepped"]

STATES_KEPT = 8


class Stepped:
    """Base of results with `steps`; they define `_replayed(step)`."""

    def state(self, step: int) -> Any:
        """Return the state after `step` steps, got by running the same kernel over them again.

        Raises
        ------
        ValueError
            A step that is not between 0 and `steps`.
        """
        step = self._step(step, 0)
        if step not in self._states:
            if len(self._states) >= STATES_KEPT:
                self._states.clear()
            self._states[step] = self._replayed(step)
        return self._states[step]

    @functools.cached_property
    def _states(self) -> dict[int, Any]:
        return {}

    def _step(self, step: int, least: int) -> int:
        if isinstance(step, bool) or not hasattr(step, "__index__") or not least <= step <= self.steps:
            raise ValueError(f"step={step!r}: allowed are whole numbers from {least} to {self.steps}")
        return int(step)
