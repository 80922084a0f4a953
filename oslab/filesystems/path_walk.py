"""Paths: from names to nodes, one component after the other, the same way in a file system and in the VFS."""

import errno
import os
from collections.abc import Callable
from typing import Any

from oslab.base import shown

__all__ = ["NAME_MAX", "PATH_MAX", "encode", "fail", "walk"]

NAME_MAX, PATH_MAX, MOST_LINKS = 255, 4096, 40


def fail(code: int, what: str) -> OSError:
    """Return the `OSError` of an error number."""
    return OSError(code, os.strerror(code), what)


def encode(text: str) -> bytes:
    """Return a name or a path as bytes; half a surrogate pair, which UTF-8 has no place for, passes as it is."""
    return text.encode(errors="surrogatepass")


def walk(
    root: Any, path: str, child: Callable[[list, str], Any], target: Callable[[Any], str | None], follow: bool = True
) -> list[tuple[str, Any]]:
    """Walk a path and return the names and nodes on it, the root first.

    Parameters
    ----------
    root : object
    path : str
        From the root on; symbolic links on the way are followed.
    child : callable
        ``child(stack, name)`` returns the node of a name in the directory on top of the stack; it raises what is wrong.
    target : callable
        ``target(node)`` returns where a symbolic link leads, None for anything else.
    follow : bool
        Whether a symbolic link at the end is followed too.

    Raises
    ------
    OSError
        ENOENT, ENAMETOOLONG, ELOOP, and what `child` raises.
    """
    if not isinstance(path, str):
        raise TypeError(f"path={shown(path)}: allowed are texts")
    if not path:
        raise fail(errno.ENOENT, path)
    if len(path) >= PATH_MAX:
        raise fail(errno.ENAMETOOLONG, path)
    stack, pending, links = [("", root)], path.split("/")[::-1], 0
    while pending:
        name = pending.pop()
        if name in ("", "."):
            continue
        if name == "..":
            del stack[max(1, len(stack) - 1) :]
            continue
        if len(encode(name)) > NAME_MAX:
            raise fail(errno.ENAMETOOLONG, path)
        node = child(stack, name)
        leads = target(node) if follow or any(pending) else None
        if leads is None:
            stack.append((name, node))
            continue
        links += 1
        if links > MOST_LINKS:
            raise fail(errno.ELOOP, path)
        del stack[1 if leads.startswith("/") else len(stack) :]
        pending += leads.split("/")[::-1]
    return stack
