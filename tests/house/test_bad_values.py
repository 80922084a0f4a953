"""Every public function refuses bad values by name: no crash, no hang, no foreign exception."""

import json
import os
import subprocess
import sys

import pytest

from tests.house import bad_values

WINGS = ["ai", "devices", "filesystems", "machine", "memory", "processes", "scheduling", "synchronization"]


@pytest.mark.parametrize("wing", WINGS)
def test_bad_values_are_refused_by_name(wing):
    command = [sys.executable, "-m", "tests.house.bad_values", f"oslab.{wing}"]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=300, env={**os.environ, "OSLAB_PROGRESS": "off"}
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert len(found) > 5 and {name: wrong for name, wrong in found.items() if wrong} == {}


def test_what_is_wrong_is_told():
    def crashes(n):
        return {}[n]

    def nameless(n):
        raise ValueError("bad")

    def fine(n):
        raise TypeError(f"n={n}")

    assert "KeyError" in bad_values.trouble(crashes, {}, "n", 3)
    assert "does not name it" in bad_values.trouble(nameless, {}, "n", 3)
    assert bad_values.trouble(fine, {}, "n", 3) == ""
    assert "characters" in bad_values.trouble(fine, {}, "n", "x" * 1000)
