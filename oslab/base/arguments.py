"""Arguments: what a function takes, said once, and checked before anything runs.

``@checked(frames=integer(1, 64), policy=choice(POLICIES))`` stands on every public function.  The same declarations give
a lab's sliders their ends.
"""

import functools
import inspect
import os
import reprlib
import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    import numpy as np

__all__ = [
    "SEED",
    "Array",
    "FileName",
    "Instance",
    "Parameter",
    "Several",
    "checked",
    "choice",
    "flag",
    "integer",
    "real",
    "shown",
    "text",
]

Function = TypeVar("Function", bound=Callable[..., Any])
LARGEST = 2**63 - 1
LONGEST = 80  # characters of a value in a message

_cut = reprlib.Repr()
_cut.maxstring = _cut.maxother = _cut.maxlong = LONGEST
_cut.maxlist = _cut.maxtuple = _cut.maxdict = _cut.maxset = 8


def _numpy(*names: str) -> tuple[Any, ...]:
    """Types of numpy; none where it was not imported, since then no value has one."""
    if "numpy" not in sys.modules:
        return ()
    import numpy as np

    return tuple(getattr(np, name) for name in names)


def _integers() -> tuple[type, ...]:
    """Types of an integer; narrower ones overflow in a model's arithmetic."""
    return (int, *_numpy("int64", "uint64"))


def __getattr__(name: str) -> Any:
    if name == "INTEGERS":
        return _integers()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def shown(value: Any) -> str:
    """Return a value as a message shows it: its `repr`, cut after 80 characters.

    Examples
    --------
    >>> shown("lru"), len(shown("x" * 10_000))
    ("'lru'", 80)
    """
    try:
        said = _cut.repr(value)
    except Exception:  # a foreign object's own repr, or a number too long to print
        said = f"<{type(value).__name__}>"
    return said if len(said) <= LONGEST else said[: LONGEST - 1] + "…"


def _bound(value: float) -> str:
    if isinstance(value, int) and value > 2**32 and value & (value + 1) == 0:
        return f"2**{value.bit_length()} - 1"
    plain = isinstance(value, int) or (value.is_integer() and abs(value) < 1e15)
    return str(value) if plain else f"{Decimal(f'{value:g}'):f}"  # never with an exponent


@dataclass(frozen=True)
class Parameter:
    """One argument, or an option of a registered entry: its type, its range or choices, and how a control shows it.

    Attributes
    ----------
    default : bool, int, float or str, optional
        Value when the caller gives none (in a registry); its type is the type that is accepted.
    low, high : int or float, optional
        Range that is accepted, both ends included.
    choices : collection, optional
        The only values accepted.
    unit, help : str
        Shown beside the control.
    log : bool
        Whether a slider for it moves in octaves.
    kind : type, optional
        What is accepted where no default says it: bool, int, float or str.
    above : bool
        Whether `low` itself is refused.
    optional : bool
        Whether None is accepted.
    unlimited : bool
        Whether infinity is accepted beyond `high`: no limit.
    prepare : callable, optional
        Makes it the name of a file: called with one as a generator before it counts, it yields shares of the work done
        and at the end a sentence; a control shows them.
    """

    default: Any = None
    low: float | None = None
    high: float | None = None
    choices: Collection[Any] | None = None
    unit: str = ""
    help: str = ""
    log: bool = False
    kind: type | None = None
    above: bool = False
    optional: bool = False
    unlimited: bool = False
    prepare: Callable[[str], Iterator[Any]] | None = None

    @property
    def allowed(self) -> str:
        """What is accepted, in words."""
        if self.choices is not None:
            return ", ".join(repr(c) for c in self.choices) or "none"
        kind = self.kind or type(self.default)
        if kind is bool:
            return "True and False"
        if kind is str:
            return f"texts of at most {_bound(self.high)} characters" if self.high is not None else "texts"
        what = "whole numbers" if kind is int else "numbers"
        low = "" if self.low is None else f" above {_bound(self.low)}" if self.above else f" from {_bound(self.low)}"
        high = f" to {_bound(self.high)}" if self.high is not None and low else ""
        high = f" up to {_bound(self.high)}" if self.high is not None and not low else high
        more = ", or infinity" * self.unlimited + ", or None" * self.optional
        return f"{what}{low}{high or (' up' if low and not self.above else '')}{more}"

    def check(self, name: str, value: Any) -> Any:
        """Return `value` as this parameter's type.

        Raises
        ------
        TypeError
            Value of another type: a whole number is taken for a float, never 3.0 for 3, nor a bool for a number.
        ValueError
            Value outside the range or the choices, NaN or infinity.
        """
        if value is None and self.optional:
            return None
        kind: Any = self.kind or type(self.default)
        if self.choices is not None:
            return self._check_choice(name, value)
        if kind is bool:
            if not isinstance(value, (bool, *_numpy("bool_"))):
                raise TypeError(f"{name}={shown(value)}: allowed are {self.allowed}")
            return bool(value)
        if kind in (int, float):
            return self._check_number(name, value, kind)
        if not isinstance(value, kind):
            raise TypeError(f"{name}={shown(value)}: allowed are {self.allowed}")
        if self.high is not None and len(value) > self.high:
            raise ValueError(f"{name}={shown(value)} has {len(value)} characters: allowed are {self.allowed}")
        return value

    def _check_choice(self, name: str, value: Any) -> Any:
        # Compared by type as well: True is not 1, and an array is nothing that can be looked for.
        for one in self.choices or ():
            alike = isinstance(value, (type(one), *_numpy("generic")))
            if one is value or (alike and type(value) is not bool and one == value):
                return one
        kinds = {type(one) for one in self.choices or ()}
        error = ValueError if isinstance(value, tuple(kinds)) and not isinstance(value, bool) else TypeError
        raise error(f"{name}={shown(value)}: allowed are {self.allowed}")

    def _check_number(self, name: str, value: Any, kind: type) -> int | float:
        real_types = (float, *_numpy("float32")) if kind is float else ()
        if isinstance(value, bool) or not isinstance(value, (*_integers(), *real_types)):
            raise TypeError(f"{name}={shown(value)}: allowed are {self.allowed}")
        number: Any = float(value) if isinstance(value, _numpy("floating")) else value
        low = self.low
        high = self.high if self.high is not None else LARGEST if kind is int else float("inf")
        if self.unlimited and number == float("inf"):
            return float(number)
        fine = number == number and abs(number) != float("inf") and (kind is int or abs(number) <= sys.float_info.max)
        if not fine or (low is not None and (number < low or (self.above and number == low))) or number > high:
            raise ValueError(f"{name}={shown(value)}: allowed are {self.allowed}")
        return kind(number)


def integer(low: int = 0, high: int | None = None, **more: Any) -> Parameter:
    """Return the declaration of a whole number from `low` to `high`; `more` as for `Parameter`."""
    return Parameter(kind=int, low=low, high=high, **more)


def real(low: float | None = None, high: float | None = None, **more: Any) -> Parameter:
    """Return the declaration of a finite number from `low` to `high`; `more` as for `Parameter`."""
    return Parameter(kind=float, low=low, high=high, **more)


def choice(choices: Collection[Any], **more: Any) -> Parameter:
    """Return the declaration of one among `choices`: a tuple, or a registry's or mapping's keys."""
    return Parameter(choices=choices, **more)


def flag(**more: Any) -> Parameter:
    """Return the declaration of True or False."""
    return Parameter(kind=bool, **more)


def text(longest: int = 10_000, **more: Any) -> Parameter:
    """Return the declaration of a text of at most `longest` characters; `more` as for `Parameter`."""
    return Parameter(kind=str, high=longest, **more)


SEED = integer(0, LARGEST, help="the same seed draws the same numbers")


@dataclass(frozen=True)
class Instance:
    """An argument that is an object of one of these classes.

    Attributes
    ----------
    classes : type or tuple of types
    optional : bool
        Whether None is allowed.
    """

    classes: type | tuple[type, ...]
    optional: bool = False

    def check(self, name: str, value: Any) -> Any:
        """Return `value`; raise a `TypeError` where it is none."""
        if isinstance(value, self.classes) or (value is None and self.optional):
            return value
        classes = self.classes if isinstance(self.classes, tuple) else (self.classes,)
        raise TypeError(f"{name}={shown(value)}: allowed is a {' or '.join(c.__name__ for c in classes)}")


@dataclass(frozen=True)
class FileName:
    """An argument that is the name of a file, a text or a path; an empty text is one too, where it stands for none.

    Attributes
    ----------
    optional : bool
        Whether None is accepted.
    """

    optional: bool = False

    def check(self, name: str, value: Any) -> Any:
        """Return `value`.

        Raises
        ------
        TypeError
            Neither text nor path.
        ValueError
            A name that no file can have.
        """
        if value is None and self.optional:
            return None
        allowed = "allowed are names of files, of at most 4096 bytes"
        if not isinstance(value, str | os.PathLike):
            raise TypeError(f"{name}={shown(value)}: {allowed}")
        try:
            encoded = os.fsencode(value)
        except UnicodeEncodeError:
            encoded = b"\0"
        if b"\0" in encoded or len(encoded) > 4096:
            raise ValueError(f"{name}={shown(value)}: {allowed}")
        return value


@dataclass(frozen=True)
class Several:
    """An argument that is a sequence, each item of which is checked; it becomes a tuple.

    Attributes
    ----------
    item : Parameter, Several or Instance
    least, most : int
        How many.
    optional : bool
        Whether None is allowed.
    """

    item: Any
    least: int = 1
    most: int = 10_000
    optional: bool = False

    def check(self, name: str, value: Any) -> tuple[Any, ...] | None:
        """Return the items, each checked.

        Raises
        ------
        TypeError
            No sequence, or an item of another type.
        ValueError
            Too few, too many, or an item out of range.
        """
        if value is None and self.optional:
            return None
        sequences: Any = (Sequence, range, *_numpy("ndarray"))
        if not isinstance(value, sequences) or isinstance(value, str | bytes):
            raise TypeError(f"{name}={shown(value)}: allowed is a sequence, such as a list")
        if getattr(value, "ndim", 1) < 1 or (getattr(value, "ndim", 1) > 1 and not isinstance(self.item, Several)):
            raise TypeError(f"{name} has {value.ndim} dimensions: allowed is one")
        if not self.least <= len(value) <= self.most:
            raise ValueError(f"{name} has {len(value)} items: allowed are {self.least} to {self.most}")
        listed = value.tolist() if isinstance(value, _numpy("ndarray")) else value
        return tuple(self.item.check(f"{name}[{k}]", one) for k, one in enumerate(listed))


@dataclass(frozen=True)
class Array:
    """An argument that becomes a contiguous array of numbers, checked as a whole.

    Attributes
    ----------
    kind : type
        int (int64) or float (float64).
    low, high : int or float, optional
        Range of every item, both ends included.
    ndim, least, most : int
        Dimensions; items in all.
    """

    kind: type = float
    low: float | None = None
    high: float | None = None
    ndim: int = 1
    least: int = 1
    most: int = 10_000_000
    optional: bool = False

    def check(self, name: str, value: Any) -> "np.ndarray | None":
        """Return the array.

        Raises
        ------
        TypeError
            What is no array of numbers, or has other dimensions.
        ValueError
            Too few or too many items, or one out of range; the first such is named.
        """
        import numpy as np

        if value is None and self.optional:
            return None
        one = Parameter(kind=self.kind, low=self.low, high=self.high)
        size = len(value) if isinstance(value, Sequence) else 0
        if size <= self.most and isinstance(value, list | tuple):  # a range without end in a list takes all memory
            size = sum(len(row) if isinstance(row, list | tuple | range) else 1 for row in value)
        if isinstance(value, str | bytes) or size > self.most:
            raise (TypeError if isinstance(value, str | bytes) else ValueError)(
                f"{name}={shown(value)}: allowed are at most {self.most} {one.allowed}"
            )
        try:
            given = np.asarray(value)
        except (TypeError, ValueError):  # rows of unequal length
            given = np.empty((), object)
        if given.ndim != self.ndim or (given.size and given.dtype.kind not in "iuf"):
            raise TypeError(f"{name}={shown(value)}: allowed are {one.allowed}, in {self.ndim} dimension(s)")
        if not self.least <= given.size <= self.most:
            raise ValueError(f"{name} has {given.size} items: allowed are {self.least} to {self.most}")
        fine = np.isfinite(given) & (given == np.trunc(given) if self.kind is int else True)
        for limit, outside in ((self.low, np.less), (self.high, np.greater)):
            if limit is not None:
                fine &= ~outside(given, limit)
        if not fine.all():
            where = tuple(int(k) for k in np.argwhere(~fine)[0])
            raise ValueError(f"{name}{list(where)}={shown(given[where].item())}: allowed are {one.allowed}")
        return np.ascontiguousarray(given, np.int64 if self.kind is int else np.float64)


def checked(**parameters: Any) -> Callable[[Function], Function]:
    """Return a decorator that checks the arguments named before the function runs, and hands on what the checks return.

    The function's ``parameters`` maps names to declarations; `explore` takes a slider's ends from it.  What the
    caller leaves out is not checked.

    Parameters
    ----------
    **parameters : Parameter, Several, Array or Instance
        By the name of the function's parameter.

    Examples
    --------
    >>> @checked(frames=integer(1, 8))
    ... def half(frames=2):
    ...     return frames / 2
    >>> half(9)
    Traceback (most recent call last):
    ValueError: frames=9: allowed are whole numbers from 1 to 8
    """

    def decorate(function: Function) -> Function:
        signature = inspect.signature(function)
        if unknown := parameters.keys() - signature.parameters.keys():
            raise TypeError(f"{function.__qualname__} has no parameter {', '.join(sorted(unknown))}")

        @functools.wraps(function)
        def call(*args: Any, **named: Any) -> Any:
            bound = signature.bind(*args, **named)
            for name, parameter in parameters.items():
                if name in bound.arguments:
                    bound.arguments[name] = parameter.check(name, bound.arguments[name])
            return function(*bound.args, **bound.kwargs)

        defaults = {
            n: p.default for n, p in signature.parameters.items() if isinstance(p.default, bool | int | float | str)
        }
        call.parameters = MappingProxyType(  # type: ignore[attr-defined]
            {
                name: replace(p, default=defaults[name]) if isinstance(p, Parameter) and name in defaults else p
                for name, p in parameters.items()
            }
        )
        return call  # type: ignore[return-value]

    return decorate


def limit_length(name: str, value: Any, most: int) -> None:
    """Raise a `ValueError` where `value` is a sequence of more than `most` items, before anything is made of it."""
    if isinstance(value, Sequence | range) and len(value) > most:
        raise ValueError(f"{name} has {len(value)} items: allowed are at most {most}")
