"""The button of a chapter's first cell, where no JupyterLab is around it."""

from oslab.course.start import start_chapter


def test_its_stand_in_names_the_button_and_what_to_do_elsewhere():
    bundle = start_chapter()._repr_mimebundle_()
    assert "start this chapter" in bundle["text/html"] and "Run All" in bundle["text/plain"]
    assert repr(start_chapter()) == bundle["text/plain"]  # the same each time: nbval compares it


def test_voila_has_run_all_cells_already(monkeypatch):
    monkeypatch.setenv("SERVER_SOFTWARE", "voila/0.5")
    assert start_chapter() is None
