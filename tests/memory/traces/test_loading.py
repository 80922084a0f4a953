"""The learner's own traces: every format, and errors that name the line."""

import gzip
import io
import shutil
import subprocess
import threading
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, strategies as st

from oslab.memory import simulate
from oslab.memory.traces import load
from oslab.memory.traces.loading import LackeyPages, load_in_steps

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


def oracle(ids):
    following = {}
    rows = []
    for k in reversed(range(len(ids))):
        rows.append((k // 3, ids[k], 512 + k, following.get(ids[k], -1)))
        following[ids[k]] = k
    return np.array(rows[::-1], [("time", "<u4"), ("id", "<u8"), ("size", "<u4"), ("next", "<i8")]).tobytes()


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
        ("a,time\n1,2\n", {}, "line 1: 'a,time' has columns: say which one, as column=, of 'a,time'"),
        ("0,5\n1,6\n", {}, "line 1: '0,5' has columns: say which one"),
        ("1\n5-2\n", {}, "line 2: '5-2': a range goes up"),
        ("1 2\n3 x 4\n", {}, "line 2: 'x' is not a page number"),
        ("offset,size\n0,4096\n8,-1\n", {}, "line 3: '-1'"),
        (",".join("abcd") + "\n", {"column": 0, "size": 9}, "line 1: 4 columns; expected column 9"),
        (b"\x28\xb5\x2f\xfdnothing", {}, "zstd"),
        (b"\x1f\x8bnothing", {}, "packed with gzip is damaged"),
        (gzip.compress(b"1\n" * 99, mtime=0)[:-12], {}, "packed with gzip is damaged"),
        ("a 7 1.5: page-faults: 7f01 main+0x1 (a.out)\n", {}, "call perf script -F"),
        (b"\x93NUMPY nonsense", {}, "not a .npy file of numbers"),
        (npy(np.arange(9))[:-8], {}, "source is cut off: 8 of 9 numbers are there"),
        (oracle([1, 2])[:-3], {}, "source is cut off in record 2: 24 bytes each"),
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


def test_more_than_the_limit_asks_for_a_sample(monkeypatch):
    monkeypatch.setattr("oslab.memory.traces.loading.LONGEST", 1)
    with pytest.raises(ValueError, match="more than 1 reference: say most="):
        load("1\n2\n")


@pytest.mark.parametrize(
    "text", ["3, 4,5\n6\n", "3 4 5 6\n", "3\n4\r\n5\n\n6\n", "\ufeff3;4;5\n6", "3-5 6\n", "0x3-0x5\n6 # six\n"]
)
def test_lists_as_people_write_them(text):
    trace = load(text.encode())
    assert trace.numbers.tolist() == [3, 4, 5, 6] and trace.taken_for == "a list of page numbers"


def test_writes_are_marked():
    trace = load("3w 4-5W\n6\n")
    assert trace.writes.tolist() == [True, True, True, False] and load("3 4\n").writes is None


@given(st.lists(st.integers(0, 2**63 - 1), min_size=1, max_size=50), st.sampled_from(", ;\n\t"))
def test_fast_and_careful_reading_agree(numbers, mark):
    plain = mark.join(map(str, numbers)) + "\n#\n"
    assert load(plain.encode()).numbers.tolist() == load(plain.replace("#", "").encode()).numbers.tolist() == numbers


@pytest.mark.parametrize(
    "pack", [gzip.compress, lambda data: subprocess.run(["zstd", "-cq"], input=data, capture_output=True).stdout]
)
def test_packed_files(tmp_path, pack):
    if pack is not gzip.compress and not shutil.which("zstd"):
        pytest.skip("no zstd here")
    content = pack("".join(f"{k}\n" for k in range(100_000)).encode())
    (tmp_path / "mine.txt.gz").write_bytes(content)
    trace = load(tmp_path / "mine.txt.gz")
    assert trace.numbers.tolist() == load(content).numbers.tolist() == list(range(100_000))
    assert trace.name == "mine" and "packed with" in trace.taken_for


def test_msr_requests_are_as_many_pages_as_they_span():
    trace = load("128166372003061629,hm,1,Read,8192,24576,1331\n128166372016382155,hm,0,Write,4095,2,100\n")
    disk = 1 << 36
    assert trace.numbers.tolist() == [*range(disk + 2, disk + 8), 0, 1] and trace.taken_for == "MSR's block trace"
    assert trace.writes.tolist() == [False] * 6 + [True] * 2


def test_offsets_with_sizes_and_keys_with_names():
    assert load("offset,size\n0,4096\n4096,24576\n").numbers.tolist() == [0, *range(1, 7)]
    assert load("a,b\n4000,200\n", column="a", size="b").numbers.tolist() == [0, 1]
    assert load("time,key\n1,user:7\n2,cart:1\n3,user:7\n").numbers.tolist() == [0, 1, 0]
    assert load("time,obj_id,size\n1,70,4096\n2,80,9999\n").numbers.tolist() == [70, 80]


def test_oracle_general():
    trace = load(oracle([5, 2**63 + 1, 5, 7] * 10))
    assert trace.numbers.tolist() == [5, 1, 5, 7] * 10 and trace.taken_for == "libCacheSim's oracleGeneral"


def test_page_faults_of_perf_script():
    text = (
        "python3 7/7 14799.5: page-faults:     55cd4dec8424 \npython3 7/7 14799.6: page-faults:u:     7f744de0c110 \n"
    )
    assert load(text).numbers.tolist() == [0x55CD4DEC8, 0x7F744DE0C]


STRACE = """\
9 openat(AT_FDCWD</tmp>, "a", O_RDONLY) = 3</tmp/a>
9 read(3</tmp/a>, ""..., 832) = 832
9 read(3</tmp/a>,  <unfinished ...>
8 pread64(4</tmp/b, c>, ""..., 8192, 4096) = 8192
9 <... read resumed>""..., 8192) = 8000
9 lseek(3</tmp/a>, 40960, SEEK_SET) = 40960
8 write(3</tmp/a>, ""..., 10) = 10
8 read(0</dev/null>, "", 10) = 0
8 read(5<pipe:[3]>, ""..., 10) = 10
8 mmap(NULL, 8192, PROT_READ, MAP_PRIVATE, 4</tmp/b, c>, 0x1000) = 0x7fc79c464000
8 pread64(4</tmp/b, c>, ""..., 8192, 4096) = -1 EIO (Input/output error)
"""


def test_strace_knows_where_each_read_begins():
    trace, b = load(STRACE), 1 << 36
    assert trace.numbers.tolist() == [0, b + 1, b + 2, 0, 1, 2, 10, b + 1, b + 2]
    assert trace.writes.tolist() == [False] * 6 + [True] + [False] * 2


def test_a_file_beyond_the_limit_is_sampled_and_says_so():
    pages = np.random.default_rng(1).zipf(1.2, 200_000) % 20_000
    trace = load(npy(pages), most=50_000)
    followed = np.isin(pages, trace.pages)
    assert len(trace) <= 50_000 and trace.read == 200_000 and trace.rate in (1 / 2, 1 / 4, 1 / 8, 1 / 16, 1 / 32)
    assert trace.numbers.tolist() == pages[followed].tolist()  # of a page all references or none
    assert "a frame stands for" in trace.name and "SHARDS" in trace.taken_for


def test_stopped_early_keeps_what_was_read():
    stop, shares = threading.Event(), []
    content = "".join(f"{k}\n" for k in range(500_000))
    for value in load_in_steps(content, stop=stop):
        shares.append(value)
        stop.set()
    trace = shares[-1]
    assert 0 < shares[0] < 1 and not trace.complete and trace.numbers.tolist() == list(range(len(trace)))


def test_lackey_is_streamed(tmp_path):
    line = b"".join(b"I  04001000,3\n L %x,8\n" % (4096 * (k % 5000)) for k in range(40_000))
    (tmp_path / "log").write_bytes(line * 4)
    tracemalloc.start()
    trace = load(tmp_path / "log")
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(trace) == 160_000 and most < 15_000_000


def following(ids):
    """When each object is asked for next, in libCacheSim's count from 1; its largest number for never."""
    found, after = [], {}
    for k in range(len(ids) - 1, -1, -1):
        found.append(after.get(ids[k], np.iinfo(np.int64).max))
        after[ids[k]] = k + 1
    return found[::-1]


@pytest.mark.parametrize(
    "policy, peer", [("fifo", "FIFO"), ("lru", "LRU"), ("clock", "Clock"), ("sieve", "Sieve"), ("opt", "Belady")]
)
def test_an_oracle_file_misses_as_often_as_in_libcachesim(tmp_path, policy, peer):
    libcachesim = pytest.importorskip("libcachesim")
    ids = (np.random.default_rng(5).zipf(1.3, 5000) % 700 + 1).tolist()
    rows = [(k // 7, one, 100 + one, after) for k, (one, after) in enumerate(zip(ids, following(ids), strict=True))]
    file = tmp_path / "t.oracleGeneral"
    file.write_bytes(np.array(rows, [("time", "<u4"), ("id", "<u8"), ("size", "<u4"), ("next", "<i8")]).tobytes())
    trace = load(file)
    for frames in (10, 60, 300):
        options = libcachesim.ReaderInitParam(ignore_obj_size=True)
        reader = libcachesim.TraceReader(str(file), libcachesim.TraceType.ORACLE_GENERAL_TRACE, options)
        cache = getattr(libcachesim, peer)(frames)
        missed = sum(not cache.get(request) for request in reader)
        first = {"reference_on_load": False} if policy == "clock" else {}
        assert simulate(trace, policy, frames, **first).faults == missed
