"""``python -m oslab gradebook FOLDER``: the progress files of a class, graded anew, as Canvas and Moodle take them."""

import os
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from textwrap import shorten
from typing import Any

from oslab.base import Instance, Result, Several, checked, flag, plural, shown, text
from oslab.course.chapters import CHAPTERS, chapter_of, quiz_of, read_choice
from oslab.course.regrading import Graded, Grader
from oslab.course.roster import Roster, read_roster, words_of
from oslab.quizzes import progress
from oslab.quizzes.bank import draw
from oslab.quizzes.progress_file import Record

__all__ = ["Gradebook", "Student", "gradebook", "graded_parts", "read_moment"]

MOST_ANSWERS = 5_000  # of one file: each may be another question to draw
MOST_FILES = 20_000
BREAK = timedelta(minutes=20)  # between two answers; a longer one was not spent on the question
PATH = Instance((str, os.PathLike))


@dataclass
class Student:
    """One student's answers.

    Attributes
    ----------
    name : str
        As the roster writes it, else as the file is signed, else the file's name.
    row : int or None
        In the roster.
    files : list of str
        Below the folder.
    answers : list of Graded
        Oldest first.
    remarks : list of str
        What a teacher should look at: a sentence each.
    """

    name: str
    row: int | None
    files: list[str] = field(default_factory=list)
    answers: list[Graded] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def right(self, chapter: str, first: bool = False) -> set[str]:
        """Return the questions of a chapter (a wing's name) that were ever answered right, or right at the first try."""
        seen: set[str] = set()
        found = set()
        for one in self.answers:
            key = one.record.question
            if one.record.chapter == chapter and one.kind not in ("written", ""):
                if one.right and not (first and key in seen):
                    found.add(key)
                seen.add(key)
        return found


@dataclass(frozen=True)
class Gradebook(Result):
    """What a class has answered, graded by the questions as they are now.

    Attributes
    ----------
    students : tuple of Student
        The roster's first, in its order, also those who handed in nothing.
    parts : dict of str to tuple of str
        By chapter (``"03"``), the questions that count: those asked for, but for those answered in words.
    skipped : dict of str to str
        By file, why it could not be read.
    roster : Roster
    """

    students: tuple[Student, ...]
    parts: Mapping[str, tuple[str, ...]]
    skipped: Mapping[str, str]
    roster: Roster

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield a row for each student: the questions right by chapter, and remarks."""
        for student in self.students:
            points = {f"{number} {CHAPTERS[number]}": self.points(student, number) for number in self.parts}
            first = sum(self.points(student, number, first=True) for number in self.parts)
            told = {"at first try": first, "answers": len(student.answers), "remarks": " ".join(student.remarks)}
            yield {"student": student.name, **points, **told}

    @checked(student=Instance(Student), chapter=text(100), first=flag())
    def points(self, student: Student, chapter: str, first: bool = False) -> int:
        """Return how many of a chapter's questions a student ever answered right, or right at the first try."""
        number = chapter_of(chapter)
        return len(student.right(CHAPTERS[number], first) & set(self.parts.get(number, ())))

    def questions(self) -> list[dict[str, Any]]:
        """Return a row for each question that is graded, the hardest first.

        Columns: how many students answered, the share in percent whose first try was right, the median of tries up to the
        right one and of minutes before the first, and the commonest wrong first choice.
        """
        rows = []
        for number in self.parts:
            bank = quiz_of(number)
            prompts = {part: question.prompt for key in bank for part, question in bank.draw(key).items()}
            for part in self.parts[number]:
                asked = shorten(prompts[part], 90, placeholder=" …")
                rows.append({"question": f"{number} {part}", **self._difficulty(bank.chapter, part), "asks": asked})
        return sorted(rows, key=lambda row: (not row["students"], row["right at first try, %"]))

    def _difficulty(self, chapter: str, part: str) -> dict[str, Any]:
        tries, minutes, first, wrong = [], [], [], Counter()
        for student in self.students:
            about = [(one.record.chapter, one.record.question) for one in student.answers]
            asked = [(k, one) for k, one in enumerate(student.answers) if about[k] == (chapter, part)]
            if not asked:
                continue
            start, one = asked[0]
            first.append(one.right)
            tries += [n for n, (_, later) in enumerate(asked, 1) if later.right][:1]
            if start:
                spent = _moment(one.record) - _moment(student.answers[start - 1].record)
                minutes += [spent.total_seconds() / 60] if spent < BREAK else []
            if one.kind == "choice" and not one.right:
                wrong[str(one.record.answer)] += 1
        return {
            "students": len(first),
            "right at first try, %": round(100 * sum(first) / len(first)) if first else 0,
            "tries to the right one": median(tries) if tries else "",
            "minutes": round(median(minutes), 1) if minutes else "",
            "commonest wrong choice": wrong.most_common(1)[0][0][:80] if wrong else "",
        }


def _moment(record: Record) -> datetime:
    return _aware(datetime.fromisoformat(record.at), UTC)


def _aware(moment: datetime, zone: Any) -> datetime:
    return moment.replace(tzinfo=zone) if moment.tzinfo is None else moment


@checked(given=text(40))
def read_moment(given: str) -> datetime:
    """Return the moment of a date (its end, where this machine is) or of a date and time.

    Raises
    ------
    ValueError
        Neither.
    """
    try:
        moment = datetime.fromisoformat(given) + timedelta(days=len(given) == len("2026-01-31"))
    except (ValueError, OverflowError):
        raise ValueError(f"until={shown(given)}: allowed is a date such as 2026-01-31, or 2026-01-31T18:00") from None
    return _aware(moment, datetime.now().astimezone().tzinfo)


@checked(chapter=text(100), keys=Several(text(20), 0))
def graded_parts(chapter: str, keys: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the questions of a chapter that are graded: all but those answered in words.

    Parameters
    ----------
    chapter : str
        ``"03"`` or ``"memory"``.
    keys : sequence of str
        Only these entries of its quiz, ``"Q2"``, or ``"quiz"`` for all; names of labs among them are passed over.
    """
    bank = quiz_of(chapter)
    wanted = [key for key in bank if not keys or "quiz" in keys or key in keys]
    found = ((part, source) for key in wanted for part, source in bank.parts(key).items())
    return tuple(part for part, source in found if draw(source, 1).kind != "written")


@checked(
    folder=PATH,
    roster=Instance((str, os.PathLike), optional=True),
    chapters=Several(text(100), 0),
    until=text(40, optional=True),
)
def gradebook(
    folder: str | os.PathLike,
    roster: str | os.PathLike | None = None,
    chapters: Sequence[str] = (),
    until: str | None = None,
) -> Gradebook:
    """Read every progress file in a folder and below, and grade what is in it anew.

    Files of one student are merged; a file that is damaged, or too large, is left out and named.

    Parameters
    ----------
    folder : path-like
        Where the files are, in any folders below.
    roster : path-like, optional
        A gradebook exported by Canvas or Moodle, as CSV.
    chapters : sequence of str
        ``"03"``, ``"memory"`` or, for some questions only, ``"03:Q2,Q4"``; all in which something was answered if not
        given.
    until : str, optional
        A date, or a date and time; later answers do not count.

    Raises
    ------
    ValueError
        No such chapter, no date, a roster that is none.
    OSError
        No such folder.
    """
    asked = read_choice(chapters) if chapters else {}
    end = None if until is None else read_moment(until)
    place, known = Path(folder), read_roster(None if roster is None else Path(roster))
    wings = {CHAPTERS[number] for number in asked or CHAPTERS}
    students: dict[Any, Student] = {k: Student(name, k) for k, name in enumerate(known.names)}
    records: dict[Any, dict[str, Record]] = defaultdict(dict)
    skipped = {}
    for path in _files(place):
        below = str(path.relative_to(place))
        try:
            found, signed = progress.read(path)
        except ValueError as error:
            skipped[below] = str(error).partition(": ")[2].partition("; allowed are files made")[0]
            continue
        except OSError as error:
            skipped[below] = str(error.strerror)
            continue
        if len(found) > MOST_ANSWERS:
            skipped[below] = f"it holds {len(found)} answers; at most {MOST_ANSWERS} are read"
            continue
        name = signed or path.stem
        row = known.find(signed, Path(below))
        key = row if row is not None else words_of(name) or name
        student = students.setdefault(key, Student(name, None))
        student.files.append(below)
        if row is None and known.rows:
            student.remarks = ["In no row of the roster, or in several."]
        elif row is not None and signed and known.find(signed, Path("x")) not in (row, None):
            student.remarks.append(f"{below} is signed {signed}.")
        for record in found:
            old = records[key].get(record.id)
            if record.chapter in wings and (end is None or _moment(record) < end) and (not old or old.at <= record.at):
                records[key][record.id] = record
    met = {record.chapter for own in records.values() for record in own.values()}
    numbers = tuple(asked) or tuple(number for number, wing in CHAPTERS.items() if wing in met)
    parts = {number: found for number in numbers if (found := graded_parts(number, asked.get(number, ())))}
    _grade(students, records, wings)
    return Gradebook(tuple(students.values()), parts, skipped, known)


def _files(folder: Path) -> list[Path]:
    """The progress files below a folder; a link to somewhere else is none."""
    if not folder.is_dir():
        raise NotADirectoryError(f"{folder} is no folder")
    found = [Path(at, name) for at, _, names in os.walk(folder) for name in names if name.endswith(".sqlite")]
    return sorted(path for path in found[:MOST_FILES] if not path.is_symlink())


def _grade(students: Mapping[Any, Student], records: Mapping[Any, Mapping[str, Record]], wings: set[str]) -> None:
    """Grade everybody's answers, and remark on what is odd about them."""
    grader = Grader([quiz_of(number) for number, wing in CHAPTERS.items() if wing in wings])
    owners: dict[str, list[str]] = defaultdict(list)
    for key, own in records.items():
        student = students[key]
        student.answers = [grader.grade(r) for r in sorted(own.values(), key=lambda r: (_moment(r), r.id))]
        for identifier in own:
            owners[identifier].append(student.name)
        for note in ("edited", "another version", "no such question"):
            names = sorted({one.record.question for one in student.answers if one.note == note})
            if names:
                student.remarks.append(f"{note.capitalize()}: {', '.join(names)[:200]}.")
    for key, own in records.items():
        student = students[key]
        shared = Counter(name for identifier in own for name in owners[identifier] if name != student.name)
        for name, count in shared.most_common(3):
            student.remarks.append(f"The same {plural(count, 'answer')} as in the file of {name}.")
