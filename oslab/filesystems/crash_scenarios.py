"""What is crashed: single operations, the block that is freed and used again, and ways to replace a file."""

from typing import NamedTuple

from oslab.base import Instance, Several, choice, shown, text

__all__ = ["REPLACEMENTS", "SCENARIOS", "Scenario", "check_scenario"]

OPERATIONS = "create append write truncate link unlink symlink mkdir rmdir rename fsync".split()
CALLS = Several(Several(Instance((str, int, bytes)), least=2, most=4), least=0, most=200)

OLD, NEW = b"old " * 16, b"new " * 16


class Scenario(NamedTuple):
    """Operations to be crashed.

    Attributes
    ----------
    label : str
    operations : tuple of tuple
        ``(method of BlockFileSystem, *arguments)``, or ``("fsync", path)``.
    prepared : tuple of tuple
        What was done before, and is on the disk.
    target : str
        A file whose contents alone are judged, "" for the whole tree.
    """

    label: str
    operations: tuple[tuple, ...]
    prepared: tuple[tuple, ...] = ()
    target: str = ""


def check_scenario(scenario: Scenario) -> Scenario:
    """Return a scenario whose calls are of `BlockFileSystem`, as hashable tuples.

    Raises
    ------
    TypeError, ValueError
        Another method than the operations, an argument that is no path, number or bytes, more than 200 calls.
    """
    text(200).check("scenario.label", scenario.label)
    text(4096).check("scenario.target", scenario.target)
    listed = []
    for field in ("operations", "prepared"):
        calls = CALLS.check(f"scenario.{field}", getattr(scenario, field))
        for call in calls:
            choice(OPERATIONS).check(f"scenario.{field}", call[0])
            if any(isinstance(a, str | bytes) and len(a) > 1 << 16 for a in call) or any(
                isinstance(a, bool) for a in call
            ):
                raise ValueError(f"scenario.{field}={shown(call)}: allowed are paths, numbers and at most 65536 bytes")
        listed.append(calls)
    return Scenario(scenario.label, *listed, scenario.target)


FILE = (("create", "/a"), ("append", "/a", OLD))

SCENARIOS = {
    "append": Scenario("Append a block", (("append", "/a", NEW),), FILE),
    "overwrite": Scenario("Overwrite two blocks", (("write", "/a", 0, NEW * 2),), (*FILE, ("append", "/a", OLD))),
    "indirect": Scenario(
        "Append the 13th block", (("append", "/a", NEW),), (("create", "/a"), ("append", "/a", OLD * 12))
    ),
    "create": Scenario("Create a file", (("create", "/b"),), FILE),
    "truncate": Scenario("Truncate to zero", (("truncate", "/a", 0),), FILE),
    "link": Scenario("Link", (("link", "/a", "/b"),), FILE),
    "unlink": Scenario("Unlink", (("unlink", "/a"),), FILE),
    "rename": Scenario(
        "Rename over a file", (("rename", "/b", "/a"),), (*FILE, ("create", "/b"), ("append", "/b", NEW))
    ),
    "symlink": Scenario("Symbolic link", (("symlink", "a", "/s"),), FILE),
    "mkdir": Scenario("Make a directory", (("mkdir", "/d"),)),
    "rmdir": Scenario("Remove a directory", (("rmdir", "/d"),), (("mkdir", "/d"),)),
    "reuse": Scenario(
        "Reuse a directory's block", (("mkdir", "/d"), ("rmdir", "/d"), ("append", "/a", NEW)), (("create", "/a"),)
    ),
}

_WRITE = (("create", "/t"), ("append", "/t", NEW))
_RENAME = ("rename", "/t", "/a")

REPLACEMENTS = {
    "safe": Scenario(
        "Second file, fsync, rename, fsync directory",
        (*_WRITE, ("fsync", "/t"), _RENAME, ("fsync", "/")),
        FILE,
        "/a",
    ),
    "in_place": Scenario(
        "Overwrite in place", (("truncate", "/a", 0), ("append", "/a", NEW), ("fsync", "/a")), FILE, "/a"
    ),
    "unlink_first": Scenario(
        "Remove the old file first", (*_WRITE, ("fsync", "/t"), ("unlink", "/a"), _RENAME, ("fsync", "/")), FILE, "/a"
    ),
    "no_fsync": Scenario("Rename without fsync", (*_WRITE, _RENAME, ("fsync", "/")), FILE, "/a"),
    "no_directory_fsync": Scenario("Forget the directory's fsync", (*_WRITE, ("fsync", "/t"), _RENAME), FILE, "/a"),
}
