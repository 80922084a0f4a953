"""Quizzes and question boxes, driven in process as a reader drives them."""

import subprocess
import sys
from pathlib import Path

import pytest

from oslab.quizzes import Bank, Choice, Number, QuestionBox, progress, quiz
from oslab.quizzes.progress_file import Store
from tests.quizzes import example

PARTS = ["Q1a", "Q1b", "Q2", "Q3", "Q4", "Q5"]


@pytest.fixture
def store():
    return Store(None)


@pytest.fixture
def sheet(store):
    made = quiz(example.BANK, store=store)
    yield made
    made.close()


def widgets_in(widget):
    yield widget
    for child in getattr(widget, "children", ()):
        yield from widgets_in(child)


def shown(widget):
    return " ".join(str(getattr(w, "value", "")) for w in widgets_in(widget))


def button(box, name):
    return next(w for w in widgets_in(box.box) if getattr(w, "description", None) == name)


@pytest.mark.parametrize("part", PARTS)
def test_wrong_then_right(sheet, store, part):
    question = sheet.questions[part]
    assert not sheet.answer(part, next(iter(question.wrong_answers()))).right
    assert "Not yet." in shown(sheet.boxes[part].box)
    assert sheet.answer(part, question.key).right and sheet.verdict(part).right
    assert ">Right.<" in shown(sheet.boxes[part].box)
    kept = store.records("example")
    assert [r.right for r in kept][-1] and {r.question for r in kept} == {part}
    assert len(kept) == (1 if part == "Q1a" else 2)


def test_right_answers_are_counted_at_the_top(sheet):
    for part, question in sheet.questions.items():
        sheet.answer(part, question.key)
    assert "6 of 6 answered right" in shown(sheet.box)


def test_pressing_check_without_an_answer_is_no_try(sheet, store):
    for part in ("Q1a", "Q2", "Q3", "Q5"):
        (
            button(sheet.boxes[part], "check")
            if part != "Q1a"
            else button(sheet.boxes[part], "compare with the model answer")
        ).click()
        assert "oslab-trouble" in shown(sheet.boxes[part].box) and sheet.verdict(part) is None
    assert store.records() == []


def test_what_a_reader_types_is_escaped(sheet):
    field = next(w for w in widgets_in(sheet.boxes["Q2"].box) if getattr(w, "placeholder", "") == "number")
    field.value = "<script>x</script>"
    button(sheet.boxes["Q2"], "check").click()
    said = next(w for w in widgets_in(sheet.boxes["Q2"].box) if "oslab-trouble" in str(getattr(w, "value", "")))
    assert "&lt;script&gt;" in said.value and "<script>" not in said.value


def test_enter_in_the_field_checks(sheet):
    box = sheet.boxes["Q2"]
    field = next(w for w in widgets_in(box.box) if getattr(w, "placeholder", "") == "number")
    field.value = str(box.question.key)
    field._handle_custom_msg({"event": "submit"}, [])
    assert box.verdict.right


def test_a_changed_answer_takes_its_verdict_away(sheet):
    box = sheet.boxes["Q3"]
    sheet.answer("Q3", box.question.key)
    next(w for w in widgets_in(box.box) if hasattr(w, "options")).value = next(box.question.wrong_answers())
    assert "Right." not in shown(box.box)


def test_hint_and_solution_fold_out_and_in(sheet):
    box = sheet.boxes["Q2"]
    assert button(box, "solution").disabled
    button(box, "hint").click()
    assert "<b>Hint.</b>" in shown(box.box)
    sheet.answer("Q2", 1)
    assert not button(box, "solution").disabled
    button(box, "solution").click()
    assert "<b>Solution.</b>" in shown(box.box) and "<b>Hint.</b>" not in shown(box.box)
    button(box, "solution").click()
    assert "<b>Solution.</b>" not in shown(box.box)


def test_rows_move_up_and_down(sheet):
    box = sheet.boxes["Q1b"]
    before = box._input.value()
    [w for w in widgets_in(box.box) if getattr(w, "description", "") == "▼"][0].click()
    assert box._input.value() == [before[1], before[0], *before[2:]]
    [w for w in widgets_in(box.box) if getattr(w, "description", "") == "▲"][1].click()
    assert box._input.value() == before


def test_ticking_points_judges_again_and_keeps_one_record(sheet, store):
    box = sheet.boxes["Q1a"]
    sheet.answer("Q1a", "my words")
    for tick in [w for w in widgets_in(box.box) if getattr(w, "indent", None) is False]:
        tick.value = True
    assert sheet.verdict("Q1a").right
    (kept,) = store.records()
    assert kept.answer == {"text": "my words", "ticked": [0, 1, 2]} and kept.right and kept.tries == 1


def test_new_numbers_change_the_question_and_the_seed(sheet):
    before = sheet.questions["Q2"]
    sheet.answer("Q2", before.key)
    button_new = next(w for w in widgets_in(sheet.box) if getattr(w, "description", "") == "new numbers")
    button_new.click()
    assert sheet.questions["Q2"] != before and sheet.seed("Q2") == 2 and sheet.verdict("Q2") is None
    sheet.new_numbers("Q2", seed=1)
    assert sheet.questions["Q2"] == before
    assert sheet.answer("Q2", before.key).right


def test_the_seed_field_sets_the_numbers(sheet):
    field = next(w for w in widgets_in(sheet.box) if getattr(w, "description", "") == "seed")
    field.value = 77
    assert sheet.questions["Q2"] == example.pages(77)


def test_a_question_without_numbers_says_so(sheet):
    with pytest.raises(ValueError, match="no numbers"):
        sheet.new_numbers("Q4")
    with pytest.raises(KeyError, match="Q1a"):
        sheet.answer("Q9", 1)


def test_a_function_that_fails_leaves_the_old_question():
    def fragile(seed):
        if seed > 1:
            raise ValueError("no such trace")
        return example.pages(seed)

    sheet = quiz(Bank("fragile", [fragile]), store=Store(None))
    next(w for w in widgets_in(sheet.box) if getattr(w, "description", "") == "new numbers").click()
    assert "no such trace" in shown(sheet.box) and sheet.questions["Q1"] == example.pages(1)


def test_what_is_printed_does_not_depend_on_answers_or_progress(store):
    fresh = quiz(example.BANK, store=Store(None))
    first = fresh._repr_mimebundle_()
    for part in reversed(PARTS):
        fresh.answer(part, fresh.questions[part].key)
    fresh.new_numbers("Q3")
    again = fresh._repr_mimebundle_()
    progress.record("example", "Q2", 1, "number", 3, True, into=store)
    other = quiz(example.BANK, store=store)._repr_mimebundle_()
    for kind in ("text/plain", "text/html"):
        assert first[kind] == again[kind] == other[kind]
    assert "application/vnd.jupyter.widget-view+json" in first
    assert not any(reason in first["text/html"] for reason in ("product", "MMU raises", "So."))


def test_the_print_is_the_same_in_another_process(tmp_path):
    code = (
        "import importlib.util, sys\nspec = importlib.util.spec_from_file_location('e', sys.argv[1])\n"
        "e = importlib.util.module_from_spec(spec); spec.loader.exec_module(e)\n"
        "from oslab.quizzes import quiz\nimport hashlib\nb = quiz(e.BANK)._repr_mimebundle_()\n"
        "print(hashlib.sha256((b['text/plain'] + b['text/html']).encode()).hexdigest())"
    )
    example_file = str(Path(__file__).with_name("example.py"))
    env = {"OSLAB_PROGRESS": "off", "PATH": "/usr/bin:/bin", "PYTHONPATH": ":".join(p for p in sys.path if p)}
    seen = {
        subprocess.run(
            [sys.executable, "-c", code, example_file],
            env={**env, "PYTHONHASHSEED": h},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for h in ("1", "2")
    }
    assert len(seen) == 1


def test_earlier_answers_are_remembered_and_written_ones_shown(store):
    first = quiz(example.BANK, store=store)
    first.answer("Q1a", {"text": "the <i>MMU</i>", "ticked": [0, 2]})
    first.answer("Q2", first.questions["Q2"].key)
    second = quiz(example.BANK, store=store)
    assert "before: right, 1 try" in shown(second.boxes["Q2"].box) and second.verdict("Q2") is None
    assert "1 of 6 answered right" in shown(second.box)
    assert second.boxes["Q1a"]._input.value() == {"text": "the <i>MMU</i>", "ticked": [0, 2]}


def test_running_the_cell_again_closes_the_old_sheet(store):
    old = quiz(example.BANK, store=store)
    quiz(example.BANK, store=store)
    assert old.box.comm is None


def test_a_box_calls_back_with_the_answer_and_its_verdict():
    seen = []
    box = QuestionBox(example.pages, seed=5, compact=True)
    box.on_answer(lambda answer, verdict: seen.append((answer, verdict.right)))
    box.answer("1")
    box.answer(box.question.key)
    assert seen == [(1.0, False), (box.question.key, True)]
    assert "oslab-compact" in box.box._dom_classes and "oslab-kind-number" in box.box._dom_classes
    box.close()


def test_a_failing_callback_is_said_in_the_box():
    def fail(answer, verdict):
        raise RuntimeError("no picture")

    box = QuestionBox(example.last)
    box.on_answer(fail)
    box._input.show(box.question.key)
    button(box, "check").click()
    assert "RuntimeError: no picture" in shown(box.box)


def test_the_kind_may_change_with_the_seed():
    def either(seed):
        return example.pages(seed) if seed % 2 else example.last(seed)

    box = QuestionBox(either, seed=1)
    box.new_numbers()
    assert isinstance(box.question, Choice) and "oslab-kind-number" not in box.box._dom_classes
    assert box.answer(box.question.key).right
    box.new_numbers(3)
    assert isinstance(box.question, Number) and box.verdict is None


@pytest.mark.parametrize("given", [3, None, "memory"])
def test_what_is_no_bank_is_refused(given):
    with pytest.raises(TypeError, match="bank="):
        quiz(given)


@pytest.mark.parametrize("seed", [-1, 2**31, 1.5, True])
def test_what_is_no_seed_is_refused(seed):
    with pytest.raises((TypeError, ValueError), match="seed="):
        quiz(example.BANK, seed=seed)


def test_questions_import_no_widgets_and_no_matplotlib():
    # numpy comes with the checks of arguments, which know its numbers.
    code = (
        "import sys\n"
        "from oslab.quizzes import Bank, Choice, Choices, Match, Number, Order, Written, progress\n"
        "from oslab.quizzes import as_html, as_text, check_bank, traps\n"
        "print({'ipywidgets', 'matplotlib', 'anywidget'} & set(sys.modules))"
    )
    assert (
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONPATH": ":".join(p for p in sys.path if p)},
        ).stdout.strip()
        == "set()"
    )


def test_a_written_answer_is_not_scored_before_a_point_could_be_ticked(sheet, store):
    box, said = sheet.boxes["Q1a"], []
    box.on_answer(lambda answer, verdict: said.append(verdict.right))
    next(w for w in widgets_in(box.box) if "own words" in getattr(w, "placeholder", "")).value = "my words"
    button(box, "compare with the model answer").click()
    assert "Model answer" in shown(box.box) and "Not yet" not in shown(box.box)
    assert sheet.verdict("Q1a") is None and said == [] and "Tick each point" in shown(box.box)
    assert [record.answer["text"] for record in store.records()] == ["my words"]
    again = quiz(example.BANK, store=store).boxes["Q1a"]
    assert again.verdict is None and again._input.value()["text"] == "my words" and "Not yet" not in shown(again.box)
    button(again, "check").click()
    assert not again.verdict.right and "0 of 3 points" in shown(again.box)
    for tick in [w for w in widgets_in(again.box) if getattr(w, "indent", None) is False]:
        tick.value = True
    assert again.verdict.right and [(r.right, r.tries) for r in store.records()] == [(True, 1)]


def test_new_numbers_only_where_there_are_any():
    def constant(seed):
        return example.pages(7)

    def words(seed):
        return Choice("Who leaves first?", "abc"[seed % 3], {"d": "No."}, why="So.")

    def label(box):
        return {getattr(w, "description", "") for w in widgets_in(box.box)} & {"new numbers", "another case"}

    assert label(QuestionBox(constant)) == label(QuestionBox(example.ORDER)) == set()
    assert label(QuestionBox(example.pages)) == {"new numbers"} and label(QuestionBox(words)) == {"another case"}
    assert label(quiz(Bank("words", [words]), store=Store(None))) == {"another case"}
    with pytest.raises(ValueError, match="no numbers"):
        QuestionBox(constant).new_numbers()


def test_a_prediction_is_about_its_settings():
    box = QuestionBox(
        Number("How many faults?", 9, "faults", {8: "No."}, why="So.", settings={"frames": 3}), compact=True
    )
    assert box.answer_for({"frames": 3}) is None
    box.answer("8")
    assert box.answer_for({"frames": 3, "policy": "lru"}) == 8
    assert box.answer_for({"frames": 4}) is None and box.answer_for({}) is None


def test_a_copied_cell_is_a_quiz_of_its_own(store, monkeypatch):
    sheets = []
    for cell in ("one", "two", "one"):
        monkeypatch.setattr("oslab.picture.displayed.running_cell", lambda cell=cell: cell)
        sheets.append(quiz(example.BANK, store=store))
    assert [sheet.box.comm is not None for sheet in sheets] == [False, True, True]


def test_a_prediction_folds_to_a_line_once_answered_or_skipped_and_unfolds():
    box = QuestionBox(example.pages, seed=5, compact=True)
    folded = lambda: "oslab-closed" in box.box._dom_classes  # noqa: E731
    assert not folded()
    button(box, "skip").click()
    assert folded() and box.verdict is None and "skipped" in shown(box.box)
    button(box, "question").click()
    assert not folded()
    box.answer("1")
    assert folded() and box.verdict is not None
    box.close()
    alone = QuestionBox(example.pages)
    alone.answer("1")
    assert "oslab-closed" not in alone.box._dom_classes
    alone.close()
