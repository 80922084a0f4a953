"""Kernels: compiled by numba where it is there, plain Python where it is not.

``@kernel`` compiles a function without the interpreter lock and keeps the machine code on disk.  numba's own
cache is not used: it looks at one file only, so it goes stale when a helper in another file changes; checked
and unchecked runs share it; and it fails at import where nothing is writable.  Here the folder is named by
the content of every kernel source, numba's version and bounds checking.  Sources that change while a process
runs switch its cache off; where nothing can be written, kernels are compiled in memory.

A kernel takes constants only from files that use this module: others are not part of the folder's name.

Environment
-----------
OSLAB_JIT : ``0`` runs every kernel as the plain Python function that it is.
OSLAB_BOUNDSCHECK : ``1`` compiles kernels that check each index (slower; a cache of its own).
OSLAB_CACHE_DIR : where the compiled kernels are kept, instead of the user's cache directory.
OSLAB_KERNELS : a folder of the same kind, looked in first and only read, so that a class shares one.
"""

import contextlib
import functools
import hashlib
import importlib
import os
import pickle
import shutil
import time
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

__all__ = [
    "KERNELS",
    "WARMERS",
    "bind",
    "cache_folder",
    "compiled",
    "hook",
    "kernel",
    "lean",
    "load_sources",
    "sources",
    "warmer",
]

KERNELS: list[Any] = []
WARMERS: list[tuple[int, Callable[[], Any]]] = []
PACKAGE = Path(__file__).resolve().parent
KEPT_FOLDERS = 6
LEAN = {"_nrt": False}
DIGEST = 32  # bytes of a checksum
LOCK_TRIES, LOCK_PAUSE = 3000, 0.05  # seconds; a kernel takes at most some 15 to compile

numba: Any = None
if os.environ.get("OSLAB_JIT", "1") != "0":
    with contextlib.suppress(ImportError):
        numba = importlib.import_module("numba")
        if numba.config.DISABLE_JIT:
            numba = None

compiled = numba is not None
_checked = compiled and (os.environ.get("OSLAB_BOUNDSCHECK", "0") == "1" or numba.config.BOUNDSCHECK == 1)


def kernel(function: Callable) -> Callable:
    """Compile `function` when it is first called, without the interpreter lock; keep the code on disk.

    Without numba, or with ``OSLAB_JIT=0``, it is returned as it is.
    """
    return _made(function, {})


def lean(function: Callable) -> Callable:
    """Compile a kernel that allocates nothing: it counts no references to the arrays that it is handed.

    A kernel that unpacks a wide state counts a reference for each of its arrays, atomically, in every call.
    """
    return _made(function, LEAN)


def hook(function: Callable) -> Callable:
    """Compile a kernel that allocates nothing and becomes a part of each one that calls it."""
    return _made(function, {**LEAN, "forceinline": True})


def _made(function: Callable, options: dict[str, Any]) -> Callable:
    if not compiled:
        KERNELS.append(function)
        return function
    known = getattr(getattr(numba.core, "options", None), "DefaultOptions", None)
    options = {name: value for name, value in options.items() if hasattr(known, name)}  # another numba may have others
    dispatcher = numba.njit(nogil=True, boundscheck=_checked, **options)(function)
    dispatcher.oslab_options = options
    folder = cache_folder()
    if folder is not None and Path(function.__code__.co_filename).resolve() in _known_sources():
        try:
            dispatcher._cache = _make_cache(function, folder)
        except Exception:  # numba's cache has no public interface: compile in memory when it changes
            pass
    KERNELS.append(dispatcher)
    return dispatcher


def bind(loop: Callable, name: str, **hooks: Any) -> Callable:
    """Return `loop` compiled anew with the global names `hooks`, under a name of its own.

    The loop calls its hooks by global name, so it is specialised and inlined for each set of them; no closure
    is involved, so the disk cache works.

    Parameters
    ----------
    loop : function or kernel
        The loop; its other global names stay as they are.
    name : str
        Name of the result.  Two loops bound under one name would share machine code.
    **hooks
        What the loop's global names stand for.

    Raises
    ------
    ValueError
        The loop is bound under that name already, with other hooks.
    """
    plain = getattr(loop, "py_func", loop)
    code = plain.__code__
    for known in KERNELS:
        other = getattr(known, "py_func", known)
        if other.__code__ is code and other.__qualname__ == name:
            raise ValueError(f"name={name!r}: {plain.__qualname__} is bound under it already")
    bound = types.FunctionType(code, {**plain.__globals__, **hooks}, name, plain.__defaults__)
    bound.__qualname__, bound.__module__, bound.__doc__ = name, plain.__module__, plain.__doc__
    return _made(bound, getattr(loop, "oslab_options", {}))


def warmer(chapter: int) -> Callable[[Callable], Callable]:
    """Return a decorator that files a function, which calls kernels on tiny input, under the chapter that needs it first.

    ``make warm`` and the launch call them in this order, each in one of several processes; so one should take seconds.
    """

    def file(function: Callable) -> Callable:
        WARMERS.append((chapter, function))
        return function

    return file


def sources(package: Path = PACKAGE) -> list[Path]:
    """Return the files of kernels: every one under `package` that mentions ``_jit``, sorted."""
    return [path for path in sorted(package.rglob("*.py")) if b"_jit" in path.read_bytes()]


def load_sources() -> None:
    """Import every module that has kernels."""
    for path in sources():
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        importlib.import_module(".".join(parts[:-1] if parts[-1] == "__init__" else parts))


@functools.cache
def cache_folder() -> Path | None:
    """Return the folder of compiled kernels for these sources; None without numba or a home for it."""
    if not compiled:
        return None
    try:
        digest = hashlib.sha256(f"{numba.__version__} {_checked}".encode())
        for path in sources():
            digest.update(str(path.relative_to(PACKAGE)).encode() + b"\0" + path.read_bytes() + b"\0")
        home = os.environ.get("OSLAB_CACHE_DIR")
        if not home:
            import platformdirs

            home = platformdirs.user_cache_dir("oslab", appauthor=False)
        _stamp()
        return Path(home) / "kernels" / digest.hexdigest()[:20]
    except Exception:  # unreadable sources, no home directory: compile in memory
        return None


def _fingerprint() -> tuple:
    """Return path, time and size of every file of kernels, without reading it again."""
    return tuple((path, (stat := os.stat(path)).st_mtime_ns, stat.st_size) for path in _known_sources())


@functools.cache
def _known_sources() -> tuple[Path, ...]:
    return tuple(sources())


@functools.cache
def _stamp() -> tuple:
    return _fingerprint()


def _unchanged() -> bool:
    try:
        return _fingerprint() == _stamp()
    except OSError:
        return False


def _make_cache(function: Callable, folder: Path) -> Any:
    """Return a disk cache of numba's kind for `function`, in `folder`."""
    return _cache_class()(function, folder)


@functools.cache
def _cache_class() -> type:
    from numba.core import caching

    class Locator:
        """Says where one function is kept; the folder's name stands for its sources."""

        def __init__(self, function: Callable, folder: Path):
            self._py_file = function.__code__.co_filename
            self._lineno = function.__code__.co_firstlineno
            self._folder = folder

        def ensure_cache_path(self) -> None:
            if not self._folder.is_dir():
                self._folder.mkdir(parents=True, exist_ok=True)
                _prune(self._folder)

        def get_cache_path(self) -> str:
            return str(self._folder)

        def get_source_stamp(self) -> str:
            return self._folder.name

        def get_disambiguator(self) -> str:
            return str(self._lineno)

    class Impl(caching.CompileResultCacheImpl):
        def __init__(self, function: Callable, folder: Path):
            self._lineno = function.__code__.co_firstlineno
            self._locator = Locator(function, folder)
            self._filename_base = self.get_filename_base(f"{function.__module__}.{function.__qualname__}", "")

    class CheckedFile(caching.IndexDataCacheFile):
        """An index and its data files, each with a checksum in front: damaged machine code ends the interpreter."""

        def _load_index(self) -> dict:
            try:
                return self._read(self._index_path)
            except OSError:
                return {}

        def _save_index(self, overloads: dict) -> None:
            self._write(self._index_path, overloads)

        def _load_data(self, name: str) -> Any:
            return self._read(self._data_path(name))

        def _save_data(self, name: str, data: Any) -> None:
            self._write(self._data_path(name), data)

        def _read(self, path: str) -> Any:
            data = Path(path).read_bytes()
            if hashlib.sha256(data[DIGEST:]).digest() != data[:DIGEST]:
                raise OSError(f"{path} is damaged")
            return pickle.loads(data[DIGEST:])

        def _write(self, path: str, content: Any) -> None:
            data = self._dump(content)
            with self._open_for_write(path) as file:
                file.write(hashlib.sha256(data).digest() + data)

    class KernelCache(caching.FunctionCache):
        """numba's cache in a folder of its own; whatever goes wrong with the disk, the kernel still runs."""

        def __init__(self, function: Callable, folder: Path):
            self._name, self._py_func = repr(function), function
            self._impl = Impl(function, folder)
            self._cache_path = str(folder)
            shared = os.environ.get("OSLAB_KERNELS")
            folders = [*([Path(shared) / folder.name] if shared else []), folder]
            self._files = [
                CheckedFile(cache_path=str(f), filename_base=self._impl.filename_base, source_stamp=folder.name)
                for f in folders
            ]
            self._cache_file = self._files[-1]
            self._lock = FileLock(folder / f"{self._impl.filename_base}.lock")
            self.enable()

        def load_overload(self, sig: Any, target_context: Any) -> Any:
            if not _unchanged():
                return None
            found = self._look(sig, target_context)
            if found is None and self._lock.acquire():  # another process may have compiled it meanwhile
                found = self._look(sig, target_context)
                if found is not None:
                    self._lock.release()
            return found

        def _look(self, sig: Any, target_context: Any) -> Any:
            for file in self._files:  # the last one is where new code is kept
                self._cache_file = file
                try:
                    found = super().load_overload(sig, target_context)
                except Exception:  # a file that numba cannot read: the next save writes it anew
                    found = None
                if found is not None:
                    break
            self._cache_file = self._files[-1]
            return found

        def save_overload(self, sig: Any, data: Any) -> None:
            try:
                if _unchanged():
                    super().save_overload(sig, data)
            except Exception:  # full, read-only or missing disk: keep the code in memory
                pass
            finally:
                self._lock.release()

    return KernelCache


class FileLock:
    """Held while a kernel is compiled, so that kernels started together compile each only once.

    Kernels that call each other are compiled from the caller down, and none calls its caller, so no two processes
    wait for each other.  Where files cannot be locked, there is no lock: then a kernel is compiled twice.
    """

    def __init__(self, path: Path):
        self._path = path
        self._file: Any = None

    def acquire(self) -> bool:
        """Take the lock, waiting for another process to let go; return whether it had to wait."""
        try:
            import fcntl

            self._path.parent.mkdir(parents=True, exist_ok=True)
            file = self._file or open(self._path, "ab")  # noqa: SIM115  (closed by release)
        except (ImportError, OSError):
            return False
        if self._file is not None:
            return False
        for attempt in range(LOCK_TRIES):
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self._file = file
                return attempt > 0
            except OSError:
                time.sleep(LOCK_PAUSE)
        file.close()
        return True

    def release(self) -> None:
        """Let go."""
        if self._file is not None:
            self._file.close()
            self._file = None


def _prune(folder: Path) -> None:
    """Remove the folders of sources long gone, the last few used excepted."""
    try:
        others = sorted(folder.parent.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
        for path in others[KEPT_FOLDERS:]:
            if path != folder:
                shutil.rmtree(path, ignore_errors=True)
    except OSError:
        pass
