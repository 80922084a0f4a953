"""Every public name of every room is documented: functions with their parameters, classes with what they hold."""

import dataclasses
import importlib
import inspect
import re

import pytest

ROOMS = [
    "ai", "base", "course", "devices", "filesystems", "lab", "machine", "memory", "picture", "processes", "quizzes",
    "scheduling", "synchronization",
]  # fmt: skip


def undocumented(name, found):
    """Yield what the documentation of a function or class does not speak of."""
    doc = inspect.getdoc(found) or ""
    if not doc:
        yield f"{name}: no docstring"
    if inspect.isclass(found):
        for field in dataclasses.fields(found) if dataclasses.is_dataclass(found) else ():
            if not field.name.startswith("_") and not mentioned(field.name, doc) and not inherited(found, field.name):
                yield f"{name}.{field.name}: not among its attributes"
        for member, value in vars(found).items():
            value = getattr(value, "fget", None) or getattr(value, "func", None) or getattr(value, "__func__", value)
            if member[0] != "_" and inspect.isfunction(value) and not inspect.getdoc(getattr(found, member)):
                yield f"{name}.{member}: no docstring"
    elif inspect.isfunction(inspect.unwrap(found)):
        parameters = [p for p in inspect.signature(found).parameters.values() if p.kind is not p.VAR_KEYWORD]
        silent = [p.name for p in parameters if not mentioned(p.name, doc)]
        if silent:
            yield f"{name}: does not speak of {', '.join(silent)}"


def mentioned(word, doc):
    return re.search(rf"(?<![\w]){re.escape(word)}(?![\w])", doc)


def inherited(found, field):
    return any(mentioned(field, inspect.cleandoc(base.__doc__ or "")) for base in found.__mro__[1:])


def public(room):
    module = importlib.import_module(f"oslab.{room}")
    for name in module.__all__:
        value = getattr(module, name)
        if inspect.isclass(value) or callable(value):
            yield f"{room}.{name}", value


@pytest.mark.parametrize("room", ROOMS)
def test_every_public_name_is_documented(room):
    assert [said for name, found in public(room) for said in undocumented(name, found)] == []


def test_what_is_missing_is_found():
    @dataclasses.dataclass
    class Bare:
        """Bare."""

        left: int
        right: int

        def turn(self):
            pass

    def move(step, far=1):
        """Move by `step`."""

    assert list(undocumented("Bare", Bare)) == [
        "Bare.left: not among its attributes", "Bare.right: not among its attributes", "Bare.turn: no docstring",
    ]  # fmt: skip
    assert list(undocumented("move", move)) == ["move: does not speak of far"]
