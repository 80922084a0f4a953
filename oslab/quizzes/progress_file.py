"""Records of answers in one SQLite file that several kernels may write at once."""

from __future__ import annotations

import json
import os
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from oslab.base import plural, shown

__all__ = ["Record", "Store", "Unusable", "read_file", "read_student", "write_file"]

APPLICATION = 0x6F736C62
SCHEMA = 1
BUSY_SECONDS = 2.0  # that another kernel's writing is waited for
BUSY_AGAIN = 0.05  # once it was waited for in vain
READ_SECONDS = 10.0  # that reading a file may take
LONGEST = 2**24  # bytes of a value in a file
LONGEST_NAME = 100  # characters of a student's name
COLUMNS = ("id", "chapter", "question", "seed", "kind", "answer", "right", "score", "tries", "at", "digest")

_TABLE = """CREATE TABLE IF NOT EXISTS answers (
    id TEXT PRIMARY KEY, chapter TEXT NOT NULL, question TEXT NOT NULL, seed INTEGER NOT NULL,
    kind TEXT NOT NULL, answer TEXT NOT NULL, "right" INTEGER NOT NULL, score REAL NOT NULL,
    tries INTEGER NOT NULL, at TEXT NOT NULL, digest TEXT NOT NULL DEFAULT ''
)"""
# Files of 0.1 have neither this table nor digests; they are read on, and take both when written to.
_ABOUT = "CREATE TABLE IF NOT EXISTS about (key TEXT PRIMARY KEY, value TEXT NOT NULL)"
_NAMES = ", ".join(f'"{name}"' for name in COLUMNS)
# Of two versions of one record the later stands: a written answer is revised when a point is ticked.
_PUT = f"""INSERT INTO answers ({_NAMES}) VALUES ({", ".join("?" * len(COLUMNS))})
    ON CONFLICT (id) DO UPDATE SET answer = excluded.answer, "right" = excluded."right",
    score = excluded.score, tries = excluded.tries, at = excluded.at,
    digest = excluded.digest WHERE excluded.at >= answers.at"""


class Unusable(ValueError):
    """A file that holds no progress this version can read; the message says why."""


def write_time(moment: datetime) -> str:
    """Return a time in UTC, so written that later times sort later."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@dataclass(frozen=True)
class Record:
    """One answer.

    Attributes
    ----------
    id : str
        The same in every copy of the file, so that copies can be merged.
    chapter, question, kind : str
    seed : int
        Of the numbers in the question.
    answer : object
        As it was given: text, number, list or mapping.
    right : bool
    score : float
        0 to 1.
    tries : int
        Which try at these numbers this was, from 1.
    at : str
        When, in UTC: ``"2026-01-31T12:00:00.000000Z"``.
    digest : str
        Of the question (`Question.digest`); '' in files older than digests.
    """

    id: str
    chapter: str
    question: str
    seed: int
    kind: str
    answer: Any
    right: bool
    score: float
    tries: int
    at: str
    digest: str = ""

    def row(self) -> tuple:
        """Return the record as it stands in the file."""
        return (
            self.id,
            self.chapter,
            self.question,
            self.seed,
            self.kind,
            json.dumps(self.answer, ensure_ascii=False),
            int(self.right),
            self.score,
            self.tries,
            self.at,
            self.digest,
        )

    def after(self, other: Record) -> Record:
        """Return the record, later than another: where the clock was set back, a microsecond later."""
        if self.at > other.at:
            return self
        moment = datetime.fromisoformat(other.at) + timedelta(microseconds=1)
        return replace(self, at=write_time(moment))

    @classmethod
    def of_row(cls, row: tuple) -> Record:
        """Return the record of a row of the file.

        Raises
        ------
        Unusable
            A row with something else in it.
        """
        kinds = (str, str, str, int, str, str, int, float | int, int, str, str)
        if len(row) != len(kinds) or not all(isinstance(v, k) for v, k in zip(row, kinds, strict=True)):
            raise Unusable(f"it holds a record that cannot be read: {shown(row)}")
        try:
            answer = json.loads(row[5])
            datetime.fromisoformat(row[9])
        except (ValueError, RecursionError):
            raise Unusable(f"it holds an answer or a time that cannot be read: {shown(row)}") from None
        return cls(*row[:5], answer, bool(row[6]), float(row[7]), *row[8:])


def _connect(path: Path | str, *, seconds: float = BUSY_SECONDS, **options: Any) -> sqlite3.Connection:
    """Open a file that may hold anything: what reading it takes is limited in time and memory."""
    con = sqlite3.connect(path, timeout=seconds, isolation_level=None, **options)
    con.text_factory = _decode
    con.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST)
    end = time.monotonic() + READ_SECONDS
    con.set_progress_handler(lambda: time.monotonic() > end, 10_000)
    return con


def _decode(data: bytes) -> str | bytes:
    try:
        return data.decode()
    except UnicodeDecodeError:  # the row is then refused, not the whole table
        return data


def _check(con: sqlite3.Connection) -> bool:
    """Whether the file is set up; raises if it is something else."""
    application = con.execute("PRAGMA application_id").fetchone()[0]
    version = con.execute("PRAGMA user_version").fetchone()[0]
    if application == 0 and version == 0 and not con.execute("SELECT 1 FROM sqlite_master").fetchone():
        return False
    if application != APPLICATION:
        raise Unusable("it is a database of another program")
    if version != SCHEMA:
        raise Unusable(f"it was written by another version of oslab (schema {version}, known is {SCHEMA})")
    if not _is_plain(con, "answers"):
        raise Unusable("its answers are no plain table, or have columns that are worked out")
    return True


def _is_plain(con: sqlite3.Connection, table: str) -> bool:
    """Whether this is a table of plain values: a view, or a column that is worked out, could go on for ever."""
    sort = con.execute("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?", (table,)).fetchone()
    plain = sort is not None and str(sort[0]).upper().startswith("CREATE TABLE")
    return plain and not any(column[6] for column in con.execute(f"PRAGMA table_xinfo({table})"))


def _has_digests(con: sqlite3.Connection) -> bool:
    return any(column[1] == "digest" for column in con.execute("PRAGMA table_info(answers)"))


def _set_up(con: sqlite3.Connection) -> None:
    """Make what is missing: all of it, or what a file of 0.1 lacks."""
    if not _check(con):
        con.execute(_TABLE)
        con.execute(f"PRAGMA application_id = {APPLICATION}")
        con.execute(f"PRAGMA user_version = {SCHEMA}")
    elif not _has_digests(con):
        con.execute("ALTER TABLE answers ADD COLUMN digest TEXT NOT NULL DEFAULT ''")
    con.execute(_ABOUT)


def _read_rows(con: sqlite3.Connection, chapter: str | None = None) -> list[tuple]:
    where, values = ("", ()) if chapter is None else (" WHERE chapter = ?", (chapter,))
    names = _NAMES if _has_digests(con) else _NAMES.replace('"digest"', "''")
    return con.execute(f"SELECT {names} FROM answers{where} ORDER BY at, id", values).fetchall()


def _read_name(con: sqlite3.Connection) -> str:
    """The student's name; '' where none was given, or one that is no short text."""
    if not _is_plain(con, "about"):
        return ""
    found = con.execute("SELECT value FROM about WHERE key = 'student'").fetchone()
    named = found is not None and isinstance(found[0], str) and found[0].isprintable()
    return found[0][:LONGEST_NAME] if named else ""


def _put_name(con: sqlite3.Connection, name: str) -> None:
    con.execute("INSERT OR REPLACE INTO about VALUES ('student', ?)", (name,))


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection | None]:
    """Open a file to read it, after a complete check; None if nothing was ever kept in it."""
    with open(path, "rb") as file:
        if file.read(16) != b"SQLite format 3\x00":
            raise Unusable("it is not a progress file")
    try:
        with closing(_connect(path.absolute().as_uri() + "?mode=ro", uri=True)) as con:
            kept = _check(con)
            if kept and con.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
                raise Unusable("it is damaged")
            yield con if kept else None
    except sqlite3.Error as error:
        raise Unusable(f"it is damaged ({error})") from None


def read_file(path: Path) -> list[Record]:
    """Return all records of a file, after a complete check of it.

    Raises
    ------
    Unusable
        A file that is damaged, of another program, or of another version.
    OSError
        A file that cannot be read.
    """
    with _opened(path) as con:
        return [] if con is None else [Record.of_row(row) for row in _read_rows(con)]


def read_student(path: Path) -> str:
    """Return the name that a file carries, or ''; raises as `read_file`."""
    with _opened(path) as con:
        return "" if con is None else _read_name(con)


def write_file(path: Path, records: Iterable[Record], student: str = "") -> None:
    """Write records, and whose they are, to a new file that takes the place of `path` at once, or not at all."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    part.unlink(missing_ok=True)
    try:
        with closing(sqlite3.connect(part)) as con, con:
            _set_up(con)
            con.executemany(_PUT, [record.row() for record in records])
            if student:
                _put_name(con, student)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


class Store:
    """The records in one file; what cannot be written there stays in memory and is tried again.

    Parameters
    ----------
    path : Path, optional
        None: memory only.

    Attributes
    ----------
    problem : str
        Why records are not in the file, or ''.
    """

    def __init__(self, path: Path | None):
        self.path = path
        self.problem = ""
        self._unreadable = ""
        self._told = {""}
        self._busy = False
        self._waiting: dict[str, Record] = {}
        self._name = ""
        self._lock = threading.RLock()

    def tell(self) -> str:
        """Return what is wrong with the file the first time it is asked for, '' afterwards."""
        with self._lock:
            untold = [said for said in (self.problem, self._unreadable) if said not in self._told]
            self._told.update(untold)
            return " ".join(untold)

    def put(self, records: Iterable[Record]) -> None:
        """Keep records; of two with one id the later stands."""
        with self._lock:
            for record in records:
                known = self._waiting.get(record.id)
                if known is None or record.at >= known.at:
                    self._waiting[record.id] = record
            if self.path is None:
                return
            with self._guarded(), self._writing() as con:
                con.executemany(_PUT, [record.row() for record in self._waiting.values()])
                self.problem = ""
            if not self.problem:
                self._waiting.clear()

    @property
    def student(self) -> str:
        """Whose answers they are: a name of at most 100 characters, or ''."""
        with self._lock:
            name = self._name
            if self.path is not None and self.path.exists():
                with self._guarded(), closing(self._open()) as con:
                    name = _read_name(con) if _check(con) else name
            return name

    def sign(self, name: str) -> None:
        """Keep a name in the place of the one that was there."""
        with self._lock:
            self._name = name
            if self.path is not None:
                with self._guarded(), self._writing() as con:
                    _put_name(con, name)
                    self.problem = ""

    def revise(self, record: Record) -> None:
        """Keep a record in the place of the one with its id, also where the clock was set back since that."""
        with self._lock:
            known = next((old for old in self.records(record.chapter) if old.id == record.id), None)
            self.put([record.after(known) if known else record])

    def records(self, chapter: str | None = None) -> list[Record]:
        """Return the records of a chapter, or all, oldest first; a row that cannot be read is left out."""
        with self._lock:
            found: dict[str, Record] = {}
            with self._guarded():
                if self.path is not None and self.path.exists():
                    with closing(self._open()) as con:
                        found = self._collect(_read_rows(con, chapter) if _check(con) else ())
            found |= {k: r for k, r in self._waiting.items() if chapter in (None, r.chapter)}
            return sorted(found.values(), key=lambda record: (record.at, record.id))

    def _collect(self, rows: Iterable[tuple]) -> dict[str, Record]:
        found, bad = {}, 0
        for row in rows:
            try:
                record = Record.of_row(row)
                found[record.id] = record
            except Unusable:
                bad += 1
        if bad:
            what = f"{plural(bad, 'answer')} in {self.path}"
            self._unreadable = f"{what} cannot be read and {'is' if bad == 1 else 'are'} left out."
        return found

    def set_aside(self) -> Path | None:
        """Give an unusable file another name, and return that; None if the file is sound or absent."""
        if self.path is None or not self.path.exists():
            return None
        try:
            read_file(self.path)
        except Unusable:
            spare = next(
                p for k in range(1, 10_000) if not (p := self.path.with_name(f"{self.path.name}.damaged-{k}")).exists()
            )
            os.replace(self.path, spare)
            self.path.with_name(self.path.name + "-journal").unlink(missing_ok=True)
            return spare
        return None

    def _open(self) -> sqlite3.Connection:
        # Opened for each call: callbacks and cells run in different threads, and a process may have forked.
        assert self.path is not None
        return _connect(self.path, seconds=BUSY_AGAIN if self._busy else BUSY_SECONDS)

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        # The default journal, not WAL: home directories on network file systems cannot share WAL's memory.
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with closing(self._open()) as con:
            con.execute("BEGIN IMMEDIATE")
            try:
                _set_up(con)
                yield con
                con.execute("COMMIT")
            except BaseException:
                if con.in_transaction:
                    con.execute("ROLLBACK")
                raise

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """Turn whatever is wrong with the file into a sentence."""
        try:
            yield
            self._busy = False
        except (sqlite3.Error, OSError, Unusable) as error:
            reason = str(error) or type(error).__name__
            self._busy = isinstance(error, sqlite3.OperationalError) and "locked" in reason
            self.problem = (
                f"Progress is not being kept in {self.path}: {reason}. "
                f"The quiz goes on; your answers stay in memory until the kernel ends."
            )
