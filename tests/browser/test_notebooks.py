"""Every notebook, by existing: opened, run, dragged, answered, saved, reopened."""

import re

import pytest

from oslab.course.saving import WIDGET_VIEW
from tests.browser.conftest import SCREEN
from tests.browser.sheet import LabOnSheet, Sheet, same_value
from tools.anatomy import lab_cells
from tools.notebooks import read


def cells(path, wanted):
    notebook = read(path)
    chosen = [cell["id"] for cell in wanted(notebook)]
    return [(k, cell["id"]) for k, cell in enumerate(notebook["cells"]) if cell["id"] in chosen]


def quiz_cells(notebook):
    """A cell that calls quiz(…) or exam(…)."""
    return [
        c for c in notebook["cells"] if c["cell_type"] == "code" and re.search(r"^(quiz|exam)\(", c["source"], re.M)
    ]


def test_it_runs_without_an_error(sheet):
    failed = [output for output in sheet.outputs() if output["output_type"] == "error"]
    assert failed == [] and sheet.errors == []


def test_every_lab_is_drawn_and_follows_its_first_slider(sheet, path, screenshots):
    for k, name in cells(path, lab_cells):
        lab = LabOnSheet(sheet.cell(k))
        lab.wait_until_drawn()
        assert lab.error == "", name
        assert lab.height_below_prediction() <= sheet.height(), f"{name} does not fit one screen"
        lab.shoot(screenshots / f"{path.stem}-{name}-default.png")
        if not lab.has_slider():
            continue
        before, source = lab.shown(), lab.source
        assert before, f"{name}: the picture does not say what it was drawn for"
        lab.press("ArrowLeft" if lab.at_upper_end() else "ArrowRight")
        assert lab.source != source and lab.shown() != before, f"{name}: the picture did not follow"
        for key, end in (("Home", "low"), ("End", "high")):
            lab.press(key)
            assert lab.error == "", f"{name} at its {end} end"
            lab.shoot(screenshots / f"{path.stem}-{name}-{end}.png")
    assert sheet.errors == [] and sheet.broken() == []


def test_a_drag_ends_on_the_final_value(sheet, path):
    for k, name in cells(path, lab_cells):
        lab = LabOnSheet(sheet.cell(k))
        if not lab.has_slider():
            continue
        lab.press("Home")
        before = lab.shown()
        read = lab.drag(0.62)
        drawn = [value for control, value in lab.shown().items() if value != before.get(control)]
        assert any(same_value(read, value) for value in drawn), f"{name}: slider at {read}, picture for {drawn}"
        assert lab.error == ""
    assert sheet.errors == []


def test_a_question_is_answered_wrong_then_right(sheet, path):
    quizzes = cells(path, quiz_cells)
    if not quizzes:
        pytest.skip("no quiz in this notebook")
    for k, _ in quizzes:
        sheet.cell(k).locator(".oslab-quiz .oslab-question").first.wait_for()
        question = sheet.cell(k).locator(".oslab-quiz .oslab-question.oslab-kind-choice").first
        if question.count():
            break
    options = question.locator("input[type=radio]")
    options.first.wait_for()
    verdicts = []
    for k in range(options.count()):
        options.nth(k).check()
        verdict = question.locator(".oslab-verdict.oslab-right, .oslab-verdict.oslab-wrong")
        verdict.wait_for(state="detached")  # the one on the answer before
        question.locator(".oslab-check").click()
        verdict.wait_for()
        verdicts.append(verdict.inner_text())
        assert verdicts[-1].startswith(("Right", "Not yet")) and len(verdicts[-1]) > len("Not yet. ")
    assert sum(text.startswith("Right") for text in verdicts) == 1 and len(verdicts) > 1
    assert sheet.errors == []


def test_saved_and_reopened_without_a_kernel_it_shows_its_pictures(sheet, path, browser, server, screenshots):
    saved = sheet.save()
    bundles = [output.get("data", {}) for cell in saved["cells"] for output in cell.get("outputs", [])]
    assert not any(WIDGET_VIEW in data for data in bundles) and "widgets" not in saved["metadata"]
    page = browser.new_page(viewport=SCREEN)
    try:
        again = Sheet(page, server, path.name)
        again.open_without_kernel()
        for k, name in cells(path, lab_cells):
            picture = again.cell(k).locator(".jp-OutputArea img[src^='data:image/png']").first
            picture.wait_for()
            assert picture.evaluate("img => img.decode().then(() => img.naturalWidth)") > 100, name
        assert again.broken() == [] and page.locator(".oslab-lab").count() == 0
        page.screenshot(path=screenshots / f"{path.stem}-reopened.png")
    finally:
        page.close()
