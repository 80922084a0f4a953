"""Registries: one algorithm, one place; menus, controls, tables and tests walk them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from oslab.base.arguments import Parameter, shown

__all__ = ["Entry", "OpenRegistry", "Registry"]


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
                raise TypeError(f"{name}={shown(given[name])}: {self.key!r} has no such option; it has: {known}")
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
            raise UnknownKey(f"unknown {self.kind} {shown(key)}; known: {', '.join(self._entries)}") from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and key in self._entries

    def __repr__(self) -> str:
        return f"<{len(self)} of {self.kind}: {', '.join(self)}>"


class OpenRegistry(Registry):
    """A registry that takes the learner's own entries, in one line: ``TRACES["mine"] = [1, 2, 3]``.

    Parameters
    ----------
    kind : str
    adapt : callable
        ``adapt(key, value)`` returns the implementation, or raises what is wrong with the value.
    """

    def __init__(self, kind: str, adapt: Callable[[str, Any], Any]):
        super().__init__(kind)
        self._adapt, self._own = adapt, set[str]()

    def __setitem__(self, key: str, value: Any) -> None:
        """File a value under a key, in place of an own one there.

        Raises
        ------
        ValueError
            No key, or one that the course has.
        """
        if not isinstance(key, str) or not key.strip() or (key in self and key not in self._own):
            raise ValueError(f"{shown(key)}: allowed is a name of your own, none of {', '.join(self)}")
        made = self._adapt(key, value)
        self._entries[key] = Entry(key, key, "Your own.", made, MappingProxyType({}), "your own", "your own")
        self._own.add(key)

    def __delitem__(self, key: str) -> None:
        """Take an own entry out again."""
        if key not in self._own:
            raise UnknownKey(f"{shown(key)} is no {self.kind} of your own; those are: {', '.join(self._own) or 'none'}")
        self._own.remove(key)
        del self._entries[key]


class UnknownKey(KeyError, ValueError):
    """A key that is not registered; a `ValueError` for callers, a `KeyError` for `Mapping`."""

    def __str__(self) -> str:
        return self.args[0]
