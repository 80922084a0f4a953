"""Registries: one algorithm, one place; menus, controls, tables and tests walk them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

__all__ = ["Entry", "Parameter", "Registry", "one_of", "whole"]


@dataclass(frozen=True)
class Parameter:
    """An option of a registered entry.

    Attributes
    ----------
    default : bool, int, float or str
        Value when the caller gives none; its type is the type that is accepted.
    low, high : int or float, optional
        Inclusive range that is accepted.
    choices : tuple, optional
        The only values accepted, where a range does not say it.
    unit, help : str
        Shown beside the control.
    log : bool
        Whether a slider for it moves in octaves.
    """

    default: Any
    low: float | None = None
    high: float | None = None
    choices: tuple | None = None
    unit: str = ""
    help: str = ""
    log: bool = False

    def check(self, name: str, value: Any) -> Any:
        """Return `value` as this parameter's type.

        Raises
        ------
        TypeError
            Value of another type (an integer is taken for a float, never a bool for a number).
        ValueError
            Value outside the range or the choices.
        """
        kind = type(self.default)
        if self.choices is not None:
            if value not in self.choices:
                raise ValueError(f"{name}={value!r}: allowed are {', '.join(map(repr, self.choices))}")
            return value
        if kind is bool:
            if not isinstance(value, bool):
                raise TypeError(f"{name}={value!r}: allowed are True and False")
            return value
        if kind in (int, float):
            return self._check_number(name, value, kind)
        if not isinstance(value, kind):
            raise TypeError(f"{name}={value!r}: a {kind.__name__} is needed")
        return value

    def _check_number(self, name: str, value: Any, kind: type) -> int | float:
        allowed = f"{'whole numbers' if kind is int else 'numbers'}{self._range()}"
        if isinstance(value, bool) or not hasattr(value, "__float__"):
            raise TypeError(f"{name}={value!r}: allowed are {allowed}")
        number = float(value)
        if number != number or (kind is int and number != int(number) if abs(number) != float("inf") else True):
            raise ValueError(f"{name}={value!r}: allowed are {allowed}")
        if (self.low is not None and number < self.low) or (self.high is not None and number > self.high):
            raise ValueError(f"{name}={value!r}: allowed are {allowed}")
        return kind(value)

    def _range(self) -> str:
        if self.low is None and self.high is None:
            return ""
        if self.high is None:
            return f" from {self.low:g} up"
        if self.low is None:
            return f" up to {self.high:g}"
        return f" from {self.low:g} to {self.high:g}"


@dataclass(frozen=True)
class Entry:
    """One registered algorithm: what menus, tables and tests need to know of it.

    Attributes
    ----------
    key, label, summary : str
        The name in code, the name on screen, one sentence.
    implementation : object
        What the decorator was put on.
    parameters : Mapping[str, Parameter]
        Its own options.
    source, tie_rule : str
        Where the rule is published; how equals are told apart.
    """

    key: str
    label: str
    summary: str
    implementation: Any
    parameters: Mapping[str, Parameter]
    source: str
    tie_rule: str

    def options(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return the complete, checked options of this entry.

        Raises
        ------
        TypeError
            An option that this entry does not have, or a value of a wrong type.
        ValueError
            A value out of range.
        """
        for name in given:
            if name not in self.parameters:
                known = ", ".join(self.parameters) or "none"
                raise TypeError(f"{name}={given[name]!r}: {self.key!r} has no such option; it has: {known}")
        return {name: p.check(name, given.get(name, p.default)) for name, p in self.parameters.items()}


class Registry(Mapping[str, Entry]):
    """Algorithms by key, in the order in which they were registered.

    Parameters
    ----------
    kind : str
        What an entry is, for messages: ``"policy"``.

    Examples
    --------
    >>> GREETINGS = Registry("greeting")
    >>> @GREETINGS.register("hello", label="Hello", summary="Says hello.", source="-", tie_rule="-",
    ...                     parameters={"times": Parameter(1, low=1, high=9)})
    ... def hello(times):
    ...     return "hello " * times
    >>> GREETINGS["hello"].options({"times": 2})
    {'times': 2}
    """

    def __init__(self, kind: str):
        self.kind = kind
        self._entries: dict[str, Entry] = {}

    def register(
        self,
        key: str,
        *,
        label: str,
        summary: str,
        source: str,
        tie_rule: str,
        parameters: Mapping[str, Parameter] | None = None,
    ) -> Callable[[Any], Any]:
        """Return the decorator that files what it stands on under `key`, and returns it unchanged."""
        if key in self._entries:
            raise ValueError(f"{self.kind} {key!r} is registered already")

        def file(implementation: Any) -> Any:
            self._entries[key] = Entry(
                key, label, summary, implementation, MappingProxyType(dict(parameters or {})), source, tie_rule
            )
            return implementation

        return file

    def __getitem__(self, key: str) -> Entry:
        try:
            return self._entries[key]
        except (KeyError, TypeError):
            raise UnknownKey(f"unknown {self.kind} {key!r}; known: {', '.join(self._entries)}") from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and key in self._entries

    def __repr__(self) -> str:
        return f"<{len(self)} of {self.kind}: {', '.join(self)}>"


class UnknownKey(KeyError, ValueError):
    """A key that is not registered; a `ValueError` for callers, a `KeyError` for `Mapping`."""

    def __str__(self) -> str:
        return self.args[0]


def whole(name: str, value: Any, low: int = 1, high: int | None = None) -> int:
    """Return `value` as an int.

    Raises
    ------
    TypeError
        No whole number, or a bool.
    ValueError
        One below `low` or above `high`.

    Examples
    --------
    >>> whole("frames", 0)
    Traceback (most recent call last):
    ValueError: frames=0: allowed are whole numbers from 1 up
    """
    power = (high or 0).bit_length()
    last = f"2**{power} - 1" if power > 32 and high == (1 << power) - 1 else high
    allowed = f"allowed are whole numbers from {low} {'up' if high is None else f'to {last}'}"
    if type(value).__name__ in ("bool", "bool_") or not hasattr(value, "__index__"):
        raise TypeError(f"{name}={value!r}: {allowed}")
    if value < low or (high is not None and value > high):
        raise ValueError(f"{name}={value!r}: {allowed}")
    return int(value)


def one_of(name: str, value: Any, allowed: Collection[Any]) -> None:
    """Raise a `ValueError` where `value` is not among those allowed."""
    if isinstance(value, bool) or value not in allowed:
        raise ValueError(f"{name}={value!r}: allowed are {', '.join(map(str, allowed))}")
