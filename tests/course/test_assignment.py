"""A notebook of chosen labs: whole, in order, and what the teacher wrote into it stays."""

import ast
import builtins
import json
import shutil

import nbformat
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from oslab.course import assignment, commands
from oslab.course.assignment import assign, chosen_in, groups_of, names_of
from oslab.course.chapters import CHAPTERS, quiz_of
from oslab.course.notebook_copies import originals


def cells(path):
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


def sources(path):
    return ["".join(cell["source"]) for cell in cells(path)]


def labs_of(number):
    tagged = (group for group in groups_of(number) if any("lab" in c["metadata"].get("tags", ()) for c in group))
    return [sorted(names_of(group))[0] for group in tagged]


def test_the_chapters_own_order_whatever_was_asked(tmp_path):
    path = tmp_path / "week3.ipynb"
    assert assign(["04:mistakes", "03:clock,Q2,faults"], path) == {
        "from the course": 16,
        "your own": 0,
        "changed by you": 0,
    }
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    order = [c["id"] for c in cells(path) if c["cell_type"] == "code"]
    assert order == ["setup", "03-grid", "03-clock", "03-questions", "04-mistakes", "hand-in"]
    assert sources(path)[0] == "# Week 3" and 'quiz(memory.QUIZ.select("Q2"))' in sources(path)
    texts = [c["id"] for c in cells(path) if c["cell_type"] == "markdown"]
    assert {"03-clock-text", "03-clock-idea", "04-mistakes-idea"} <= set(texts)


def test_what_it_makes_runs(tmp_path):
    path = tmp_path / "week.ipynb"
    assign(["01:life,Q1", "05:offset,exercise", "06:overflow,Q2"], path)
    names = {}
    for cell in cells(path):
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), names)
    assert {"life", "offset"} <= names.keys()
    for name in ("life", "offset"):
        names[name].lab.close()


@pytest.mark.parametrize("number", CHAPTERS)
def test_every_group_stands_alone(number):
    """No lab needs a name that only another group's cells make."""
    groups = groups_of(number)
    setup = next(g for g in groups if any("setup" in c["metadata"].get("tags", ()) for c in g))
    known = set(dir(builtins)) | made(setup)
    for group in groups:
        missing = used(group) - made(group) - known
        assert not missing, (group[0]["id"], missing)


def code(group):
    return [ast.parse("".join(c["source"])) for c in group if c["cell_type"] == "code"]


def made(group):
    found = set()
    for node in (n for tree in code(group) for n in ast.walk(tree)):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, ast.alias):
            found.add((node.asname or node.name).split(".")[0])
    return found


def used(group):
    return {n.id for tree in code(group) for n in ast.walk(tree) if isinstance(n, ast.Name)}


@pytest.mark.parametrize("number", CHAPTERS)
def test_every_lab_can_be_chosen(tmp_path, number):
    path = tmp_path / "all.ipynb"
    chosen = labs_of(number)
    assign([f"{number}:{','.join([*chosen, 'quiz', 'exercise'])}"], path)
    nbformat.validate(nbformat.read(path, as_version=4))
    assert sum("lab" in c["metadata"].get("tags", ()) for c in cells(path)) >= len(chosen) >= 5


OWN = {"cell_type": "markdown", "metadata": {}}
NAMES = ["03:faults", "03:clock", "03:million", "04:mistakes", "04:banker", "06:Q2"]


def insert(path, places):
    """Put own cells at places of a notebook; return their texts in order."""
    notebook = json.loads(path.read_text())
    for k, place in enumerate(sorted(places, reverse=True)):
        at = min(place, len(notebook["cells"]))
        notebook["cells"].insert(at, {**OWN, "id": f"own-{place}-{k}", "source": [f"own {place} {k}"]})
    path.write_text(json.dumps(notebook))
    return [text for text in sources(path) if text.startswith("own ")]


@given(
    st.lists(st.sampled_from(NAMES), min_size=1, unique=True),
    st.lists(st.sampled_from(NAMES), min_size=1, unique=True),
    st.lists(st.integers(0, 20), max_size=5),
)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_own_text_survives_whatever_is_chosen_anew(tmp_path, first, then, places):
    path = tmp_path / "week.ipynb"
    path.unlink(missing_ok=True)
    assign(first, path)
    mine = insert(path, places)
    before = sources(path)
    assign([], path)
    assert sources(path) == before, "a rebuild of the same changes nothing"
    counts = assign(then, path)
    assert [text for text in sources(path) if text.startswith("own ")] == mine and counts["your own"] == len(mine)
    assign(first, path)
    assert [text for text in sources(path) if text.startswith("own ")] == mine


@pytest.fixture
def newer(tmp_path, monkeypatch):
    """Return a function that has `assign` find a newer course: each cell of chapter 3 changed by a function."""

    def change(edit):
        folder = tmp_path / "newer"
        shutil.copytree(originals(), folder)
        notebook = json.loads((folder / "03_memory.ipynb").read_text(encoding="utf-8"))
        for cell in notebook["cells"]:
            edit(cell)
        (folder / "03_memory.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
        monkeypatch.setattr(assignment, "originals", lambda: folder)

    return change


def test_a_planted_bug_is_noticed(tmp_path, newer):
    """Were identifiers not kept from version to version, own text would lose its place."""
    path = tmp_path / "week.ipynb"
    assign(["03:clock"], path)
    insert(path, [4])
    before = sources(path)
    newer(lambda cell: cell.update(id=f"{cell['id']}-2"))
    assign(["03:clock-2"], path)
    assert sorted(sources(path)) == sorted(before) and sources(path) != before


def test_a_changed_cell_stays_changed_and_a_course_s_new_text_comes(tmp_path, newer):
    path = tmp_path / "week.ipynb"
    assign(["03:clock"], path)
    notebook = json.loads(path.read_text())
    notebook["cells"][0]["source"] = ["# My week"]
    path.write_text(json.dumps(notebook))
    newer(lambda cell: cell.update(source=["## New text"]) if cell["id"] == "clock-text" else None)
    assert assign([], path)["changed by you"] == 1
    assert sources(path)[0] == "# My week" and "## New text" in sources(path)


def test_a_selected_bank_keeps_its_keys():
    bank = quiz_of("03")
    some = bank.select("Q4", "Q2")
    assert list(some) == ["Q2", "Q4"] and some["Q4"] == bank["Q4"] and some.chapter == bank.chapter and len(bank) > 2
    assert list(some.parts("Q4")) == list(bank.parts("Q4"))
    with pytest.raises(KeyError, match="Q9"):
        bank.select("Q9")


@pytest.mark.parametrize(
    "chosen", [[], ["03"], ["03:"], ["03:nothing"], ["99:life"], ["03:setup"], ["03:Q99"], "03:clock", [3]]
)
def test_bad_choices_are_refused(tmp_path, chosen):
    with pytest.raises((ValueError, TypeError), match="allowed"):
        assign(chosen, tmp_path / "new.ipynb")
    assert not (tmp_path / "new.ipynb").exists()


@pytest.mark.parametrize("content", ["no", "[]", '{"cells": [], "metadata": {}}'])
def test_no_other_notebook_is_replaced(tmp_path, content):
    path = tmp_path / "mine.ipynb"
    path.write_text(content)
    with pytest.raises(ValueError, match="allowed is a new file"):
        assign(["03:clock"], path)
    assert path.read_text() == content


def test_it_ends_with_handing_in_where_something_is_graded(tmp_path):
    for chosen, code in (("03:clock", 0), ("03:clock,Q2", 1), ("03:quiz", 1)):
        path = tmp_path / f"{code}{len(chosen)}.ipynb"
        assign([chosen], path)
        assert sources(path).count("progress.panel()") == code and chosen_in(path) == (chosen,)
    with pytest.raises(ValueError, match="allowed"):
        chosen_in(tmp_path / "none.ipynb")


def test_the_command_lists_and_writes(tmp_path, capsys):
    assert commands.main(["assign", "--list", "memory"]) == 0
    said = capsys.readouterr().out
    assert "clock" in said and "Q5" in said and "setup" not in said
    assert commands.main(["assign", "03:clock", "-o", str(tmp_path / "w.ipynb")]) == 0
    assert commands.main(["assign", "-o", str(tmp_path / "w.ipynb")]) == 0
    assert commands.main(["assign", "03:nothing", "-o", str(tmp_path / "w.ipynb")]) == 1
    assert "allowed are" in capsys.readouterr().err
