"""The labs of notebook 05, driven as a script drives them, and the questions."""

import pytest

from oslab import filesystems
from oslab.quizzes import check_bank


def test_offsets(lab_of):
    one = lab_of("05_filesystems", "offset").lab
    assert "slot 13, entry 0, entry 184" in one.text
    for name, (least, most) in {
        "offset": (0, 10**11),
        "extents": (1, 10**6),
        "direct": (0, 16),
        "levels": (0, 3),
    }.items():
        before = one.controls[name].value
        for value in (least, most):
            one.controls[name].value = value
            assert one.error == "" and one.controls[name].value == value
        one.controls[name].value = before
    one.controls["offset"].value = 5_000_000_000
    one.controls["extents"].value = 500_000
    assert "4 reads by pointers, 4 by extents" in one.canvas.view.title
    one.controls["offset"].value = 5_000_000
    assert "3 reads by pointers, 4 by extents" in one.canvas.view.title, "ext4's way gets longer than ext2's"
    for exactly, said in (("49152", "152: 2"), ("12 blocks", "152: 2"), ("48 KiB", "152: 2"), ("49151", "151: 1")):
        one.controls["exactly"].value = exactly
        assert f"Byte 49\u202f{said} read" in one.canvas.view.title
    one.controls["exactly"].value = "soon"
    assert "words='soon'" in one.error
    one.controls["exactly"].value = ""
    one.controls["offset"].value = one.controls["offset"].options[-1][1]
    one.controls["block_size"].value = 1024
    assert one.error == "" and "no reads" in one.text
    one.controls["offset"].value = 0
    assert (
        "1 read by pointers" in one.canvas.view.title
        and "leads there. That is 1 read, including the data block" in one.text
    )
    assert filesystems.questions.reads_in_the_middle().right != filesystems.find_block(5_000_000).reads, (
        "not what is shown"
    )


def test_names(lab_of):
    one = lab_of("05_filesystems", "names").lab
    one.step = 8
    assert "is kept, because it is open" in one.text
    assert one.measured[0].origin == "recorded" and tuple(one.measured[0].x) == one.result.commands
    one.controls["script"].value = "create a; " * 12 + "fly"
    assert "allowed are create" in one.error
    one.controls["script"].value = "; ".join(f"create f{k}" for k in range(9))
    assert one.error == ""
    for step in range(10):
        one.step = step
    one.measure()
    assert one.measured[-1].origin == "this machine" and one.error == ""


def test_room(lab_of):
    one = lab_of("05_filesystems", "room").lab
    assert "exactly what the model says" in one.text
    one.controls["bytes_per_inode"].value = 1024
    assert "Real images" not in one.text, "marks belong to the inodes they were measured with"


@pytest.mark.parametrize("mode", ["none", "writeback", "ordered", "journal"])
def test_crashes(lab_of, mode):
    one = lab_of("05_filesystems", "crash").lab
    one.step = 7
    assert one.text == "Crash 7 of 8; lost: data. Garbage: block 1 of /a shows bytes that were never written to it."
    one.controls["mode"].value = mode
    for operation in one.controls["operation"].options.values():
        one.controls["operation"].value = operation
        for step in (0, 1, one.result.steps // 2, one.result.steps):
            one.step = step
            assert one.error == "" and f"of {one.result.steps}" in one.text


def test_replacing_and_the_table(lab_of):
    one = lab_of("05_filesystems", "replace").lab
    one.controls["way"].value = "no_directory_fsync"
    assert "may still undo it" in one.text
    one.controls["way"].value = "safe"
    assert "survive any crash" in one.text
    other = lab_of("05_filesystems", "table").lab
    assert "none: inconsistent; writeback: garbage; ordered: torn; journal: nothing wrong" in other.text
    other.controls["commit"].value = "neither"
    assert "journal: inconsistent" in other.text and other.error == ""


def test_calls_and_costs(lab_of):
    one = lab_of("05_filesystems", "calls").lab
    one.step = 0
    for path in one.controls["path"].options:
        one.controls["path"].value = path
        for step in range(one.result.steps + 1):
            one.step = step
            assert one.error == ""
    for name in ("reads", "durable"):
        other = lab_of("05_filesystems", name).lab
        assert "recorded on" in other.text
        other.controls["way"].value = 3
        other.measure()
        assert "this machine" in other.text and other.error == ""


def test_the_notebook_quotes_the_recorded_costs():
    median = filesystems.DURABLE["recorded"]()[0].median
    assert 100 < median[2] / median[0] < 1000 < median[4] / median[0], "two and three orders of magnitude"


def test_questions():
    check_bank(filesystems.QUIZ, range(1, 40))
    for name in ("reads_in_the_middle", "unlinked_while_open", "small_files"):
        assert getattr(filesystems.questions, name)(1).why


def test_delayed_allocation_matters_to_a_rename_without_fsync_alone():
    noticed = {
        way
        for way in filesystems.REPLACING["way"].values()
        for mode in filesystems.REPLACING["mode"]
        if filesystems.check(way, mode, delayed=True).counts != filesystems.check(way, mode, delayed=False).counts
    }
    assert noticed == {"no_fsync"}


def test_room_and_durability_take_a_folder_of_ones_own(lab_of, tmp_path):
    lab = lab_of("05_filesystems", "room").lab
    lab.controls["folder"].value = str(tmp_path)
    assert lab.error == "" and lab.result.all_inodes > 0 and lab.canvas.view.title
    lab.controls["folder"].value = str(tmp_path / "none")
    assert "folder=" in lab.error
    lab = lab_of("05_filesystems", "durable").lab
    lab.controls["folder"].value = str(tmp_path)
    assert "recorded" in lab.text
    lab.measure()
    assert "this machine" in lab.text and {s.origin for s in lab.measured} == {"recorded", "this machine"}
    assert list(tmp_path.iterdir()) == []
