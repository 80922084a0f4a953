"""The learner's own traces: every format, and errors that name the line."""

import io

import numpy as np
import pytest

from oslab.memory.traces import load
from oslab.memory.traces.loading import LackeyPages

LACKEY = """\
==123== Lackey, an example Valgrind tool
I  04001000,3
 S 1ffefffff8,8
I  04001003,3
 L 1ffeffffe0,8
 M 04222ff8,16
a line of the program's own
 L 04223000,4
==123== done
"""


def test_text_with_comments_and_hexadecimal():
    assert load("# pages\n7\n\n0x1F  # hex\n 007 \n").numbers.tolist() == [7, 31, 7]


def test_text_of_addresses_divided_by_the_page_size():
    assert load("4095\n4096\n0x2fff\n", page_size=4096).numbers.tolist() == [0, 1, 2]


def test_file_and_bytes_are_alike(tmp_path):
    (tmp_path / "mine.txt").write_text("1\n2\n")
    trace = load(tmp_path / "mine.txt")
    assert trace.numbers.tolist() == load(b"1\n2\n").numbers.tolist() == [1, 2] and trace.name == "mine"


@pytest.mark.parametrize("text", ["time,page\n0,5\n1,0x6\n", "time;page\n0;5\n1;6\n", "time\tpage\n0\t5\n1\t6\n"])
@pytest.mark.parametrize("column", ["page", 1])
def test_csv(text, column):
    assert load(text, column=column).numbers.tolist() == [5, 6]


def test_csv_without_header():
    assert load("0,5\n1,6\n", column=1).numbers.tolist() == [5, 6]


def test_npy(tmp_path):
    np.save(tmp_path / "a.npy", np.array([3, 4, 3], dtype=np.uint16))
    assert load(str(tmp_path / "a.npy")).numbers.tolist() == [3, 4, 3]


def test_lackey_merges_what_follows_on_the_same_page():
    assert load(LACKEY).numbers.tolist() == [0x1FFEFFF, 0x4222, 0x4223]
    assert load(LACKEY, instructions=True).numbers.tolist() == [0x4001, 0x1FFEFFF, 0x4001, 0x1FFEFFF, 0x4222, 0x4223]


def test_lackey_in_pieces_is_the_whole():
    reduced, lines = LackeyPages(), LACKEY.encode().splitlines()
    for line in lines:
        reduced.read([line])
    assert list(reduced.pages) == load(LACKEY).numbers.tolist() and (reduced.data, reduced.fetches) == (4, 2)


def npy(values):
    buffer = io.BytesIO()
    np.save(buffer, values)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("source", "options", "said"),
    [
        ("1\nabc\n", {}, "line 2: 'abc' is not a page number; expected one whole number from 0 to 2**63 - 1"),
        ("1\n-2\n", {}, "line 2: '-2'"),
        ("1\n2.5\n", {}, "line 2: '2.5'"),
        ("1\n9223372036854775808\n", {}, "line 2: '9223372036854775808'"),
        ("1\n" + "9" * 500 + "\n", {}, "..."),
        ("# nothing\n\n", {}, "at least one is needed"),
        (b"", {}, "at least one is needed"),
        ("page\n1\nx\n", {"column": "page"}, "line 3: 'x'"),
        ("a,b\n1,2\n3\n", {"column": "b"}, "line 3: 1 columns"),
        ("a,b\n1,2\n", {"column": "c"}, "column='c': the first line names a, b"),
        ("1,2\n", {"column": -1}, "column=-1"),
        ("1,2\n", {"column": True}, "column=True"),
        ("1\n", {"page_size": 3000}, "page_size=3000: allowed are powers of two"),
        (" L 04222ff8,16\n L xyz,8\n", {}, "line 2: 'L xyz,8' is no reference of lackey's"),
        (npy(np.zeros((2, 2))), {}, "holds float64 of shape (2, 2)"),
        (npy(np.array([1.5])), {}, "source[0]=1.5"),
        (npy(np.array([-1])), {}, "source[0]=-1"),
        (b"\x89PNG\r\n\x1a\n\0\0", {}, "source is no text (it begins with b'\\x89PNG"),
        ("page,time\n1,2\n", {}, "line 1: 'page,time' has columns: say which one, as column=, of 'page,time'"),
        ("7\n1,2\n", {}, "line 2: '1,2' has columns"),
        (b"\x93NUMPY nonsense", {}, "not a .npy file of numbers"),
    ],
)
def test_bad_input(source, options, said):
    with pytest.raises((TypeError, ValueError)) as caught:
        load(source, **options)
    assert said in str(caught.value)


def test_no_pickle_is_loaded():
    with pytest.raises(ValueError, match="not a .npy file"):
        load(npy(np.array([print], dtype=object)))


def test_missing_file_and_wrong_type(tmp_path):
    with pytest.raises(OSError):
        load(tmp_path / "nothing.txt")
    with pytest.raises(TypeError, match="source=3"):
        load(3)


def test_too_large(tmp_path, monkeypatch):
    monkeypatch.setattr("oslab.memory.traces.loading.LARGEST_FILE", 3)
    (tmp_path / "big.txt").write_text("1\n2\n")
    with pytest.raises(ValueError, match="big.txt has 4 B: allowed is up to 3 B"):
        load(tmp_path / "big.txt")
    monkeypatch.setattr("oslab.memory.traces.loading.LONGEST", 1)
    with pytest.raises(ValueError, match="allowed are up to 1"):
        load("1\n2\n")
