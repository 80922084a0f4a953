"""`oslab.progress`: which questions were answered, how, and when; kept in a file of the learner's own.

The file is ``oslab/progress.sqlite`` in the Jupyter data directory.  The environment variable OSLAB_PROGRESS
names another one, or is ``off``; under pytest and nbval nothing is kept unless it names a file.
"""

import csv
import io
import json
import os
import re
import sys
import tempfile
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from oslab.base import Instance, Result, checked, columns, flag, integer, plural, real, shown, text
from oslab.quizzes.progress_file import (
    LONGEST_NAME,
    Record,
    Store,
    Unusable,
    read_file,
    read_student,
    write_file,
    write_time,
)

__all__ = [
    "Summary",
    "default_path",
    "export_csv",
    "history",
    "panel",
    "read",
    "record",
    "restore",
    "save",
    "sign",
    "store",
    "student",
    "summary",
]

LARGEST = 64 * 2**20

_stores: dict[Path | None, Store] = {}


def default_path() -> Path | None:
    """Return the file in which progress is kept, or None where none is kept."""
    return _find_path()[0]


def _find_path() -> tuple[Path | None, str]:
    """The file, and why there is none although one is wanted."""
    given = os.environ.get("OSLAB_PROGRESS", "").strip()
    if given.lower() == "off" or (not given and {"PYTEST_CURRENT_TEST", "PYTEST_VERSION"} & os.environ.keys()):
        return None, ""
    try:
        if given:
            return Path(given).expanduser().absolute(), ""
        from jupyter_core.paths import jupyter_data_dir

        return Path(jupyter_data_dir()).absolute() / "oslab" / "progress.sqlite", ""
    except (RuntimeError, OSError, ValueError, KeyError) as error:  # no home, no such user, no current directory
        return None, f"Progress is kept in memory only, until the kernel ends: {error}"


def store() -> Store:
    """Return the store of the file that is in use now."""
    path, problem = _find_path()
    found = _stores.setdefault(path, Store(path))
    if path is None:
        found.problem = problem
    return found


def minute(at: str) -> str:
    """Return a record's time to the minute: ``2026-01-31 12:00 UTC``."""
    return f"{at[:16].replace('T', ' ')} UTC"


@checked(
    chapter=text(200),
    question=text(200),
    seed=integer(),
    kind=text(200),
    right=flag(),
    score=real(0, 1),
    tries=integer(),
    id=text(200, optional=True),
    digest=text(200),
    into=Instance(Store, optional=True),
)
def record(
    chapter: str,
    question: str,
    seed: int,
    kind: str,
    answer: Any,
    right: bool,
    *,
    score: float = 0.0,
    tries: int = 1,
    id: str | None = None,
    digest: str = "",
    into: Store | None = None,
) -> str:
    """Keep one answer and return its id.

    Parameters
    ----------
    chapter, question, kind : str
        ``"memory"``, ``"Q2"``, ``"number"``.
    seed : int
        Of the numbers in the question.
    answer : object
        What JSON can hold; sets and tuples become lists.
    right : bool
    score : float
        0 to 1.
    tries : int
        Which try at these numbers it is, from 1.
    id : str, optional
        Of an earlier record that this one takes the place of.
    digest : str
        Of the question.
    into : Store, optional
        Another store than the learner's own.
    """
    plain = json.loads(json.dumps(answer, default=_plain))
    at = write_time(datetime.now(UTC))
    made = Record(id or uuid.uuid4().hex, chapter, question, seed, kind, plain, right, score, tries, at, digest)
    where = store() if into is None else into
    if id is None:
        where.put([made])
    else:
        where.revise(made)
    return made.id


def _plain(value: Any) -> Any:
    if isinstance(value, set | frozenset):
        return sorted(value)
    if hasattr(value, "item"):
        return value.item()
    raise TypeError(f"answer={shown(value)}: a text, number, list or mapping is needed")


def student() -> str:
    """Return the name that the learner gave, or ''."""
    return store().student


@checked(name=text(LONGEST_NAME))
def sign(name: str) -> str:
    """Keep the learner's name with the answers, for whoever grades them, and return it as it is kept.

    Parameters
    ----------
    name : str
        At most 100 characters; '' takes it away.
    """
    plain = " ".join("".join(sign if sign.isprintable() else " " for sign in name).split())
    store().sign(plain)
    return plain


def file_name(ending: str) -> str:
    """Return what a downloaded file is called: ``oslab-progress-Ada-Lovelace.sqlite``."""
    words = re.findall(r"\w+", student())
    return "-".join(["oslab-progress", *words]) + ending


def history(chapter: str | None = None) -> list[Record]:
    """Return the answers given in a chapter, or all, oldest first."""
    return store().records(chapter)


@dataclass(frozen=True)
class Summary(Result):
    """Progress by chapter.

    Attributes
    ----------
    chapter : tuple of str
        In which something was answered.
    answered, right : tuple of int
        Questions (parts counted one by one) answered at least once, and answered right at least once.
    tries : tuple of int
        Answers given.
    last : tuple of str
        When the last one was given, in UTC.
    """

    chapter: tuple[str, ...]
    answered: tuple[int, ...]
    right: tuple[int, ...]
    tries: tuple[int, ...]
    last: tuple[str, ...]

    def rows(self) -> Iterable[Mapping[str, Any]]:
        """Return a row for each chapter."""
        return columns({name: getattr(self, name) for name in ("chapter", "answered", "right", "tries", "last")})

    def __str__(self) -> str:
        if not self.chapter:
            return "No question answered yet."
        return "\n".join(
            f"{row['chapter']}: {row['right']} of {plural(row['answered'], 'answered question')} right, "
            f"{plural(row['tries'], 'try', 'tries')}, last {minute(row['last'])}"
            for row in self.table()
        )

    __repr__ = __str__


def summary() -> Summary:
    """Return how far each chapter's questions have been answered."""
    by: dict[str, list[Record]] = {}
    for item in history():
        by.setdefault(item.chapter, []).append(item)
    chapters = sorted(by)
    return Summary(
        tuple(chapters),
        tuple(len({r.question for r in by[c]}) for c in chapters),
        tuple(len({r.question for r in by[c] if r.right}) for c in chapters),
        tuple(len(by[c]) for c in chapters),
        tuple(max(r.at for r in by[c]) for c in chapters),
    )


def export_csv(path: str | os.PathLike | None = None) -> Path:
    """Write every answer as a row of a CSV file, and return where it is.

    Parameters
    ----------
    path : path-like, optional
        ``oslab-progress.csv``, with the learner's name, in the current directory if not given; an existing file is
        replaced.
    """
    target = Path(path if path is not None else file_name(".csv"))
    target.write_text(csv_text(), encoding="utf-8", newline="")
    return target


def csv_text() -> str:
    """Return every answer as a row of CSV; the answers themselves are JSON."""
    text = io.StringIO()
    out = csv.writer(text)
    out.writerow(("chapter", "question", "seed", "kind", "answer", "right", "score", "tries", "when_utc"))
    for r in history():
        out.writerow(
            (
                r.chapter,
                r.question,
                r.seed,
                r.kind,
                json.dumps(r.answer, ensure_ascii=False),
                "yes" if r.right else "no",
                f"{r.score:g}",
                r.tries,
                r.at,
            )
        )
    return text.getvalue()


def save(path: str | os.PathLike | None = None) -> Path:
    """Write all progress to one file that `restore` takes, and return where it is.

    Parameters
    ----------
    path : path-like, optional
        ``oslab-progress.sqlite``, with the learner's name, in the current directory if not given; an existing file is
        replaced.
    """
    target = Path(path if path is not None else file_name(".sqlite"))
    own = store().path
    if own is not None and target.absolute() == own:
        raise ValueError(f"path={shown(str(target))}: this is the file in use; choose another")
    write_file(target, history(), student())
    return target


def saved_bytes() -> bytes:
    """Return the file that `save` writes."""
    with tempfile.TemporaryDirectory() as folder:
        return save(Path(folder) / "progress.sqlite").read_bytes()


def restore(source: str | os.PathLike | bytes) -> Summary:
    """Take in a file made by `save`, beside what is there, and return the progress there is then.

    Parameters
    ----------
    source : path-like or bytes
        The file, or what is in it; it is checked completely before anything is changed.

    Raises
    ------
    ValueError
        What is not a whole progress file of this version.
    OSError
        A file that cannot be read, or progress that cannot be written.

    Notes
    -----
    If the learner's own file is damaged, it is first given another name.
    """
    records, name = read(source)
    own = store()
    own.set_aside()
    own.put(records)
    if name and not own.student:
        own.sign(name)
    if own.problem:
        raise OSError(own.problem)
    return summary()


def panel() -> Any:
    """Return a panel, to be the last line of a cell: it shows progress, downloads it, and takes such a file back."""
    from oslab.quizzes.progress_panel import ProgressPanel  # widgets only where they are shown

    return ProgressPanel(sys.modules[__name__])


def read(source: str | os.PathLike | bytes) -> tuple[list[Record], str]:
    """Return the answers in a file made by `save`, oldest first, and the name in it; raises as `restore`."""
    if isinstance(source, str | os.PathLike):
        name, path = str(source), Path(os.path.expanduser(source))
        if path.stat().st_size > LARGEST or not path.is_file():  # a pipe would be waited for
            raise ValueError(f"source={shown(name)}: allowed are files of at most {LARGEST // 2**20} MiB")
        return _named(name, path)
    if not isinstance(source, bytes | bytearray | memoryview):
        raise TypeError(f"source={shown(source)}: a path, or the bytes of a file, is needed")
    data = bytes(source)
    name = f"{len(data)} bytes"
    if len(data) > LARGEST:
        raise ValueError(f"source={shown(name)}: allowed are files of at most {LARGEST // 2**20} MiB")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "given.sqlite"
        path.write_bytes(data)
        return _named(name, path)


def _named(name: str, path: Path) -> tuple[list[Record], str]:
    try:
        return read_file(path), read_student(path)
    except Unusable as error:
        raise ValueError(f"source={shown(name)}: {error}; allowed are files made by progress.save()") from None


def states(chapter: str, where: Store | None = None) -> Mapping[str, tuple[Record, int, bool]]:
    """Return for each question of a chapter its last answer, how many tries, and if it was ever right."""
    found: dict[str, tuple[Record, int, bool]] = {}
    for item in (where or store()).records(chapter):
        _, tries, right = found.get(item.question, (None, 0, False))
        found[item.question] = (item, tries + 1, right or item.right)
    return found
