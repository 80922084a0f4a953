"""Progress survives several writers, damage, and being unwritable."""

import csv
import multiprocessing
import os
import sqlite3
import tempfile
import time
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from oslab.quizzes import QuestionBox, progress, quiz
from oslab.quizzes.progress_file import Store, Unusable, read_file, write_file
from tests.quizzes import example


@pytest.fixture
def path(tmp_path, monkeypatch):
    path = tmp_path / "deep" / "progress.sqlite"
    monkeypatch.setenv("OSLAB_PROGRESS", str(path))
    return path


def put(n=1, chapter="memory", question="Q1", right=True):
    return [progress.record(chapter, question, 1, "number", k, right, tries=k + 1) for k in range(n)]


def test_nothing_is_kept_under_tests_unless_a_file_is_named(monkeypatch, path):
    assert progress.default_path() == path
    monkeypatch.delenv("OSLAB_PROGRESS")
    assert progress.default_path() is None
    monkeypatch.delenv("PYTEST_CURRENT_TEST")
    monkeypatch.delenv("PYTEST_VERSION", raising=False)
    assert progress.default_path().parts[-2:] == ("oslab", "progress.sqlite")
    monkeypatch.setenv("OSLAB_PROGRESS", "off")
    assert progress.default_path() is None


def test_an_answer_is_kept_with_all_it_has(path):
    answer = {"text": 'ä\n"x"', "ticked": (0, 2)}
    name = progress.record("memory", "Q1a", 7, "written", answer, False, score=0.5, tries=2)
    (kept,) = progress.history()
    assert kept.answer == {"text": 'ä\n"x"', "ticked": [0, 2]}
    assert (kept.id, kept.chapter, kept.question, kept.seed, kept.kind) == (name, "memory", "Q1a", 7, "written")
    assert (kept.right, kept.score, kept.tries) == (False, 0.5, 2) and kept.at.endswith("Z")
    assert progress.history("devices") == []


def test_looking_makes_no_file(path):
    assert progress.history() == [] and str(progress.summary()) == "No question answered yet."
    assert not path.parent.exists()


def test_summary_counts_questions_and_tries(path):
    put(3, right=False)
    put(1)
    put(2, "devices", "Q2", right=False)
    rows = [{k: v for k, v in row.items() if k != "last"} for row in progress.summary().table()]
    assert rows == [
        {"chapter": "devices", "answered": 1, "right": 0, "tries": 2},
        {"chapter": "memory", "answered": 1, "right": 1, "tries": 4},
    ]
    assert "memory: 1 of 1 answered question right, 4 tries" in str(progress.summary())


def test_csv_has_a_row_for_each_answer(path, tmp_path):
    put(2)
    progress.record("memory", "Q1a", 1, "written", {"text": 'a, "b"\nc', "ticked": []}, False)
    with open(progress.export_csv(tmp_path / "out.csv"), newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["right"] for row in rows] == ["yes", "yes", "no"] and rows[2]["answer"].startswith('{"text": "a, ')


def _write(path, who, n):
    store = Store(Path(path))
    for k in range(n):
        progress.record("memory", f"Q{who}", k, "number", k, True, into=store)
    os._exit(1 if store.problem else 0)


def test_four_processes_write_one_file(path):
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_write, args=(str(path), who, 25)) for who in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert [writer.exitcode for writer in writers] == [0] * 4
    seen = {(r.question, r.seed) for r in read_file(path)}
    assert seen == {(f"Q{who}", k) for who in range(4) for k in range(25)}


def test_a_locked_file_loses_nothing(path, monkeypatch):
    monkeypatch.setattr("oslab.quizzes.progress_file.BUSY_SECONDS", 0.05)
    put()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    put()
    assert "locked" in progress.store().problem
    other.execute("ROLLBACK")
    other.close()
    put()
    assert len(read_file(path)) == 3 and progress.store().problem == ""


DAMAGE = {
    "not a database": lambda p: p.write_bytes(b"hello " * 500),
    "cut off": lambda p: p.write_bytes(p.read_bytes()[:5000]),
    "overwritten": lambda p: p.write_bytes(p.read_bytes()[:4096] + b"\xff" * (p.stat().st_size - 4096)),
    "of another program": lambda p: _other_program(p),
    "of a later version": lambda p: _later_version(p),
}


def _other_program(path):
    path.unlink()
    with sqlite3.connect(path) as con:
        con.execute("CREATE TABLE bookmarks (a)")
    con.close()


def _later_version(path):
    with sqlite3.connect(path) as con:
        con.execute("PRAGMA user_version = 99")
    con.close()


@pytest.mark.parametrize("harm", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_file_is_said_once_and_the_quiz_goes_on(path, harm):
    put(3)
    harm(path)
    before = path.read_bytes()
    sheet = quiz(example.BANK)
    assert sheet.answer("Q2", sheet.questions["Q2"].key).right
    note = sheet._note.value
    assert "Progress is not being kept" in note and str(path) in note
    sheet.answer("Q3", sheet.questions["Q3"].key)
    assert progress.store().tell() == ""
    assert path.read_bytes() == before
    again = quiz(example.BANK)
    assert "2 of 6 answered right" in again._head.value and again._note.value == ""


@pytest.mark.parametrize("harm", DAMAGE.values(), ids=DAMAGE)
def test_restoring_over_a_damaged_file_keeps_both(path, tmp_path, harm):
    put(3)
    saved = progress.save(tmp_path / "saved.sqlite")
    harm(path)
    put(1)
    assert progress.restore(saved).tries == (4,)
    assert len(read_file(path)) == 4
    assert path.with_name("progress.sqlite.damaged-1").exists()


def _as_ordinary_user(store):
    """Exit with 0 if, without root's rights, a record is kept in memory and the reason told once."""
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
    progress.record("memory", "Q1", 1, "number", 1, True, into=store)
    ok = (len(store.records()) == 1, "Progress is not being kept" in store.tell(), store.tell() == "")
    os._exit(0 if all(ok) else 1)


@pytest.mark.parametrize("ready", [False, True], ids=["new", "with a file"])
def test_a_directory_that_cannot_be_written_by_an_ordinary_user(ready):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "progress.sqlite"
        if ready:
            write_file(path, [])
            path.chmod(0o444)
        os.chmod(folder, 0o555)
        child = multiprocessing.get_context("fork").Process(target=_as_ordinary_user, args=(Store(path),))
        child.start()
        child.join(30)
        os.chmod(folder, 0o755)
        assert child.exitcode == 0


def test_a_disk_that_refuses_is_said_once(path, monkeypatch):
    def refuse(*args, **more):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", refuse)
    box = QuestionBox(example.pages, store=progress.store(), key="Q1", chapter="memory")
    box.answer(1)
    assert "Permission denied" in box._more.value
    box.answer(2)
    assert len(progress.history()) == 2 and progress.store().tell() == ""


def test_save_and_restore_elsewhere(path, tmp_path, monkeypatch):
    put(3)
    saved = progress.save(tmp_path / "saved.sqlite")
    monkeypatch.setenv("OSLAB_PROGRESS", str(tmp_path / "other.sqlite"))
    put(1, "devices")
    progress.restore(saved)
    assert progress.summary().tries == (1, 3)
    progress.restore(saved.read_bytes())
    assert progress.summary().tries == (1, 3)
    with pytest.raises(ValueError, match="file in use"):
        progress.save(tmp_path / "other.sqlite")


def test_of_two_copies_of_an_answer_the_later_stands(path, tmp_path):
    name = progress.record("memory", "Q1a", 1, "written", {"text": "early", "ticked": []}, False)
    early = progress.save(tmp_path / "early.sqlite")
    progress.record("memory", "Q1a", 1, "written", {"text": "late", "ticked": [0]}, True, id=name)
    progress.restore(early)
    assert [r.answer["text"] for r in progress.history()] == ["late"]


def _bad_answer(path):
    with sqlite3.connect(path) as con:
        con.execute("UPDATE answers SET answer = '{'")
    con.close()


def _bad_type(path):
    with sqlite3.connect(path) as con:
        con.execute("UPDATE answers SET seed = 'seven'")
    con.close()


@pytest.mark.parametrize("harm", [*DAMAGE.values(), _bad_answer, _bad_type], ids=[*DAMAGE, "bad answer", "bad type"])
def test_what_is_no_progress_file_changes_nothing(path, tmp_path, harm):
    put(3)
    bad = progress.save(tmp_path / "bad.sqlite")
    harm(bad)
    for source in (bad, bad.read_bytes()):
        with pytest.raises(ValueError, match="source="):
            progress.restore(source)
    assert len(progress.history()) == 3 and progress.store().problem == ""


@pytest.mark.parametrize(
    "source, error",
    [
        (b"", ValueError),
        (3, TypeError),
        ("/no/such/file", OSError),
        ("/dev/zero", ValueError),
        ("~nobody-here/x", OSError),
    ],
)
def test_what_is_no_file_is_refused(path, source, error):
    with pytest.raises(error):
        progress.restore(source)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.text(max_size=5), st.booleans()), max_size=12), st.data())
@settings(max_examples=15, deadline=None)
def test_merging_is_idempotent_and_in_any_order(tmp_path_factory, rows, data):
    folder = tmp_path_factory.mktemp("merge")
    memory = Store(None)
    for chapter, text, right in rows:
        progress.record(chapter, "Q1", 1, "written", text, right, into=memory)
    records = memory.records()
    shuffled = data.draw(st.permutations(records * 2))
    store = Store(folder / "a.sqlite")
    for k in range(0, len(shuffled), 5):
        store.put(shuffled[k : k + 5])
    assert store.records() == records
    write_file(folder / "b.sqlite", records)
    assert read_file(folder / "b.sqlite") == records


def test_a_planted_bug_is_noticed(path, monkeypatch):
    """Without the check of the file's version, a later version's file would be written to."""
    put()
    _later_version(path)
    with pytest.raises(Unusable, match="another version"):
        read_file(path)
    monkeypatch.setattr("oslab.quizzes.progress_file._check", lambda con: True)
    put()
    assert len(read_file(path)) == 2


def test_the_panel_takes_a_file_back_and_says_what_is_wrong(path, tmp_path):
    put(2)
    saved = progress.saved_bytes()
    path.unlink()
    shown = progress.panel()
    shown._take({"new": ({"content": memoryview(b"no")},)})
    assert "not a progress file" in shown.said and "oslab-note" in shown._note.value
    shown._take({"new": ({"content": memoryview(saved)},)})
    assert "is restored" in shown.said and progress.summary().tries == (2,)
    sent = []
    shown._downloads.send = lambda content, buffers: sent.append((content["file"], buffers[0]))
    shown._send({"file": ".csv"})
    shown._send({"file": "../../etc/passwd"})
    assert [name for name, _ in sent] == ["oslab-progress.csv"] and sent[0][1].count(b"\n") == 3


def _execute(path, *statements):
    with sqlite3.connect(path) as con:
        for statement in statements:
            con.execute(statement)
    con.close()


@pytest.mark.parametrize(
    "harm",
    [
        "seed = 'seven'",
        "answer = '{'",
        "at = 'soon'",
        "chapter = CAST(x'ff' AS TEXT)",
        "answer = printf('%0*d', 9999, 0)",
    ],
)
def test_a_row_that_cannot_be_read_hides_no_other(path, harm):
    put(3)
    _execute(path, f"UPDATE answers SET {harm} WHERE tries = 2")
    assert [record.tries for record in progress.history()] == [1, 3]
    assert progress.summary().tries == (2,)
    put(1)
    assert len(progress.history()) == 3 and progress.store().problem == ""
    said = progress.store().tell()
    assert said.startswith("1 answer in ") and "left out" in said and progress.store().tell() == ""


ENDLESS = "WITH RECURSIVE n(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM n)"
COLUMNS = "'a' || k AS id, 'memory' AS chapter, 'Q1' AS question, 1 AS seed, 'number' AS kind, '1' AS answer"
REST = """1 AS "right", 1.0 AS score, 1 AS tries, '2026-01-01T00:00:00.000000Z' AS at"""


@pytest.mark.parametrize(
    "harm, said",
    [
        (["DROP TABLE answers", f"CREATE VIEW answers AS {ENDLESS} SELECT {COLUMNS}, {REST} FROM n"], "no plain table"),
        (["DROP TABLE answers"], "no plain table"),
        (["ALTER TABLE answers ADD COLUMN more TEXT AS (hex(zeroblob(seed * 1000000)))"], "worked out"),
    ],
)
def test_a_table_that_never_ends_is_refused(path, tmp_path, harm, said):
    put(2)
    bad = progress.save(tmp_path / "bad.sqlite")
    _execute(bad, *harm)
    begin = time.monotonic()
    with pytest.raises(ValueError, match=said):
        progress.restore(bad)
    with pytest.raises(ValueError, match=said):
        progress.restore(bad.read_bytes())
    assert len(progress.history()) == 2 and time.monotonic() - begin < 30


def test_what_takes_too_long_to_read_is_given_up(path, tmp_path, monkeypatch):
    put(2)
    bad = progress.save(tmp_path / "bad.sqlite")
    _execute(
        bad, "CREATE INDEX i ON answers (id) WHERE id > ''", f"CREATE TABLE t AS {ENDLESS} SELECT k FROM n LIMIT 99999"
    )
    monkeypatch.setattr("oslab.quizzes.progress_file.READ_SECONDS", -1.0)
    with pytest.raises(Unusable, match="interrupted"):
        read_file(bad)


def test_without_a_home_answers_stay_in_memory_and_it_is_said(monkeypatch):
    monkeypatch.setenv("OSLAB_PROGRESS", "~nobody-of-this-name/x")
    assert progress.default_path() is None
    sheet = quiz(example.BANK)
    assert sheet.answer("Q2", sheet.questions["Q2"].key).right
    assert "kept in memory only" in sheet._note.value and progress.history("example")
    monkeypatch.delenv("OSLAB_PROGRESS")
    monkeypatch.delenv("PYTEST_CURRENT_TEST")
    monkeypatch.delenv("PYTEST_VERSION", raising=False)
    monkeypatch.setattr("jupyter_core.paths.jupyter_data_dir", _no_home)
    assert progress.default_path() is None and "no home" in progress.store().problem


def _no_home():
    raise RuntimeError("no home")


def test_a_clock_set_back_loses_no_revision(path, tmp_path, monkeypatch):
    class Clock(datetime):
        hour_now = 12

        @classmethod
        def now(cls, zone=None):
            return datetime(2026, 1, 1, cls.hour_now, tzinfo=zone)

    monkeypatch.setattr(progress, "datetime", Clock)
    name = progress.record("memory", "Q1a", 1, "written", {"text": "first", "ticked": []}, False)
    early = progress.save(tmp_path / "early.sqlite")
    Clock.hour_now = 9
    for k in (1, 2):
        progress.record("memory", "Q1a", 1, "written", {"text": f"revised {k}", "ticked": [0]}, True, id=name)
        assert progress.history()[0].answer["text"] == f"revised {k}"
    assert read_file(path)[0].answer["text"] == "revised 2"
    progress.restore(early)
    assert progress.history()[0].answer["text"] == "revised 2"


def test_a_locked_file_costs_one_short_wait(path):
    put()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    begin = time.monotonic()
    sheet = quiz(example.BANK)
    for part in ("Q2", "Q3", "Q4"):
        sheet.answer(part, sheet.questions[part].key)
    other.execute("ROLLBACK")
    other.close()
    assert time.monotonic() - begin < 6 and "locked" in sheet._note.value
    sheet.answer("Q2", sheet.questions["Q2"].key)
    assert len(read_file(path)) == 5 and progress.store().problem == ""


def test_the_name_is_kept_in_the_file_and_in_its_name(path, tmp_path):
    assert progress.student() == "" and progress.file_name(".csv") == "oslab-progress.csv"
    assert not path.exists(), "asking makes no file"
    put()
    assert progress.sign("  Ada\n Lovelace ") == "Ada Lovelace" == progress.student()
    assert progress.file_name(".sqlite") == "oslab-progress-Ada-Lovelace.sqlite"
    saved = progress.save(tmp_path / "saved.sqlite")
    assert progress.read(saved)[1] == "Ada Lovelace" and len(progress.read(saved)[0]) == 1
    progress.sign("Ada King")
    progress.restore(saved)
    assert progress.student() == "Ada King", "a file that is taken in does not change the name"
    path.unlink()
    progress.restore(saved)
    assert progress.student() == "Ada Lovelace"
    with pytest.raises(ValueError, match="name="):
        progress.sign("x" * 101)


def test_a_file_of_the_first_version_is_read_and_written_on(path):
    put()
    _execute(path, "ALTER TABLE answers DROP COLUMN digest", "DROP TABLE about")
    assert progress.history()[0].digest == "" and progress.student() == ""
    progress.record("memory", "Q2", 1, "number", 3, True, digest="abc")
    progress.sign("Ada")
    assert [r.digest for r in progress.history()] == ["", "abc"] and progress.student() == "Ada"
    assert progress.store().problem == ""


def test_each_answer_has_its_question_s_digest(path):
    sheet = quiz(example.BANK)
    for name, box in sheet.boxes.items():
        sheet.answer(name, box.question.key)
        assert progress.history()[-1].digest == box.question.digest, name


def test_the_panel_takes_a_name(path):
    shown = progress.panel()
    shown.name.value = "Ada Lovelace"
    sent = []
    shown._downloads.send = lambda content, buffers: sent.append(content["file"])
    shown._send({"file": ".sqlite"})
    assert sent == ["oslab-progress-Ada-Lovelace.sqlite"] and progress.panel().name.value == "Ada Lovelace"
    shown.name.value = "x" * 200
    assert "at most 100 characters" in shown.said


def test_a_name_that_is_no_plain_text_is_none(path):
    progress.sign("Ada")
    _execute(path, "UPDATE about SET value = x'ff'")
    assert progress.student() == ""
    _execute(path, "DROP TABLE about", "CREATE VIEW about AS SELECT 'student' AS key, 'Eve' AS value")
    assert progress.student() == ""
