"""A mistake is reported with its chapter and lab."""

from urllib.parse import parse_qs, urlparse

import pytest

from oslab.base.chapters import NOTEBOOKS
from oslab.course.copies_panel import copies
from oslab.course.notebook_copies import originals
from oslab.lab import mistake_link
from oslab.memory import FaultGrid
from tests.lab.parabola import Curve


@pytest.fixture
def address(monkeypatch):
    monkeypatch.setattr(mistake_link, "repository", lambda: "https://example.org/course")
    return lambda view, lab: urlparse(mistake_link.mistake_address(object.__new__(view), lab))


def test_chapter_and_lab_are_filled_in(address):
    made = address(FaultGrid, "faults")
    query = parse_qs(made.query)
    assert made.netloc == "example.org" and made.path == "/course/issues/new"
    assert query["title"] == ["memory: faults"] and "Lab: faults (FaultGrid), oslab" in query["body"][0]


def test_a_view_of_ones_own_has_no_chapter(address):
    assert parse_qs(address(Curve, "mine").query)["title"] == ["own view: mine"]


def test_without_an_address_there_is_no_link(monkeypatch):
    monkeypatch.setattr(mistake_link, "repository", lambda: "")
    assert mistake_link.mistake_address(object.__new__(FaultGrid), "faults") == ""


def test_the_address_stands_in_the_project():
    mistake_link.repository.cache_clear()
    assert mistake_link.repository().startswith("https://")
    assert copies().menu.options


def test_a_lab_has_a_page_on_the_web(monkeypatch):
    monkeypatch.setattr(mistake_link, "repository", lambda: "https://github.com/Some-One/oslab")
    assert mistake_link.lab_page(FaultGrid, "faults") == "https://some-one.github.io/oslab/03_memory.html#lab-faults"
    assert mistake_link.lab_page(Curve, "mine") == ""
    monkeypatch.setenv("OSLAB_SITE", "https://os.example.edu/")
    assert mistake_link.lab_page(FaultGrid, "faults") == "https://os.example.edu/03_memory.html#lab-faults"
    monkeypatch.setenv("OSLAB_SITE", "off")
    assert mistake_link.lab_page(FaultGrid, "faults") == ""
    monkeypatch.delenv("OSLAB_SITE")
    monkeypatch.setattr(mistake_link, "repository", lambda: "")
    assert mistake_link.lab_page(FaultGrid, "faults") == ""


def test_every_chapter_has_its_notebook():
    assert all((originals() / f"{notebook}.ipynb").exists() for notebook in NOTEBOOKS.values()) and len(NOTEBOOKS) == 7
