"""The real machine: small measurements that say something, leave nothing behind, and explain where they cannot be made."""

import glob
import mmap
import os
import resource
import tempfile

import numpy as np
import pytest

from oslab.machine.capability import Unavailable
from oslab.memory import read_mapped, read_own
from oslab.memory.measure import mapped_file, recorded_run, translation
from oslab.memory.measure.mapping_faults import header_as_data, lines_here
from oslab.memory.questions import predictions


def last(generator):
    *shares, data = generator
    assert all(isinstance(share, float) and 0 <= share <= 1 for share in shares if not isinstance(share, list))
    return {series.label: series for series in data}


def left_behind():
    return {
        name for folder in (tempfile.gettempdir(), "/var/tmp", os.getcwd()) for name in glob.glob(f"{folder}/oslab-*")
    }


@pytest.fixture(autouse=True)
def _nothing_is_left(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))  # others of this machine use the common one meanwhile
    before, descriptors = left_behind(), len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
    yield
    assert left_behind() <= before
    if descriptors:
        assert len(os.listdir("/proc/self/fd")) <= descriptors


def test_mapped_reads_load_at_least_what_is_asked_for():
    try:
        found = last(mapped_file.mapped_reads(file_pages=2048, repeats=1))
    except OSError as error:
        pytest.skip(str(error))
    for order, advice in mapped_file.MAPPED:
        name = f"{order}, {advice}"
        loaded, major = found[f"{name}: loaded"].median, found[f"{name}: major faults"].median
        assert (np.diff(loaded) >= 0).all() and (np.diff(major) >= 0).all() and major[0] >= 1
        assert loaded[-1] * 2**20 >= 64 * 4096
        assert found[f"{name}: time"].unit == "ms" and found[f"{name}: loaded"].origin == "this machine"
    # Advice counts: with none of it read ahead, only what was asked for comes in, a fault for each.
    assert found["shuffled, random: loaded"].median[-1] <= found["shuffled, normal: loaded"].median[-1]


def test_a_file_of_ones_own_is_only_read(tmp_path, monkeypatch):
    """Its bytes and times stay, and it is opened for nothing but reading."""
    file = tmp_path / "own.bin"
    file.write_bytes(os.urandom(3 << 20))
    file.chmod(0o444)
    before, seen, plain = file.stat(), [], open

    def look(path, mode="r", *more, **most):
        seen.append(mode)
        return plain(path, mode, *more, **most)

    monkeypatch.setattr("builtins.open", look)
    try:
        found = last(mapped_file.mapped_reads(file=str(file), record=6000, repeats=1))
    except OSError as error:
        pytest.skip(str(error))
    assert set(seen) <= {"r", "rb"} and "rb" in seen
    after = file.stat()
    assert (after.st_size, after.st_mtime_ns, after.st_ino) == (before.st_size, before.st_mtime_ns, before.st_ino)
    model = read_own("shuffled", "random", -1, str(file), 6000)
    assert (model.slice_pages, model.file_pages, model.steps) == (2, 768, 64)
    for order, advice in mapped_file.MAPPED:
        loaded = found[f"{order}, {advice}: loaded"].median
        assert len(loaded) == model.steps and loaded[-1] <= 3


@pytest.mark.parametrize(
    ("size", "record", "message"),
    [(0, 4096, "files of 64 KiB or more"), (65_535, 1, "64 KiB or more"), (65_536, 65_537, "a record of 65537 bytes")],
)
def test_a_file_that_holds_no_record_is_refused(tmp_path, size, record, message):
    file = tmp_path / "small.bin"
    file.write_bytes(b"x" * size)
    for call in (
        lambda: read_own(file=str(file), record=record),
        lambda: last(mapped_file.mapped_reads(file=str(file), record=record)),
    ):
        with pytest.raises(ValueError, match=message):
            call()
    with pytest.raises(ValueError, match="file='/dev/zero'"):
        read_own(file="/dev/zero")
    with pytest.raises(ValueError, match="64 KiB"):
        read_own(file=str(tmp_path))


def test_the_read_ahead_is_the_devices(monkeypatch):
    monkeypatch.setattr(mapped_file, "read_ahead_of", lambda path: 7)
    assert read_own().read_ahead == 7 and read_own(read_ahead=3).read_ahead == 3
    monkeypatch.setattr(mapped_file, "read_ahead_of", lambda path: None)
    assert read_own().read_ahead == 32
    assert (read_own("shuffled", "normal", 2048).major == read_mapped("shuffled", "normal", 2048).major).all()


def test_a_measurement_that_is_stopped_leaves_no_file():
    try:
        steps = mapped_file.mapped_reads(file_pages=1024, repeats=2)
        next(steps)
    except OSError as error:
        pytest.skip(str(error))
    assert left_behind()
    steps.close()


def test_a_file_in_memory_is_refused_with_a_reason(monkeypatch):
    monkeypatch.setattr(mapped_file.procfs, "disk_folder", lambda: (None, "tmpfs"))
    with pytest.raises(OSError, match="no folder for a file that can be dropped from memory: all are in memory"):
        next(mapped_file.mapped_reads(file_pages=256))


def test_without_posix_fadvise_it_says_so(monkeypatch):
    monkeypatch.delattr(os, "posix_fadvise", raising=False)
    with pytest.raises(OSError, match="no posix_fadvise"):
        next(mapped_file.mapped_reads(file_pages=256))


def test_residency_is_what_was_touched(monkeypatch):
    with mmap.mmap(-1, 8 * mmap.PAGESIZE) as memory:
        if mapped_file.resident(memory) is None:
            pytest.skip("no mincore")
        memory[0] = memory[5 * mmap.PAGESIZE] = 1
        assert np.flatnonzero(mapped_file.resident(memory)).tolist() == [0, 5]
        monkeypatch.setattr(mapped_file.ctypes, "CDLL", lambda *_, **__: (_ for _ in ()).throw(OSError()))
        assert mapped_file.resident(memory) is None


def test_lines_touch_memory_where_the_model_says():
    found = last(lines_here(64))
    faults = found["faults"].median
    assert faults[0] <= 1 and faults[6] <= 1 and faults[5] >= 1
    assert faults[7] >= 8 << 20 >> 14 and found["rows"].median.tolist() == [64]
    with pytest.raises(ValueError, match="rows=0"):
        next(lines_here(0))


def test_the_header_of_npy_is_read_as_data():
    lines = header_as_data().splitlines()
    assert "[0. 1. 2. 3.]" not in lines[0] and all("[0. 1. 2. 3.]" in line for line in lines[1:3])
    assert "offset=128" in lines[1] and r"b'\x93NUMPY'" in lines[3]


def test_extra_cost_is_the_difference_of_two_chases():
    try:
        *_, found = translation.translation_latency(sizes=(1 << 16, 1 << 17))
    except Unavailable as error:
        pytest.skip(str(error))
    small, huge, extra = found
    assert extra.median == pytest.approx(small.median - huge.median) and extra.x.tolist() == [1 / 16, 1 / 8]
    assert (extra.low <= extra.median).all() and (extra.median <= extra.high).all()


def test_without_huge_pages_it_says_so(monkeypatch):
    class Given:
        median = low = high = 1.0
        huge_share = 0.0

    monkeypatch.setattr(translation, "chase", lambda *_, **__: Given())
    with pytest.raises(Unavailable, match="no huge pages are given here"):
        list(translation.translation_latency(sizes=(8 << 20,)))


@pytest.mark.parametrize("name", ["translation", "mapped", "lines"])
def test_recorded_runs_are_there_and_named(name):
    for series in recorded_run(name)():
        assert series.origin == "recorded" and series.machine and series.date and series.kernel.startswith("Linux")


def test_the_recorded_run_is_what_the_model_says():
    """Kept as a finding: with the recorded read-ahead, model and machine agree to the fault."""
    found = {series.label: series for series in recorded_run("mapped")()}
    ahead = int(found["read ahead"].median[0])
    for advice in ("normal", "random"):
        run = read_mapped("shuffled", advice, ahead)
        assert found[f"shuffled, {advice}: major faults"].median.tolist() == run.major[1:].tolist()
        assert found[f"shuffled, {advice}: loaded"].median[-1] * 256 == run.loaded[-1]


def test_faults_are_counted_for_this_thread():
    before = mapped_file.page_faults()
    with mmap.mmap(-1, 1 << 20) as memory:
        if hasattr(mmap, "MADV_NOHUGEPAGE"):
            memory.madvise(mmap.MADV_NOHUGEPAGE)
        for start in range(0, 1 << 20, mmap.PAGESIZE):
            memory[start] = 1
    assert mapped_file.page_faults()[0] - before[0] >= (1 << 20) // mmap.PAGESIZE
    assert resource.getrusage(resource.RUSAGE_SELF).ru_minflt >= mapped_file.page_faults()[0]
    assert predictions.pages_after_slicing().right.startswith("Nothing")
