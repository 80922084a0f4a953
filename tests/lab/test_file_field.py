"""The control for a file of the learner's: it counts once it is read, and what goes wrong is said."""

import datetime

import pytest

from oslab.base import Parameter
from oslab.lab.buttons import FileField
from oslab.lab.controls import make_widget

NOW = datetime.datetime(2026, 1, 1)


def count(path):
    """Read a file of numbers, a share a line."""
    with open(path) as lines:
        for k, line in enumerate(lines):
            int(line)
            yield (k + 1) / 4
    yield f"{k + 1} lines"


@pytest.fixture
def field():
    made = FileField(count)
    yield made
    made.close()


def typed(field, path):
    field.children[0].children[0].value = str(path)
    field.join(5)


def said(field):
    return field.children[2].value


def test_it_counts_once_it_is_read(field, tmp_path):
    (tmp_path / "a").write_text("1\n2\n")
    typed(field, tmp_path / "a")
    assert field.value == str(tmp_path / "a") and "2 lines" in said(field)
    assert field.children[1].layout.display == "none"


def test_the_last_good_file_stays(field, tmp_path):
    (tmp_path / "a").write_text("1\n")
    (tmp_path / "b").write_text("1\nx<y\n")
    typed(field, tmp_path / "a")
    typed(field, tmp_path / "b")
    assert field.value == str(tmp_path / "a") and "x&lt;y" in said(field)
    typed(field, tmp_path / "none")
    assert field.value == str(tmp_path / "a") and "No such file" in said(field)
    typed(field, "")
    assert field.value == ""


def test_reading_can_be_stopped(tmp_path):
    def slow(path):
        while True:
            yield 0.5

    field = FileField(slow)
    field.children[0].children[0].value = "endless"
    assert field.children[1].layout.display == "flex"
    field.children[1].children[1].click()
    field.join(5)
    assert field.value == "" and "stopped" in said(field)
    field.close()


def test_an_upload_is_kept_until_the_lab_closes(field):
    upload = field.children[0].children[1]
    upload.value = (
        {"name": "../mine.txt", "type": "", "size": 4, "content": memoryview(b"1\n2\n"), "last_modified": NOW},
    )
    field.join(5)
    path = field.value
    assert path.endswith("/mine.txt") and ".." not in path and open(path).read() == "1\n2\n"
    field.close()
    with pytest.raises(OSError):
        open(path)


def test_a_script_sets_the_value_and_a_parameter_makes_the_control(field):
    field.value = "somewhere"
    assert field.children[0].children[0].value == "somewhere"
    assert isinstance(make_widget("file", Parameter("", high=4096, prepare=count)), FileField)


def test_a_box_has_no_tooltip():
    """With one, the page shows a JavaScript error in the place of the control."""
    made = make_widget("file", Parameter("", high=4096, prepare=count))
    assert made.tooltip is None
    made.close()
