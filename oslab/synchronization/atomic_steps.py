"""The atomic steps that thread programs are made of."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from oslab.base import Several, checked, choice, integer, shown

__all__ = [
    "COMPARISONS",
    "LARGEST",
    "NAME",
    "Step",
    "add",
    "branch",
    "broadcast",
    "down",
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
    "up",
    "wait",
]

COMPARISONS = ("==", "!=", "<", "<=", ">", ">=")
LONGEST, LARGEST = 100, (1 << 40) - 1


class Step(NamedTuple):
    """One step of a thread, which no other thread can interrupt.

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


@dataclass(frozen=True)
class Name:
    """An argument that is a name; with `number`, or a whole number below 2**40."""

    number: bool = False

    def check(self, name: str, value: Any) -> str | int:
        """Return the value; raise `TypeError` or `ValueError` if it is not a name."""
        if isinstance(value, str):
            if 0 < len(value) <= LONGEST:
                return value
            raise ValueError(f"{name}={shown(value)}: allowed are names of 1 to {LONGEST} characters")
        if self.number:
            return integer(-LARGEST, LARGEST).check(name, value)
        raise TypeError(f"{name}={shown(value)}: allowed are names")


NAME, OPERAND = Name(), Name(number=True)
LOCKS, COMPARISON = Several(NAME, most=3), choice(COMPARISONS)


@checked(register=NAME, variable=NAME)
def load(register: str, variable: str) -> Step:
    """Copy a shared variable into a register of the thread."""
    return Step("load", (register, variable), f"{register} = {variable}")


@checked(variable=NAME, value=OPERAND)
def store(variable: str, value: str | int) -> Step:
    """Copy a register, or a number, into a shared variable.

    Parameters
    ----------
    variable : str
        A shared variable.
    value : int or str
        A number or a register.
    """
    return Step("store", (variable, value), f"{variable} = {value}")


@checked(target=NAME, value=OPERAND)
def add(target: str, value: str | int) -> Step:
    """Add a number or a register to a register; to a shared variable it is one indivisible read-modify-write.

    Parameters
    ----------
    target : str
        A register.
    value : int or str
        What is added: a number or a register.
    """
    said = f"{target} -= {-value}" if isinstance(value, int) and value < 0 else f"{target} += {value}"
    return Step("add", (target, value), said)


@checked(names=LOCKS)
def lock(*names: str) -> Step:
    """Take a lock, or up to three at once, as soon as all of them are free; locks are not recursive.

    Parameters
    ----------
    *names : str
        Of the mutexes.
    """
    return Step("lock", names, "lock " + ", ".join(names))


@checked(names=LOCKS)
def unlock(*names: str) -> Step:
    """Release a lock, or up to three at once; a failure if the thread does not hold them.

    Parameters
    ----------
    *names : str
        Of the mutexes.
    """
    return Step("unlock", names, "unlock " + ", ".join(names))


@checked(name=NAME, otherwise=NAME)
def trylock(name: str, otherwise: str) -> Step:
    """Take a lock if it is free; otherwise continue at the label `otherwise`.

    Parameters
    ----------
    name : str
        Of the mutex.
    otherwise : str
        The label to go on at where it is held.
    """
    return Step("trylock", (name, otherwise), f"try {name}, else {otherwise}")


@checked(condition=NAME, mutex=NAME)
def wait(condition: str, mutex: str) -> Step:
    """Release the mutex and sleep on a condition variable, in one step; once woken, take the mutex in another.

    Signals are not stored, and no thread wakes without one (POSIX allows that; this model leaves it out).
    """
    return Step("wait", (condition, mutex), f"wait {condition}")


@checked(condition=NAME)
def signal(condition: str) -> Step:
    """Wake one of the threads that sleep on a condition variable; it may be any of them, as in POSIX."""
    return Step("signal", (condition,), f"signal {condition}")


@checked(condition=NAME)
def broadcast(condition: str) -> Step:
    """Wake every thread that sleeps on a condition variable."""
    return Step("broadcast", (condition,), f"broadcast {condition}")


@checked(semaphore=NAME)
def down(semaphore: str) -> Step:
    """Take 1 from a semaphore as soon as it is above 0; waiting threads get it in any order (Dijkstra's P)."""
    return Step("down", (semaphore,), f"down {semaphore}")


@checked(semaphore=NAME)
def up(semaphore: str) -> Step:
    """Add 1 to a semaphore (Dijkstra's V)."""
    return Step("up", (semaphore,), f"up {semaphore}")


@checked(name=NAME)
def label(name: str) -> Step:
    """Name a place to go to; takes no step.

    Parameters
    ----------
    name : str
        Of the place.
    """
    return Step("label", (name,), f"{name}:")


@checked(to=NAME)
def jump(to: str) -> Step:
    """Continue at a label; takes no step.

    Parameters
    ----------
    to : str
        A label.
    """
    return Step("jump", (to,), f"go to {to}")


@checked(left=OPERAND, comparison=COMPARISON, right=OPERAND, to=NAME)
def branch(left: str | int, comparison: str, right: str | int, to: str) -> Step:
    """Continue at a label if a comparison of registers, shared variables or numbers holds.

    Parameters
    ----------
    left, right : int or str
        A number, a register or a shared variable.
    comparison : str
        ``==``, ``!=``, ``<``, ``<=``, ``>`` or ``>=``.
    to : str
        A label.
    """
    return Step("branch", (left, comparison, right, to), f"if {left} {comparison} {right}: {to}")


@checked(left=OPERAND, comparison=COMPARISON, right=OPERAND)
def expect(left: str | int, comparison: str, right: str | int) -> Step:
    """Fail, and end the schedule, unless a comparison holds.

    Parameters
    ----------
    left, right : int or str
        A number, a register or a shared variable.
    comparison : str
        As for `branch`.
    """
    return Step("expect", (left, comparison, right), f"expect {left} {comparison} {right}")


@checked(section=NAME)
def enter(section: str) -> Step:
    """Enter a critical section; a failure if another thread is in it: the lock that guards it is held twice."""
    return Step("enter", (section,), f"enter {section}")


@checked(section=NAME)
def leave(section: str) -> Step:
    """Leave a critical section; a failure if no thread is in it."""
    return Step("leave", (section,), f"leave {section}")
