"""The atomic steps that thread programs are made of."""

from __future__ import annotations

from typing import NamedTuple

__all__ = [
    "COMPARISONS",
    "Step",
    "add",
    "branch",
    "broadcast",
    "enter",
    "expect",
    "jump",
    "label",
    "leave",
    "load",
    "lock",
    "signal",
    "store",
    "trylock",
    "unlock",
    "wait",
]

COMPARISONS = ("==", "!=", "<", "<=", ">", ">=")
MOST_LOCKS = 3


class Step(NamedTuple):
    """One step of a thread: what nobody else can interrupt.

    Attributes
    ----------
    op : str
        The name of the function that makes it.
    args : tuple
        As given to that function.
    text : str
        As shown beside the thread.
    """

    op: str
    args: tuple
    text: str

    def __str__(self) -> str:
        return self.text


def _name(what: str, value: object) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError(f"{what}={value!r}: a name is needed")
    return value


def _operand(what: str, value: object) -> str | int:
    if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
        raise TypeError(f"{what}={value!r}: a name or a whole number is needed")
    return value


def load(register: str, variable: str) -> Step:
    """Copy a shared variable into a register of the thread."""
    return Step("load", (_name("register", register), _name("variable", variable)), f"{register} = {variable}")


def store(variable: str, value: str | int) -> Step:
    """Copy a register, or a number, into a shared variable."""
    return Step("store", (_name("variable", variable), _operand("value", value)), f"{variable} = {value}")


def add(target: str, value: str | int) -> Step:
    """Add a number or a register to a register; to a shared variable it is one indivisible read-modify-write."""
    shown = f"{target} -= {-value}" if isinstance(value, int) and value < 0 else f"{target} += {value}"
    return Step("add", (_name("target", target), _operand("value", value)), shown)


def lock(*names: str) -> Step:
    """Take a lock, or up to three at once, as soon as all of them are free; locks are not recursive."""
    if not 1 <= len(names) <= MOST_LOCKS:
        raise ValueError(f"names={names!r}: allowed are 1 to {MOST_LOCKS} locks")
    return Step("lock", tuple(_name("name", n) for n in names), "lock " + ", ".join(names))


def unlock(*names: str) -> Step:
    """Give back a lock, or up to three at once; a failure if the thread does not hold them."""
    if not 1 <= len(names) <= MOST_LOCKS:
        raise ValueError(f"names={names!r}: allowed are 1 to {MOST_LOCKS} locks")
    return Step("unlock", tuple(_name("name", n) for n in names), "unlock " + ", ".join(names))


def trylock(name: str, otherwise: str) -> Step:
    """Take a lock if it is free; go on at the label `otherwise` if it is not."""
    return Step("trylock", (_name("name", name), _name("otherwise", otherwise)), f"try {name}, else {otherwise}")


def wait(condition: str, mutex: str) -> Step:
    """Give back the mutex and sleep on a condition variable, in one step; once woken, take the mutex in another.

    Signals are not kept for later, and nobody wakes without one (POSIX allows it; this model leaves it out).
    """
    return Step("wait", (_name("condition", condition), _name("mutex", mutex)), f"wait {condition}")


def signal(condition: str) -> Step:
    """Wake one of the threads that sleep on a condition variable: any of them, as POSIX has it."""
    return Step("signal", (_name("condition", condition),), f"signal {condition}")


def broadcast(condition: str) -> Step:
    """Wake every thread that sleeps on a condition variable."""
    return Step("broadcast", (_name("condition", condition),), f"broadcast {condition}")


def label(name: str) -> Step:
    """Name a place to go to; takes no step."""
    return Step("label", (_name("name", name),), f"{name}:")


def jump(to: str) -> Step:
    """Go on at a label; takes no step."""
    return Step("jump", (_name("to", to),), f"go to {to}")


def branch(left: str | int, comparison: str, right: str | int, to: str) -> Step:
    """Go on at a label if a comparison of registers, shared variables or numbers holds."""
    _compare(comparison)
    return Step(
        "branch",
        (_operand("left", left), comparison, _operand("right", right), _name("to", to)),
        f"if {left} {comparison} {right}: {to}",
    )


def expect(left: str | int, comparison: str, right: str | int) -> Step:
    """Fail, and end the schedule, unless a comparison holds."""
    _compare(comparison)
    return Step(
        "expect", (_operand("left", left), comparison, _operand("right", right)), f"expect {left} {comparison} {right}"
    )


def enter(section: str) -> Step:
    """Enter a critical section; a failure if another thread is in it: the lock that guards it is held twice."""
    return Step("enter", (_name("section", section),), f"enter {section}")


def leave(section: str) -> Step:
    """Leave a critical section; a failure if nobody is in it."""
    return Step("leave", (_name("section", section),), f"leave {section}")


def _compare(comparison: str) -> None:
    if comparison not in COMPARISONS:
        raise ValueError(f"comparison={comparison!r}: allowed are {' '.join(COMPARISONS)}")
