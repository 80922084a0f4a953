"""The labs of notebook 05, driven as a script drives them, and the questions."""

import pytest

from oslab import explore, filesystems
from oslab.quizzes import check_bank


def lab(view, function, **options):
    explore(view, **options)(function)
    return function.lab


def test_offsets():
    def offset(offset=5_000_000, block_size=4096, extents=1):
        return filesystems.find_block(offset, block_size, extents)

    one = lab(filesystems.BlockTree, offset, **filesystems.OFFSETS)
    assert "slot 13, entry 0, entry 184" in one.text
    for name, widget in one.controls.items():
        if name != "block_size":
            for value in (widget.options[0][1], widget.options[-1][1]):
                widget.value = value
                assert one.error == ""
    one.controls["block_size"].value = 1024
    assert one.error == "" and "no reads" in one.text
    one.controls["offset"].value = 0
    assert "1 read by pointers" in one.canvas.view.title and "leads there, 1 read, the data's" in one.text
    assert filesystems.questions.reads_in_the_middle().right != filesystems.find_block(5_000_000).reads, (
        "not what is shown"
    )


def test_names():
    def names(script="create a; write a hi; link a b; symlink b s; rename a c; open c; unlink b; unlink c; close c"):
        return filesystems.play(script)

    one = lab(filesystems.NameLinks, names, step=8, **filesystems.NAMES)
    assert "lives on, because it is open" in one.text
    assert one.measured[0].origin == "recorded" and tuple(one.measured[0].x) == one.result.commands
    one.controls["script"].value = "create a; " * 12 + "fly"
    assert "allowed are create" in one.error
    one.controls["script"].value = "; ".join(f"create f{k}" for k in range(9))
    assert one.error == ""
    for step in range(10):
        one.step = step
    one.measure()
    assert one.measured[0].origin == "this machine" and one.error == ""


def test_room():
    def room(file_size=4096, bytes_per_inode=16384):
        return filesystems.count_files(8 << 20, bytes_per_inode, file_size)

    one = lab(filesystems.InodeRoom, room, **filesystems.CAPACITY)
    assert "exactly what the model says" in one.text
    one.controls["bytes_per_inode"].value = 1024
    assert "Real images" not in one.text, "marks belong to the inodes they were measured with"


@pytest.mark.parametrize("mode", ["none", "writeback", "ordered", "journal"])
def test_crashes(mode):
    def crash(operation="append", mode="none", commit="barrier", revoke=True):
        return filesystems.check(operation, mode, commit, revoke)

    one = lab(filesystems.CrashPicture, crash, step=7, **filesystems.CRASHES)
    assert one.text == "Crash 7 of 8; lost: data. Garbage: block 1 of /a shows bytes that were never written to it."
    one.controls["mode"].value = mode
    for operation in one.controls["operation"].options.values():
        one.controls["operation"].value = operation
        for step in (0, 1, one.result.steps // 2, one.result.steps):
            one.step = step
            assert one.error == "" and f"of {one.result.steps}" in one.text


def test_replacing_and_the_table():
    def replace(way="in_place", mode="ordered", delayed_allocation=True):
        return filesystems.check(way, mode, delayed=delayed_allocation)

    def table(commit="barrier", revoke=True, layout="pointers"):
        return filesystems.check_all(commit, revoke, layout)

    one = lab(filesystems.CrashPicture, replace, step=1, **filesystems.REPLACING)
    one.controls["way"].value = "no_directory_fsync"
    assert "may still undo it" in one.text
    one.controls["way"].value = "safe"
    assert "whatever happens" in one.text
    other = lab(filesystems.CrashTable, table, **filesystems.TABLE)
    assert "none: inconsistent; writeback: garbage; ordered: torn; journal: nothing wrong" in other.text
    other.controls["commit"].value = "neither"
    assert "journal: inconsistent" in other.text and other.error == ""


def test_calls_and_costs():
    def calls(path="/home/notes", again=False, fork=True):
        return filesystems.follow_calls(path, again, fork)

    def costs(way=2):
        return way

    one = lab(filesystems.CallPath, calls, step=0, **filesystems.PATHS)
    for path in one.controls["path"].options:
        one.controls["path"].value = path
        for step in range(one.result.steps + 1):
            one.step = step
            assert one.error == ""
    for given in (filesystems.READS, filesystems.DURABLE):
        other = lab(filesystems.Costs, costs, **given)
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
