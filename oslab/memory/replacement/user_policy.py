"""The learner's own policy: a plain class with two hooks, run by the same `simulate` as the built-in ones.

The hooks are called with the caller's page numbers, once for each reference::

    class Mine:
        def __init__(self, frames):     # optional
            ...
        def hit(self, page):            # the page is in memory
            ...
        def evict(self, page):          # the page is not in memory and comes in now
            return ...                  # the page that goes; None while a frame is free

What is in memory is kept here, not believed: an answer that cannot be carried out stops the run.
"""

import inspect
import operator
from collections import deque
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from oslab.base import BrokenPolicy, Entry, choice, plural, policy_laws, shown
from oslab.memory.replacement.base import POLICIES, Lists, Policy, Reason

__all__ = ["POLICY", "find", "label_of"]

HOOKS = "a plain class with the methods hit(page) and evict(page)"
label_of = partial(policy_laws.label_of, POLICIES)


@dataclass
class State:
    """The learner's object, and what is in memory: dense number by page number, in the order of loading."""

    policy: Any
    number: list[int]
    frames: int
    memory: dict[int, int] = field(default_factory=dict)


class _Policy:
    """The declaration of a policy: a key of the registry, or a class."""

    def check(self, name: str, value: Any) -> Any:
        if isinstance(value, str):
            return choice(POLICIES).check(name, value)
        if isinstance(value, type):
            return value
        more = ": give the class, not an object of it; each run makes its own" if hasattr(value, "evict") else ""
        raise TypeError(f"{name}={shown(value)}" + (more or f": allowed are {', '.join(POLICIES)}, or {HOOKS}"))


POLICY = _Policy()


def find(policy: Any) -> Entry:
    """Return the registry's entry of a key, or one made of the learner's class.

    Raises
    ------
    ValueError
        A key that is not registered.
    TypeError
        A class without the hooks.
    """
    if isinstance(POLICY.check("policy", policy), str):
        return POLICIES[policy]
    for hook in ("hit", "evict"):
        if not callable(getattr(policy, hook, None)):
            raise TypeError(
                f"policy={shown(policy)} has no method {hook}; allowed are {', '.join(POLICIES)}, or {HOOKS}"
            )
    name = label_of(policy)

    def start(trace: Any, frames: int) -> State:
        made = policy(frames) if _takes_frames(policy) else policy()
        return State(made, trace.pages.tolist(), frames)

    return policy_laws.own_entry(name, Policy(start, _advance, _describe, _reason))


def _takes_frames(policy: Any) -> bool:
    given = inspect.signature(policy).parameters.values()
    return any(p.kind is not p.VAR_KEYWORD for p in given)


def _advance(state: State, dense: np.ndarray, first: int, last: int, hit: Any, evicted: Any, pages: np.ndarray) -> int:
    """Take references `first` to `last`, as the kernels do; return the faults."""
    number, memory, name = state.number, state.memory, label_of(type(state.policy))
    faults = 0
    for i in range(first, last):
        page = number[dense[i]]
        inside = page in memory
        try:
            goes = state.policy.hit(page) if inside else state.policy.evict(page)
        except Exception as error:
            error.add_note(
                f"{name}, reference {i + 1}: raised by {'hit' if inside else 'evict'}({page}); {_show(memory)}"
            )
            raise
        if inside:
            continue
        faults += 1
        goes = _check(goes, page, state, name, f"reference {i + 1}")
        if goes is not None:
            victim = memory.pop(goes)
            if evicted is not None:
                evicted[i] = pages[victim]
        memory[page] = int(dense[i])
        if hit is not None:
            hit[i] = False
    return faults


def _check(goes: Any, page: int, state: State, name: str, when: str) -> int | None:
    """Return the page that goes, or raise what is wrong with it."""
    memory = state.memory
    said = f"evict({page}) returned {shown(goes)}"
    if goes is None:
        if len(memory) == state.frames:
            raise BrokenPolicy(
                name, "never more pages than frames", when, f"{said}, but no frame is free; {_show(memory)}."
            )
        return None
    try:
        goes = operator.index(goes)
    except TypeError:
        raise BrokenPolicy(
            name,
            "evict returns a page or None",
            when,
            f"{said}; a page number of memory, or None while a frame is free, is needed.",
        ) from None
    if goes not in memory:
        raise BrokenPolicy(name, "only a page in memory can go", when, f"{said}, which is not there; {_show(memory)}.")
    if len(memory) < state.frames:
        raise BrokenPolicy(
            name,
            "no page is evicted while a frame is free",
            when,
            f"{said}, though {state.frames - len(memory)} of {plural(state.frames, 'frame')} are free.",
        )
    return goes


def _show(memory: Any) -> str:
    some = ", ".join(map(str, list(memory)[:12])) or "nothing"
    return f"in memory: {some}{', …' if len(memory) > 12 else ''}"


def _describe(state: State) -> Lists:
    """Return the pages by loading, and of the object's attributes what can be drawn."""
    memory, lists, values, numbers, hand = state.memory, {}, {}, {}, None
    lists["by loading"] = list(memory.values())
    for name, value in policy_laws.attributes(state.policy):
        if isinstance(value, list | tuple | deque | set | dict):
            known = [page for page in value if isinstance(page, int | np.integer) and page in memory]
            if isinstance(value, dict):
                values[name] = {memory[page]: value[page] for page in known}
            elif len(known) == len(value) == len(memory):
                lists = {name: [memory[page] for page in known]}
        elif name == "hand" and value in memory:
            hand = memory[value]
        elif isinstance(value, int | float) and not isinstance(value, bool) and name != "frames":
            numbers[name] = value
    return Lists(lists, values, numbers, hand)


def _reason(eviction: Any) -> Reason:
    """Return that the class chose so, with what is known of the page it chose and of the one used longest ago."""
    last = {page: eviction.last_use(page) for page in eviction.before.resident}
    oldest = min(last, key=last.__getitem__)
    text = f"Page {eviction.evicted} is evicted: evict({eviction.page}) chose it; last used at {last[eviction.evicted]}"
    text += "" if oldest == eviction.evicted else f", while page {oldest} was used at {last[oldest]}"
    return Reason(text + ".", "the class's own", last)
