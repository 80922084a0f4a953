"""Measurements run as an ordinary user and leave nothing behind; nothing here is timed."""

import gc
import os
import re
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import pytest

from oslab import machine
from oslab.filesystems.capacity import count_files
from oslab.filesystems.measure import ext4_images, latencies, links, mounts
from oslab.filesystems.name_commands import play
from oslab.machine.procfs import mounts as procfs_mounts, text as procfs_text
from oslab.machine.recorded import runs_of

COMMANDS = "create a; write a hi; link a b; symlink b s; rename a c; open c; unlink b; unlink c; close c"
images = pytest.mark.skipif(not machine.can("e2fsprogs"), reason="no e2fsprogs")


@pytest.fixture(autouse=True)
def leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = set(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else set()
    yield
    assert list(tmp_path.iterdir()) == []
    assert len(set(os.listdir("/proc/self/fd")) - before) <= 1 if before else True


def test_real_files_have_the_links_of_the_model():
    counts, size, units = links.real_names(COMMANDS)
    story = play(COMMANDS)
    assert counts.median.tolist() == [s.inodes[3].links if 3 in s.inodes else -1 for s in story.states[1:]]
    assert size.median.tolist() == [s.inodes[3].size if 3 in s.inodes else -1 for s in story.states[1:]]
    assert tuple(counts.x) == story.commands and units.unit == "units of 512 bytes"


def test_a_command_that_fails_leaves_no_file_open():
    with pytest.raises(OSError):
        links.real_names("create a; open a; create a")


def test_an_interrupt_leaves_nothing(monkeypatch):
    def interrupted(*arguments, **more):
        raise KeyboardInterrupt

    monkeypatch.setattr(latencies, "_spread", interrupted)
    monkeypatch.setattr(ext4_images, "_tool", interrupted)
    for call in (latencies.durable_costs, latencies.read_costs, lambda: list(ext4_images.fill_images())):
        with pytest.raises((KeyboardInterrupt, OSError)):
            call()


@images
def test_real_images_hold_what_the_model_says():
    series = list(ext4_images.fill_images(16384))[-1][0]
    model = [min(count_files(ext4_images.IMAGE_SIZE, 16384).files(int(x))) for x in series.x]
    assert series.median.tolist() == pytest.approx(model, rel=0.02)
    assert "Could not allocate inode" in ext4_images.ext4_transcript()


def test_without_the_tools_the_recorded_output_is_shown_and_says_so(monkeypatch):
    def missing(*keys):
        raise machine.Unavailable("This needs tools for ext4 images.")

    monkeypatch.setattr(ext4_images, "need", missing)
    text = ext4_images.ext4_transcript()
    assert text.startswith("This needs tools") and "Recorded on another machine" in text and "EXTENTS" in text
    with pytest.raises(machine.Unavailable):
        list(ext4_images.fill_images())


def test_latencies_have_their_spread():
    for call, rows in ((latencies.read_costs, 4), (latencies.durable_costs, 5)):
        (series,) = call()
        assert (
            len(series.x) == rows
            and series.repeats >= 5
            and (series.low <= series.median).all()
            and (series.low > 0).all()
        )
        assert series.origin == "this machine"


def test_a_folder_of_ones_own_gets_a_few_bytes_and_is_left_as_it_was(tmp_path, monkeypatch):
    folder, sizes = tmp_path / "mine", []
    folder.mkdir()
    (folder / "kept").write_text("kept")

    def look(actions, loops, spread=latencies._spread):
        found = spread(actions, loops)
        sizes.append(sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()))
        return found

    monkeypatch.setattr(latencies, "_spread", look)
    (series,) = latencies.durable_costs(str(folder))
    assert len(series.x) == 5 and sizes[0] <= 4 + 3 * 4096
    monkeypatch.setattr(latencies, "_spread", lambda *a: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        latencies.durable_costs(str(folder))
    before = os.statvfs(folder)
    room = mounts.room_in(str(folder), file_size=5000)
    assert room.all_blocks == before.f_blocks and room.files(1)[1] == room.blocks
    assert [file.name for file in folder.iterdir()] == ["kept"] and (folder / "kept").read_text() == "kept"
    shutil.rmtree(folder)


def test_a_folder_that_is_none_is_named(tmp_path):
    for call in (latencies.durable_costs, mounts.room_in):
        with pytest.raises(ValueError, match="folder='.*none': allowed are folders"):
            call(str(tmp_path / "none"))
    assert mounts.room_in("", 1 << 30, 16384, 4096).table() == count_files(1 << 30, 16384, 4096).table()
    if os.path.isdir("/proc/self"):
        with pytest.raises(ValueError, match="counts its inodes"):
            mounts.room_in("/proc")


def test_what_is_mounted():
    rows = mounts.free_space()
    assert rows and all(0 <= row["blocks used, %"] <= 100 and 0 <= row["inodes used, %"] <= 100 for row in rows)
    assert len({row["mounted at"] for row in rows}) == len(rows)
    assert sum(row["mounted"] for row in mounts.mounts_by_type()) == len(procfs_mounts())


def test_recorded_runs():
    assert [s.unit for s in runs_of("oslab.filesystems")("durable")()] == ["µs"]
    assert runs_of("oslab.filesystems")("images")()[0].label == "16384"
    assert runs_of("oslab.filesystems")("never")() is None


def test_names_of_mount_points_are_those_of_the_folders(tmp_path, monkeypatch):
    """The kernel writes blanks as octal numbers and all other bytes as they are; a garbled name could not be asked."""
    for name in ("größe", "two words", "back\\slash", "日本"):
        (tmp_path / name).mkdir()
    lines = [
        f"{k} 1 0:{k} / {str(folder).replace(chr(92), chr(92) + '134').replace(' ', chr(92) + '040')} rw - tmpfs none rw\n"
        for k, folder in enumerate(tmp_path.iterdir())
    ]
    proc = tmp_path / "proc" / "self"
    proc.mkdir(parents=True)
    (proc / "mountinfo").write_text("".join(lines), encoding="utf-8")
    monkeypatch.setattr(procfs_text, "PROC", tmp_path / "proc")
    found = {row["mounted at"] for row in mounts.free_space()}
    shutil.rmtree(tmp_path / "proc")
    assert found == {str(folder) for folder in tmp_path.iterdir()} and len(found) == 4
    for folder in tmp_path.iterdir():
        folder.rmdir()


def test_where_there_is_no_proc_the_sentence_says_so(tmp_path, monkeypatch):
    def missing(*keys):
        raise machine.Unavailable("This needs the files of /proc.")

    monkeypatch.setattr(latencies, "need", missing)
    with pytest.raises(machine.Unavailable, match="files of /proc"):
        latencies.read_costs()
    monkeypatch.setattr(procfs_text, "PROC", tmp_path / "none")
    assert [row["mounted at"] for row in mounts.free_space()] == ["/"] and mounts.mounts_by_type() == []
    monkeypatch.delattr(os, "statvfs")
    with pytest.raises(machine.Unavailable, match="statvfs"):
        mounts.free_space()


def children():
    """Return the numbers of this process's children, zombies too; none where the kernel does not tell."""
    listed = Path("/proc/self/task").glob("*/children")
    return {word for file in listed for word in file.read_text().split()}


@images
@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timer")
@pytest.mark.parametrize("after", [0.001, 0.004, 0.012, 0.03, 0.06, 0.1, 0.2])
def test_an_interrupt_at_any_moment_leaves_neither_child_nor_folder(after):
    """As Ctrl-C does: the signal comes at some moment of a run; the folder is looked at by the fixture."""
    there = children()
    # A program in the background may have been started with the signal ignored.
    own = signal.signal(signal.SIGINT, signal.default_int_handler)
    before = signal.signal(signal.SIGALRM, lambda *_: os.kill(os.getpid(), signal.SIGINT))
    try:
        with pytest.raises(KeyboardInterrupt):
            signal.setitimer(signal.ITIMER_REAL, after, 2.0)  # once more if it came where Python drops it
            while True:
                list(ext4_images.fill_images())
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        signal.signal(signal.SIGINT, own)
    gc.collect()
    assert children() <= there


@images
@pytest.mark.parametrize("size, inodes", [(64 << 20, 8192), (300 << 20, 16384)])
def test_a_whole_disk_has_the_blocks_and_inodes_that_mke2fs_makes(tmp_path, size, inodes):
    """Without copies of the superblock (-O sparse_super2 leaves them out) the model's free blocks are mke2fs's."""
    image = tmp_path / "image"
    subprocess.run(
        [*ext4_images.MAKE[:-1], f"{ext4_images.MAKE[-1]},sparse_super2", "-i", str(inodes), image, f"{size >> 10}k"],
        env={"PATH": ext4_images.TOOLS},
        check=True,
        capture_output=True,
    )
    shown = subprocess.run(
        ["debugfs", "-R", "show_super_stats -h", image], env={"PATH": ext4_images.TOOLS}, capture_output=True, text=True
    ).stdout
    image.unlink()
    real = {
        key: int(v)
        for key, v in re.findall(r"^(Inode count|Block count|Free blocks|Free inodes): +(\d+)$", shown, re.M)
    }
    model = count_files(size, inodes)
    assert (model.all_blocks, model.all_inodes, model.inodes) == (
        real["Block count"],
        real["Inode count"],
        real["Free inodes"],
    )
    assert model.blocks == pytest.approx(real["Free blocks"], rel=0.002)
