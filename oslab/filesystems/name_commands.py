"""Names, inodes and blocks: a few commands, and the three of them after each."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from oslab.base import Stepped, checked, plural, shown, text
from oslab.filesystems.block_file_system import BlockFileSystem, Stat
from oslab.filesystems.disk import BLOCK_BITMAP
from oslab.filesystems.path_walk import encode

__all__ = ["COMMANDS", "CommandRun", "DirectoryState", "parse", "play"]

COMMANDS = {"create": 1, "write": 2, "link": 2, "symlink": 2, "rename": 2, "unlink": 1, "open": 1, "close": 1}


class DirectoryState(NamedTuple):
    """What there is after a step.

    Attributes
    ----------
    entries : dict of str to int
        Name → inode.
    inodes : dict of int to Stat
    held : dict of int to int
        Inode → how often it is open.
    blocks : dict of int to (int, str)
        Block → the inode that owns it, its text.
    """

    entries: dict[str, int]
    inodes: dict[int, Stat]
    held: dict[int, int]
    blocks: dict[int, tuple[int, str]]


@dataclass(frozen=True)
class CommandRun(Stepped, over="commands"):
    """What `play` returns: the commands, the state after each, and what each did.

    Attributes
    ----------
    commands : tuple of str
    states : tuple of DirectoryState
        Before anything, and after each command.
    reasons : tuple of str
        What each command did.
    """

    commands: tuple[str, ...]
    states: tuple[DirectoryState, ...]
    reasons: tuple[str, ...]

    def _replayed(self, step: int) -> DirectoryState:
        return self.states[step]

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield one row a step."""
        for command, state, why in zip(self.commands, self.states[1:], self.reasons):
            counts = {"names": len(state.entries), "inodes": len(state.inodes), "blocks": len(state.blocks)}
            yield {"command": command, **counts, "what happened": why}

    def __str__(self) -> str:
        return "\n".join(f"{c}: {w}" for c, w in zip(self.commands, self.reasons))


@checked(script=text(4000))
def parse(script: str) -> list[list[str]]:
    """Return commands as lists of words.

    Raises
    ------
    TypeError, ValueError
        No text, more than 4000 characters; an unknown command, or a wrong number of words.
    """
    found = [part.split() for part in script.split(";") if part.strip()]
    for words in found:
        if len(words) - 1 != COMMANDS.get(words[0]):
            known = ", ".join(f"{name}{' …' * n}" for name, n in COMMANDS.items())
            raise ValueError(f"script={shown(' '.join(words))}: allowed are {known}; with ; between them")
    if not found:
        raise ValueError("script='': at least one command is needed")
    return found


def play(script: str) -> CommandRun:
    """Run commands in the root directory of an empty file system.

    Parameters
    ----------
    script : str
        Such as ``"create a; write a hello; link a b; open a; unlink a; close a"``; a file that is open is closed by the
        name under which it was opened.

    Raises
    ------
    ValueError
        Something that is no command; a name that is closed but not open.
    OSError
        What the command would give on Linux.

    Examples
    --------
    >>> story = play("create a; link a b; unlink a")
    >>> story.state(3).entries, story.state(3).inodes[3].links
    ({'b': 3}, 1)
    """
    fs, opened = BlockFileSystem(), {}
    listed = parse(script)
    states, reasons = [_state(fs)], []
    for words in listed:
        _act(fs, opened, words)
        states.append(_state(fs))
        reasons.append(_reason(words, *states[-2:]))
    return CommandRun(tuple(" ".join(words) for words in listed), tuple(states), tuple(reasons))


def _act(fs: BlockFileSystem, opened: dict[str, int], words: list[str]) -> None:
    command, *names = words
    if command == "open":
        opened[names[0]] = fs.resolve(names[0])
        fs.hold(opened[names[0]])
    elif command == "close":
        if names[0] not in opened:
            raise ValueError(f"script: close {names[0]}: it is not open; open are {', '.join(opened) or 'none'}")
        fs.release(opened.pop(names[0]))
    elif command == "write":
        fs.write(names[0], 0, encode(names[1]))
    else:
        getattr(fs, command)(*names)


def _state(fs: BlockFileSystem) -> DirectoryState:
    used = [n for n in range(3, fs.geometry.inodes + 1) if fs.inode(n).kind != "free"]
    owned = {b: n for n in used if not isinstance(fs.inode(n).map, str) for b in fs._where(n)[0].values()}
    texts = {
        b: (n, fs.disk[b].rstrip(b"\0").decode(errors="replace"))
        for b, n in owned.items()
        if fs.disk[BLOCK_BITMAP] >> b & 1
    }
    return DirectoryState(fs.entries(), {n: fs.stat(n) for n in used}, {n: k for n, k in fs.held.items() if k}, texts)


def _reason(words: list[str], old: DirectoryState, new: DirectoryState) -> str:
    """Say which of the three changed."""
    said = [f"the entry {name} is removed" for name in sorted({*old.entries} - {*new.entries})]
    said += [f"the entry {n} leads to inode {new.entries[n]}" for n in sorted({*new.entries} - {*old.entries})]
    for n in sorted({*old.inodes} & {*new.inodes}):
        if old.inodes[n].links != new.inodes[n].links:
            said.append(f"inode {n} had {old.inodes[n].links} and now has {plural(new.inodes[n].links, 'link')}")
        if old.held.get(n, 0) != (held := new.held.get(n, 0)):
            said.append(f"inode {n} is open {plural(held, 'time')}")
    gone = sorted({*old.inodes} - {*new.inodes})
    said += [f"inode {n} has no name and no process has it open: it and its blocks are freed" for n in gone]
    if changed := sorted({*new.blocks} - {*old.blocks}):
        said.append(f"block {changed[0]} is allocated for its contents")
    elif {b: t for b, t in new.blocks.items() if b in old.blocks} != {
        b: t for b, t in old.blocks.items() if b in new.blocks
    }:
        said.append("its block is written")
    if any(not s.links for s in new.inodes.values()):
        said.append("it has no name left but is kept, because it is open")
    text = "; ".join(said) or "nothing changes"
    return f"{text[0].upper()}{text[1:]}."
