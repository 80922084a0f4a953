"""A class's progress files, graded anew: merged, matched with a roster, and nothing in them believed."""

import csv
import os
import sqlite3
from contextlib import closing

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from oslab.course import commands
from oslab.course.assignment import assign
from oslab.course.chapters import CHAPTERS, chapter_of, quiz_of
from oslab.course.gradebook import gradebook, graded_parts, read_moment
from oslab.course.gradebook_files import write_gradebook
from oslab.course.regrading import Graded, Grader
from oslab.course.roster import read_roster
from oslab.quizzes.bank import draw
from oslab.quizzes.progress_file import LONGEST_NAME
from tests.course.handed_in import answered, hand_in, plain

CANVAS = """Student,ID,SIS User ID,SIS Login ID,Section,Old (1)
    Points Possible,,,,,10
"Lovelace, Ada",4711,u1,ada,A,3
"Müller, Zoë",4712,u2,zoe,A,
"Boole, George",4713,u3,george,B,
"Student, Test",9,,t,A,
"""
MOODLE = "First name,Surname,ID number,Email address\nAda,Lovelace,s1,ada@x.org\nZoë,Müller,s2,zoe@x.org\n"


def rows(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def points(book, name, chapter="06", first=False):
    return book.points(next(s for s in book.students if s.name == name), chapter, first)


def remarks(book, name):
    return " ".join(next(s for s in book.students if s.name == name).remarks)


def test_points_are_questions_ever_right_and_first_tries_are_counted_apart(tmp_path):
    hand_in(
        tmp_path,
        "Ada",
        [answered("06", "Q1b", False), answered("06", "Q1b", True, 2, 5), answered("06", "Q2", True, 1, 9)],
    )
    book = gradebook(tmp_path)
    assert tuple(book.parts) == ("06",) and points(book, "Ada") == 2 and points(book, "Ada", first=True) == 1
    assert book.table()[0]["remarks"] == ""
    first = next(row for row in book.questions() if row["question"] == "06 Q1b")
    assert (first["students"], first["right at first try, %"], first["tries to the right one"]) == (1, 0, 2)
    second = next(row for row in book.questions() if row["question"] == "06 Q2")
    assert second["minutes"] == 4 and second["right at first try, %"] == 100
    assert book.questions()[0]["question"] == "06 Q1b", "the hardest comes first"


def test_files_of_one_student_are_merged_whatever_their_order(tmp_path):
    one, two = answered("06", "Q1b"), answered("06", "Q2", True, 1, 1)
    hand_in(tmp_path, "Ada Lovelace", [one], "b/x.sqlite")
    hand_in(tmp_path, "ada  LOVELACE", [one, two], "a/y.sqlite")
    book = gradebook(tmp_path)
    (ada,) = book.students
    assert len(ada.files) == 2 and len(ada.answers) == 2 and ada.remarks == []


def test_an_edited_answer_is_found_out(tmp_path):
    wrong = answered("06", "Q1b", False)
    hand_in(tmp_path, "Bob", [answered("06", "Q1b", False), answered("06", "Q2", False, minute=1)])
    forged = [
        {**vars(wrong), "right": True, "score": 1.0},
        {**vars(answered("06", "Q2")), "answer": {"no": ["answer"] * 9}},
        {**vars(answered("06", "Q3", seed=2)), "seed": 2**40},
        {**vars(answered("06", "Q4b")), "kind": "written"},
        {**vars(answered("06", "Q5", False)), "right": True, "digest": "0" * 16},
        {**vars(answered("06", "Q1b")), "question": "Q99"},
    ]  # fmt: skip
    hand_in(tmp_path, "Eve", [type(wrong)(**one) for one in forged])
    book = gradebook(tmp_path)
    said = remarks(book, "Eve")
    assert "Edited: Q1b, Q2, Q3, Q4b." in said and "Another version: Q5." in said and "No such question: Q99." in said
    assert points(book, "Eve") == 1, "Q4's answer is right, whatever the file calls its kind"


def test_a_written_answer_called_a_choice_is_no_point(tmp_path):
    written = next(
        (number, part, question)
        for number in CHAPTERS
        for key in quiz_of(number)
        for part, question in quiz_of(number).draw(key).items()
        if question.kind == "written"
    )
    number, part, question = written
    record = answered(number, part)
    hand_in(tmp_path, "Eve", [type(record)(**{**vars(record), "kind": "choice", "answer": plain(question.key)})])
    assert points(gradebook(tmp_path), "Eve", number) == 0


def test_a_planted_bug_is_noticed(tmp_path, monkeypatch):
    """A grader that believes the file gives the forger a point."""
    record = answered("06", "Q1b", False)
    hand_in(tmp_path, "Eve", [type(record)(**{**vars(record), "right": True, "score": 1.0})])
    assert points(gradebook(tmp_path), "Eve") == 0
    monkeypatch.setattr(Grader, "grade", lambda self, r: Graded(r, r.right, r.kind))
    assert points(gradebook(tmp_path), "Eve") == 1


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_key_is_graded_right_as_a_file_keeps_it(chapter):
    grader = Grader([quiz_of(chapter)])
    for part in graded_parts(chapter):
        for seed in (1, 2, 77):
            for right in (True, False):
                graded = grader.grade(answered(chapter, part, right, seed))
                assert (graded.right, graded.note) == (right, ""), (part, seed, right)


def test_a_question_s_digest_is_that_of_what_is_asked(monkeypatch):
    bank = quiz_of("06")
    source = bank["Q2"][0]
    one, again, other = draw(source, 1), draw(source, 1), draw(source, 2)
    assert one.digest == again.digest and len(one.digest) == 16
    assert one.digest != other.digest or one == other
    reworded = type(one)(**{**vars(one), "why": "Said otherwise.", "recompute": None})
    asked_otherwise = type(one)(**{**vars(one), "prompt": one.prompt + " Really?", "recompute": None})
    assert reworded.digest == one.digest != asked_otherwise.digest


def test_what_is_damaged_is_named_and_left_out(tmp_path):
    good = hand_in(tmp_path, "Ada", [answered("06", "Q1b")])
    (tmp_path / "text.sqlite").write_text("no")
    data = bytearray(good.read_bytes())
    data[3000:] = b"\xff" * (len(data) - 3000)
    (tmp_path / "torn.sqlite").write_bytes(data)
    with closing(sqlite3.connect(tmp_path / "other.sqlite")) as con:
        con.execute("CREATE TABLE answers (a)")
    os.mkfifo(tmp_path / "pipe.sqlite")
    (tmp_path / "link.sqlite").symlink_to("/etc/passwd")
    book = gradebook(tmp_path)
    assert set(book.skipped) == {"text.sqlite", "torn.sqlite", "other.sqlite", "pipe.sqlite"}
    assert "damaged" in book.skipped["torn.sqlite"] and "not a progress file" in book.skipped["text.sqlite"]
    assert points(book, "Ada") == 1


def test_a_file_with_too_many_answers_is_left_out(tmp_path, monkeypatch):
    monkeypatch.setattr("oslab.course.gradebook.MOST_ANSWERS", 2)
    hand_in(tmp_path, "Ada", [answered("06", "Q1b", seed=s) for s in (1, 2, 3)])
    assert "3 answers" in gradebook(tmp_path).skipped["Ada.sqlite"]


def test_a_file_of_the_first_version_is_read(tmp_path):
    path = hand_in(tmp_path, "Ada", [answered("06", "Q1b")])
    with closing(sqlite3.connect(path)) as con, con:
        con.execute("ALTER TABLE answers DROP COLUMN digest")
        con.execute("DROP TABLE about")
    (ada,) = gradebook(tmp_path).students
    assert ada.name == "Ada" and len(ada.right("devices")) == 1 and ada.remarks == []


def test_only_the_chosen_questions_count(tmp_path, capsys):
    hand_in(tmp_path / "in", "Ada", [answered("06", part) for part in graded_parts("06")] + [answered("05", "Q3")])
    book = gradebook(tmp_path / "in", chapters=["06:Q1,Q3", "05:offset"])
    assert book.parts == {"06": ("Q1a", "Q1b", "Q3")} and points(book, "Ada") == 3
    assert {row["question"] for row in book.questions()} == {"06 Q1a", "06 Q1b", "06 Q3"}
    assert gradebook(tmp_path / "in", chapters=["06:quiz"]).parts["06"] == graded_parts("06")
    week = tmp_path / "week3.ipynb"
    assign(["06:Q1,Q3", "05:offset"], week)
    call = ["gradebook", str(tmp_path / "in"), "--assignment", str(week), "-o", str(tmp_path / "out")]
    assert commands.main(call) == 0
    assert [row["week3 06 devices"] for row in rows(tmp_path / "out/canvas.csv")] == ["3", "3"]
    assert commands.main([*call[:3], str(tmp_path / "none.ipynb")]) == 1
    assert "allowed is a notebook that `assign` has made" in capsys.readouterr().err


@pytest.mark.parametrize("until, counted", [("2026-11-19", 0), ("2026-11-22", 2), ("2026-11-20T13:00+00:00", 1)])
def test_later_answers_do_not_count(tmp_path, until, counted):
    hand_in(tmp_path, "Ada", [answered("06", "Q1b"), answered("06", "Q2", minute=90)])
    assert points(gradebook(tmp_path, until=until), "Ada") == counted


def test_canvas_gets_its_own_columns_back(tmp_path):
    (tmp_path / "roster.csv").write_text(CANVAS, encoding="utf-8-sig")
    hand_in(tmp_path, "zoe muller", [answered("06", "Q1b")], "in/a.sqlite")
    hand_in(
        tmp_path, "my progress", [answered("06", "Q1b"), answered("06", "Q2")], "in/lovelaceada_LATE_4711_88_p.sqlite"
    )
    hand_in(tmp_path, "Somebody Else", [answered("06", "Q1b")], "in/c.sqlite")
    book = gradebook(tmp_path / "in", tmp_path / "roster.csv", chapters=["devices"])
    write_gradebook(book, tmp_path / "out")
    possible, ada, zoe, george, other = rows(tmp_path / "out/canvas.csv")
    assert list(ada) == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "oslab 06 devices"]
    assert possible["Student"].strip() == "Points Possible" and possible["oslab 06 devices"] == str(
        len(graded_parts("06"))
    )
    assert (ada["Student"], ada["ID"], ada["oslab 06 devices"]) == ("Lovelace, Ada", "4711", "2")
    assert (zoe["SIS Login ID"], zoe["oslab 06 devices"], george["oslab 06 devices"]) == ("zoe", "1", "")
    assert other["Student"] == "Somebody Else" and "no row" in remarks(book, "Somebody Else")


def test_moodle_gets_its_own_columns_back(tmp_path):
    (tmp_path / "roster.csv").write_text(MOODLE, encoding="utf-8")
    hand_in(tmp_path, "", [answered("06", "Q1b")], "in/Zoë Müller_7_assignsubmission_file/oslab-progress.sqlite")
    book = gradebook(tmp_path / "in", tmp_path / "roster.csv")
    write_gradebook(book, tmp_path / "out")
    ada, zoe = rows(tmp_path / "out/moodle.csv")
    assert (ada["Email address"], ada["oslab 06 devices"]) == ("ada@x.org", "-")
    assert (zoe["First name"], zoe["ID number"], zoe["oslab 06 devices"]) == ("Zoë", "s2", "1")


def test_who_signs_as_somebody_else_is_remarked(tmp_path):
    (tmp_path / "roster.csv").write_text(CANVAS, encoding="utf-8")
    shared = answered("06", "Q1b")
    hand_in(tmp_path, "George Boole", [shared], "in/lovelaceada_4711_88_p.sqlite")
    hand_in(tmp_path, "George Boole", [shared], "in/boolegeorge_4713_89_p.sqlite")
    book = gradebook(tmp_path / "in", tmp_path / "roster.csv")
    said = remarks(book, "Lovelace, Ada")
    assert "signed George Boole" in said and "The same 1 answer as in the file of Boole, George." in said


def test_no_cell_is_a_formula_and_no_name_is_a_tag(tmp_path):
    hand_in(tmp_path, "=HYPERLINK(1) <script>", [answered("06", "Q1b")], "a.sqlite")
    made = write_gradebook(gradebook(tmp_path), tmp_path / "out")
    for path in made[:3]:
        assert not any(cell.startswith(("=", "+", "@")) for row in rows(path) for cell in row.values())
    assert "<script" not in (tmp_path / "out/report.html").read_text()


def test_the_page_says_what_to_explain_again(tmp_path):
    hand_in(tmp_path, "Ada", [answered("06", "Q1b", False), answered("06", "Q2")])
    (tmp_path / "bad.sqlite").write_text("no")
    write_gradebook(gradebook(tmp_path), tmp_path / "out")
    page = (tmp_path / "out/report.html").read_text()
    assert "Explain again: 06 Q1b (0 % right at first try)." in page and "bad.sqlite" in page


def test_the_command_writes_and_says_what_it_left_out(tmp_path, capsys):
    hand_in(tmp_path / "in", "Ada", [answered("06", "Q1b")])
    (tmp_path / "in/bad.sqlite").write_text("no")
    call = ["gradebook", str(tmp_path / "in"), "-o", str(tmp_path / "out"), "--chapters", "06", "--first"]
    assert commands.main(call) == 0
    said = capsys.readouterr().out
    assert (
        "1 file of 1 student, 1 answer graded anew" in said
        and "left out: bad.sqlite: it is not a progress file" in said
    )
    assert commands.main(["gradebook", str(tmp_path / "none")]) == 1
    assert commands.main([*call[:-1], "--until", "soon"]) == 1
    assert "until='soon'" in capsys.readouterr().err


@pytest.mark.parametrize(
    "call",
    [
        lambda path: gradebook(path, chapters=["99"]),
        lambda path: gradebook(path, chapters="03"),
        lambda path: gradebook(path, until="yesterday"),
        lambda path: gradebook(path, until="9999-12-31"),
        lambda path: gradebook(path, until=7),
        lambda path: gradebook(3),
        lambda path: gradebook(path / "none"),
        lambda path: gradebook(path, roster=path / "none.csv"),
        lambda path: read_roster(path / "empty.csv"),
        lambda path: read_moment("1" * 50),
        lambda path: chapter_of("9"),
    ],
)
def test_bad_input_is_refused_by_a_sentence(tmp_path, call):
    (tmp_path / "empty.csv").write_text("a,b\n1,2\n")
    with pytest.raises((ValueError, TypeError, OSError), match="allowed|no folder|No such file"):
        call(tmp_path)


@given(st.text(max_size=30), st.text(max_size=30))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_name_finds_its_row_and_no_other(tmp_path, one, two):
    from oslab.course.roster import Roster, words_of

    first, second = (" ".join(name.split()) or "x" for name in (one, two))
    roster = Roster([{"name": first, "id": "id-1"}, {"name": second, "id": "id-2"}])
    assert roster.find("id-2", tmp_path / "a") == 1
    if words_of(first) != words_of(second) and words_of(first):
        assert roster.find(" ".join(reversed(first.split())), tmp_path / "a") == 0
    assert len(first) <= LONGEST_NAME
