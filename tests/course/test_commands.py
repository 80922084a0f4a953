"""The commands of ``python -m oslab``."""

import importlib

from oslab.course import commands


def test_a_word_that_names_a_command_runs_it_with_the_rest(monkeypatch):
    calls = []
    module = type(importlib)("a_command")
    module.main = lambda arguments: calls.append(arguments) or 3
    monkeypatch.setattr(importlib, "import_module", lambda name: calls.append(name) or module)
    monkeypatch.setitem(commands.COMMANDS, "count", "somewhere.a_command")
    assert commands.main(["count", "-p", "5"]) == 3
    assert commands.main(["my-folder", "--no-browser"]) == 3
    assert calls == ["somewhere.a_command", ["-p", "5"], "oslab.course.launch", ["my-folder", "--no-browser"]]


def test_every_command_has_its_main():
    assert all(callable(importlib.import_module(module).main) for module in commands.COMMANDS.values())
