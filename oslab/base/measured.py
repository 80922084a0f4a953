"""What a lab's measurement gave: recorded on another day, and measured here, kept side by side by setting."""

from collections.abc import Mapping
from typing import Any

__all__ = ["Runs", "both"]


class Runs:
    """The recorded run of a lab and what was measured here; neither replaces the other.

    Parameters
    ----------
    recorded : object or callable, optional
        What was recorded, or a function that returns it, called once.
    """

    def __init__(self, recorded: Any = None):
        self._recorded, self._loaded = recorded, not callable(recorded)
        self._here: dict[tuple, Any] = {}

    def at(self, settings: Mapping[str, Any]) -> tuple[Any, Any]:
        """Return what was recorded, and what was measured here with these settings, or None."""
        if not self._loaded:
            self._recorded, self._loaded = self._recorded(), True
        return self._recorded, self._here.get(_key(settings))

    def keep(self, settings: Mapping[str, Any], data: Any) -> None:
        """Keep what was measured here with these settings."""
        self._here[_key(settings)] = data

    def forget(self) -> None:
        """Drop what was measured here."""
        self._here.clear()


def both(recorded: Any, here: Any) -> Any:
    """Return what a view draws: the recorded series and then those measured here; of other data what was measured here.

    Either may also be given by setting, in mappings.
    """
    if isinstance(recorded, list | tuple) and isinstance(here, list | tuple):
        return [*recorded, *here]
    if isinstance(recorded, Mapping) and isinstance(here, Mapping):
        return {key: both(recorded.get(key), here.get(key)) for key in {**recorded, **here}}
    return recorded if here is None else here


def _key(settings: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((name, repr(value)) for name, value in settings.items()))
