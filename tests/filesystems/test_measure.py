"""Measurements run as an ordinary user and leave nothing behind; nothing here is timed."""

import os
import tempfile

import pytest

from oslab import machine
from oslab.filesystems.capacity import count_files
from oslab.filesystems.measure import ext4_images, latencies, links, mounts
from oslab.filesystems.name_commands import play
from oslab.machine.procfs.mounts import mounts as procfs_mounts
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


def test_what_is_mounted():
    rows = mounts.free_space()
    assert rows and all(0 <= row["blocks used, %"] <= 100 and 0 <= row["inodes used, %"] <= 100 for row in rows)
    assert len({row["mounted at"] for row in rows}) == len(rows)
    assert sum(row["mounted"] for row in mounts.mounts_by_type()) == len(procfs_mounts())


def test_recorded_runs():
    assert [s.unit for s in runs_of("oslab.filesystems")("durable")()] == ["µs"]
    assert runs_of("oslab.filesystems")("images")()[0].label == "16384"
    assert runs_of("oslab.filesystems")("never")() is None
