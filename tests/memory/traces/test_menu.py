"""The traces of the menu: the learner's own beside those of the course."""

import numpy as np
import pytest

from oslab import memory
from oslab.memory.traces import load
from oslab.memory.traces.menu import prepare_file
from oslab.memory.traces.writing import trace_lines


@pytest.fixture
def mine():
    yield "mine"
    if "mine" in memory.TRACES:
        del memory.TRACES["mine"]


def test_an_own_entry_takes_one_line(mine):
    memory.TRACES[mine] = [5, 6, 5]
    assert memory.reference_trace(mine, 2).numbers.tolist() == [5, 6]
    memory.TRACES[mine] = lambda length, seed: np.arange(length) + seed
    assert memory.reference_trace(mine, 3, 7).numbers.tolist() == [7, 8, 9]


@pytest.mark.parametrize(
    "key, value, said", [("zipf", [1], "name of your own"), ("", [1], "name"), ("mine", "??", "mine")]
)
def test_bad_entries(key, value, said):
    with pytest.raises((ValueError, TypeError), match=said):
        memory.TRACES[key] = value
    with pytest.raises(ValueError):
        del memory.TRACES["zipf"]


def test_a_file_is_read_again_when_it_changes(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("1 2 3\n")
    assert memory.reference_trace("yours", 9, 1, {"file": str(path)}).numbers.tolist() == [1, 2, 3]
    path.write_text("4 5 6 7\n")
    assert memory.reference_trace("yours", 9, 1, {"file": str(path)}).numbers.tolist() == [4, 5, 6, 7]
    with pytest.raises(OSError):
        memory.reference_trace("yours", 9, 1, {"file": str(tmp_path / "none")})


def test_reading_tells_how_far_it_is_and_what_it_took_the_file_for(tmp_path):
    (tmp_path / "a.txt").write_text("1\n" * 3)
    *shares, said = prepare_file(str(tmp_path / "a.txt"))
    assert shares == [1.0] and said == "3 references, taken for a list of page numbers"


def test_the_example_is_a_sort_that_reads_writes_and_merges():
    trace = memory.trace_of_file()
    assert len(trace) > 4000 and trace.writes.any() and not trace.writes.all()


def test_some_of_a_file_as_a_string(tmp_path):
    (tmp_path / "a.txt").write_text("90 80 90 70\n")
    path = str(tmp_path / "a.txt")
    assert memory.typed_or_recorded("1 2", 0, path, first=1, most=2).numbers.tolist() == [1, 2]
    assert memory.typed_or_recorded("1 2").numbers.tolist() == [1, 2]
    with pytest.raises(ValueError, match="first=4: the file has 4 references"):
        memory.typed_or_recorded("", 0, path, first=4)


def test_samples_are_read_whole(tmp_path):
    trace = memory.record_indices([2, 0, 2], 6000, start=100, file=tmp_path / "order.txt")
    assert trace.numbers.tolist() == [2, 3, 4, 0, 1, 2, 3, 4]
    again = load(tmp_path / "order.txt")
    assert again.numbers.tolist() == trace.numbers.tolist()
    one = np.random.default_rng(1).integers(0, 50, 200)
    assert memory.record_indices(one, 4096).numbers.tolist() == one.tolist()
    for indices, size in (([], 1), ([-1], 1), ([1], 0), ([2**45], 2**20), ([1, 2] * 50, 1 << 40)):
        with pytest.raises(ValueError):
            memory.record_indices(indices, size)


def test_a_trace_is_written_as_it_is_read():
    trace = memory.Trace([1, 2, 3, 3, 4, 9], writes=[0, 0, 1, 1, 1, 0])
    lines = "".join(trace_lines(trace))
    assert lines == "1-2\n3w\n3-4w\n9\n"
    again = load(lines)
    assert again.numbers.tolist() == trace.numbers.tolist() and again.writes.tolist() == trace.writes.tolist()
