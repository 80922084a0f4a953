"""What the gradebook writes: CSV for Canvas and Moodle, written answers to be read, a page on what was hard."""

import argparse
import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from oslab.base import Instance, checked, flag, plural, text
from oslab.course.assignment import chosen_in
from oslab.course.chapters import CHAPTERS
from oslab.course.gradebook import Gradebook, Student, gradebook
from oslab.course.roster import CANVAS, MOODLE
from oslab.picture.html_text import escape, html_table

__all__ = ["main", "write_gradebook"]

HARD = 50  # percent right at first try, below which a question is to be explained again
STYLE = """:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif } body { margin: 2rem auto; max-width: 70rem;
padding: 0 1rem } table { border-collapse: collapse; font-size: .9rem } th, td { text-align: left; vertical-align: top;
padding: .3rem .7rem; border-bottom: 1px solid #8886 } td { font-variant-numeric: tabular-nums }"""


@checked(book=Instance(Gradebook), folder=Instance(Path), first=flag(), title=text(200))
def write_gradebook(book: Gradebook, folder: Path, first: bool = False, title: str = "oslab") -> list[Path]:
    """Write canvas.csv, moodle.csv, written.csv and report.html, and return where they are.

    Parameters
    ----------
    book : Gradebook
    folder : Path
        Made if it is missing; files of these names are replaced.
    first : bool
        Whether only what was right at the first try counts.
    title : str
        Before the chapter in the head of a column.
    """
    folder.mkdir(parents=True, exist_ok=True)
    titles = [f"{title} {number} {CHAPTERS[number]}" for number in book.parts]
    most = map(len, book.parts.values())
    canvas: list[Sequence[Any]] = [(*CANVAS, *titles), ("    Points Possible", *[""] * (len(CANVAS) - 1), *most)]
    moodle: list[Sequence[Any]] = [(*MOODLE, *titles)]
    for student in book.students:
        points = [book.points(student, number, first) if student.files else "" for number in book.parts]
        canvas.append((*_columns(book, student, CANVAS), *points))
        moodle.append((*_columns(book, student, MOODLE), *("-" if p == "" else p for p in points)))
    written = [("student", "question", "points ticked by the student, %", "answer")]
    for student in book.students:
        written += [_written(student, one.record) for one in student.answers if one.kind == "written"]
    made = {"canvas.csv": canvas, "moodle.csv": moodle, "written.csv": written}
    for name, rows in made.items():
        with open(folder / name, "w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([_safe(cell) for cell in row] for row in rows)
    (folder / "report.html").write_text(_page(book), encoding="utf-8")
    return [folder / name for name in (*made, "report.html")]


def _safe(cell: Any) -> Any:
    """A cell that no spreadsheet takes for a formula; a lone dash is Moodle's "no grade"."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in tuple("=+-@\t\r") and cell != "-" else cell


def _columns(book: Gradebook, student: Student, wanted: Sequence[str]) -> list[str]:
    """What the roster says of a student in these columns; without a row, the name."""
    row = {} if student.row is None else book.roster.rows[student.row]
    first, _, last = student.name.rpartition(" ")
    made = {"Student": student.name, "First name": first or last, "Last name": last if first else ""}
    return [row.get(column, made.get(column, "")) for column in wanted]


def _written(student: Student, record: Any) -> tuple[str, str, int, str]:
    said = record.answer.get("text", "") if isinstance(record.answer, dict) else record.answer
    return student.name, f"{record.chapter} {record.question}", round(100 * record.score), str(said)[:20_000]


def _page(book: Gradebook) -> str:
    questions = book.questions()
    answered = [row for row in questions if row["students"]]
    hard = [row for row in answered if row["right at first try, %"] < HARD]
    again = ", ".join(f"{row['question']} ({row['right at first try, %']} % right at first try)" for row in hard)
    said = (
        f"Explain again: {again}." if again else f"At least {HARD} % of the first tries at every question were right."
    )
    skipped = [{"file": name, "left out since": why} for name, why in book.skipped.items()]
    parts: Iterable[str] = (
        f"<h1>oslab: {escape(', '.join(f'{c} {CHAPTERS[c]}' for c in book.parts)) or 'nothing answered'}</h1>",
        f"<p>{escape(said)}</p><h2>Questions, the hardest first</h2>{html_table(answered)}",
        f"<h2>Students</h2>{html_table(book.table(), limit=len(book.students))}",
        f"<h2>Files left out</h2>{html_table(skipped)}" if skipped else "",
    )
    head = f"<meta charset='utf-8'><title>oslab gradebook</title><style>{STYLE}</style>"
    return f"<!doctype html><html lang='en'><head>{head}</head><body>{''.join(parts)}</body></html>\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Grade a folder of progress files; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m oslab gradebook", description=__doc__)
    parser.add_argument("folder", help="holds the progress files that were handed in, in any folders below")
    parser.add_argument("--roster", help="a gradebook exported by Canvas or Moodle, as CSV")
    parser.add_argument("--chapters", nargs="+", default=[], metavar="03:Q2,Q4", help="default: all answered ones")
    parser.add_argument(
        "--assignment", type=Path, metavar="WEEK3.ipynb", help="grade the questions that `assign` put into a notebook"
    )
    parser.add_argument("--until", metavar="DATE", help="later answers do not count: 2026-01-31, or 2026-01-31T18:00")
    parser.add_argument("--first", action="store_true", help="count only answers that were right at the first try")
    parser.add_argument("-o", "--output", default="gradebook", type=Path, help="folder (default: %(default)s)")
    given = parser.parse_args(arguments)
    chapters = chosen_in(given.assignment) if given.assignment else given.chapters
    book = gradebook(given.folder, given.roster, chapters, given.until)
    title = given.assignment.stem if given.assignment else "oslab"
    made = write_gradebook(book, given.output, given.first, title)
    files = sum(len(student.files) for student in book.students)
    answers = sum(len(student.answers) for student in book.students)
    handed = sum(bool(student.files) for student in book.students)
    print(f"{plural(files, 'file')} of {plural(handed, 'student')}, {plural(answers, 'answer')} graded anew")
    for name, why in book.skipped.items():
        print(f"left out: {name}: {why}")
    for student in book.students:
        if student.remarks:
            print(f"{student.name}: {' '.join(student.remarks)}")
    print("written:", *made)
    return 0 if files else 1
