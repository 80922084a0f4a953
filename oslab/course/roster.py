"""The list of a class, as Canvas and Moodle export it: who a progress file belongs to, and the columns they want back."""

import csv
import re
import unicodedata
from collections.abc import Mapping
from pathlib import Path

from oslab.base import Instance, checked, shown, text

__all__ = ["CANVAS", "MOODLE", "Roster", "read_roster", "words_of"]

CANVAS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
MOODLE = ("First name", "Last name", "ID number", "Email address")
IDENTIFIERS = ("id", "sis user id", "sis login id", "id number", "email address", "email", "username", "login")
MOST = 20_000  # rows
CANVAS_FILE = re.compile(r"[^_]+_(?:LATE_)?(\d+)_\d+_")
MOODLE_FOLDER = re.compile(r"([^/_]+)_\d+_assignsubmission_")


class Roster:
    """Who is in the class.

    Parameters
    ----------
    rows : list of dict
        As exported, one a student; without rows everybody who hands in is in it.

    Attributes
    ----------
    names : list of str
        In the order of the rows, as the system writes them.
    """

    def __init__(self, rows: list[dict[str, str]]):
        self.rows = rows
        self.names = [_name(row) for row in rows]
        self._by_id: dict[str, list[int]] = {}
        self._by_words: dict[frozenset[str], list[int]] = {}
        for k, row in enumerate(rows):
            for column, value in row.items():
                if column.casefold() in IDENTIFIERS and value.strip():
                    self._by_id.setdefault(value.strip().casefold(), []).append(k)
            if words := words_of(self.names[k]):
                self._by_words.setdefault(words, []).append(k)

    @checked(path=Instance(Path))
    def find(self, signed: str, path: Path) -> int | None:
        """Return the row of a student, or None where no row, or more than one, fits.

        What the system wrote into the path counts first: ``lovelaceada_4711_99_….sqlite`` with Canvas's ID,
        ``Ada Lovelace_99_assignsubmission_file/….sqlite`` with the name that Moodle knows.  Then comes what the student
        signed with: an identifier, or the name in any order of its words.

        Parameters
        ----------
        signed : str
            The name in the file.
        path : Path
            Of the file, below the folder that was handed in.
        """
        canvas, moodle = CANVAS_FILE.match(path.name), MOODLE_FOLDER.search(path.as_posix())
        candidates = [
            self._by_id.get(canvas[1] if canvas else "", ()),
            self._by_words.get(words_of(moodle[1] if moodle else ""), ()),
            *(self._by_id.get(word.casefold(), ()) for word in (signed, *signed.split())),
            self._by_words.get(words_of(signed), ()),
        ]
        return next((rows[0] for rows in candidates if len(set(rows)) == 1), None)


@checked(path=Instance(Path, optional=True))
def read_roster(path: Path | None) -> Roster:
    """Return the roster of a CSV file: a gradebook exported by Canvas or Moodle, or any with a column *name*.

    Raises
    ------
    ValueError
        A file without a column of names.
    OSError
        One that cannot be read.
    """
    if path is None:
        return Roster([])
    with open(path, newline="", encoding="utf-8-sig", errors="replace") as file:
        rows = [
            {str(k).strip(): v or "" for k, v in row.items() if k and not isinstance(v, list)}
            for _, row in zip(range(MOST), csv.DictReader(file))
        ]
    # Canvas has rows of its own below the head: the points possible, and a test student.
    rows = [row for row in rows if _name(row) and not re.match(r"\s*Points Possible|Student, Test$", _name(row))]
    if not rows:
        raise ValueError(
            f"roster={shown(str(path))}: allowed is a CSV file with a column Student (Canvas), First name and Last name "
            "(Moodle), or name"
        )
    return Roster(rows)


def _name(row: Mapping[str, str]) -> str:
    known = {column.casefold(): value for column, value in row.items()}
    if last := known.get("last name", known.get("surname", "")):
        return f"{known.get('first name', '')} {last}".strip()
    return known.get("student", known.get("name", "")).strip()


@checked(name=text(1000))
def words_of(name: str) -> frozenset[str]:
    """Return the words of a name without accents and order: Canvas writes the last name first."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    return frozenset(re.findall(r"\w+", bare.casefold().replace("_", " ")))
