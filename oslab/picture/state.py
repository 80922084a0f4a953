"""A state of a lab: one picture with all that belongs to it, as the wire, a pin and the web edition carry it."""

from dataclasses import dataclass, field
from typing import Any

__all__ = ["State"]


@dataclass(frozen=True)
class State:
    """One picture of a lab.

    Attributes
    ----------
    version : int
        Of all that a picture depends on besides settings and step: what was measured, predicted, worked out beside.
    settings : dict of str to JSON value
        The controls' values, as they go over the wire.
    step : int or None
        How many steps are shown.
    list, background : bytes
        The display lists of what changes and of what stays (see `oslab.picture.scene`).
    sentence, title : str
        The sentence under the picture; the finding above it.
    shown : dict of str to str
        The controls' values as their readouts say them.
    pending : bool
        Whether this is for a moving slider only: the page is to report when it rests.
    """

    version: int
    settings: dict[str, Any]
    step: int | None
    list: bytes
    background: bytes
    sentence: str
    title: str
    shown: dict[str, str] = field(default_factory=dict)
    pending: bool = False

    @property
    def alt(self) -> str:
        """What a reader who does not see the picture is told; the page says the same."""
        settings = "; ".join(f"{name.replace('_', ' ')} {value}" for name, value in self.shown.items())
        return f"{self.title}. {self.sentence} Settings: {settings}."

    @property
    def header(self) -> dict[str, Any]:
        """All but the two lists, as JSON takes it."""
        names = ("version", "settings", "step", "sentence", "title", "shown", "pending")
        return {name: getattr(self, name) for name in names}
