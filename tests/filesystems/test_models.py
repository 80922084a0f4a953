"""Offsets, names and capacity: the facts, and their twins written from the rule."""

import pytest
from hypothesis import given, settings, strategies as st

from oslab import as_text
from oslab.filesystems import count_files, divide_disk, find_block, make_disk, play
from oslab.filesystems.block_map import decode, encode, find_extents, path_to_block
from oslab.filesystems.disk import Geometry


@pytest.mark.parametrize(
    "number, path",
    [
        (0, (0,)),
        (11, (11,)),
        (12, (12, 0)),
        (1035, (12, 1023)),
        (1036, (13, 0, 0)),
        (1049611, (13, 1023, 1023)),
        (1049612, (14, 0, 0, 0)),
        (1074791435, (14, 1023, 1023, 1023)),
    ],
)
def test_file_blocks_of_ext2(number, path):
    found = find_block(number * 4096 + 7)
    assert (found.number, found.path, found.reads) == (number, path, len(path))


def test_beyond_the_largest_file():
    found = find_block(1074791436 * 4096)
    assert found.path is None and found.reads == 0 and found.level == "beyond" and found.largest == 1074791436 * 4096
    with pytest.raises(OSError, match="too large"):
        find_block(2**32 * 4096)


def test_extents_cover_128_mib_each():
    assert find_block((128 << 20) - 1).extents == 1 and find_block(128 << 20).extents == 2
    assert [find_block(0, extents=n).extent_reads for n in (1, 4, 5, 1360, 1361, 100_000)] == [1, 1, 2, 2, 3, 3]


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 5000), st.sampled_from([4, 16]))
def test_paths_count_up(number, per):
    """The path of the next block is the next path: digits of base `per`, levels one after the other."""
    if number + 1 >= 12 + per + per**2 + per**3:
        return
    a, b = path_to_block(number, per), path_to_block(number + 1, per)
    assert (len(a), a) < (len(b), b) and len(b) - len(a) in (0, 1)


@settings(max_examples=100, deadline=None)
@given(
    st.dictionaries(st.integers(0, 200), st.integers(100, 300), max_size=40), st.sampled_from(["pointers", "extents"])
)
def test_a_map_comes_back_from_its_tree(blocks, layout):
    blocks = {k: b for k, b in blocks.items() if list(blocks.values()).count(b) == 1}
    g, free = Geometry(blocks=10**6, layout=layout), iter(range(1000, 10**6))
    inode_map, tree, held = encode(blocks, {}, g, free.__next__)
    inode = type("I", (), {"map": inode_map})
    assert decode(inode, g, held.get) == (blocks, tree)
    again = encode(blocks, tree, g, lambda: pytest.fail("takes no new block"))
    assert again == (inode_map, tree, held)


@given(st.dictionaries(st.integers(0, 50), st.integers(0, 50), max_size=30))
def test_runs_cover_the_map_and_nothing_else(blocks):
    assert {first + k: block + k for first, block, n in find_extents(blocks) for k in range(n)} == blocks
    assert all(
        a[0] + a[2] != b[0] or a[1] + a[2] != b[1] for a, b in zip(find_extents(blocks), find_extents(blocks)[1:])
    )


def test_names_and_inodes():
    story = play("create a; write a hello; link a b; symlink a s; rename a c; open b; unlink b; unlink c; close b")
    assert story.state(4).entries == {"a": 3, "b": 3, "s": 4}
    assert [s.inodes[3].links for s in story.states[1:-1]] == [1, 1, 2, 2, 2, 2, 1, 0]
    assert story.state(8).entries == {"s": 4} and 3 in story.state(8).inodes and 3 not in story.state(9).inodes
    assert "because it is open" in story.why(8) and "no process has it open" in story.why(9)
    assert story.state(2).blocks == {27: (3, "hello")}
    assert story.table()[2]["names"] == 2 and "link a b" in str(story)


@pytest.mark.parametrize(
    "commands, error, said",
    [
        ("make a", ValueError, "allowed are create"),
        ("create", ValueError, "allowed are create"),
        (" ; ", ValueError, "at least one"),
        ("create a; close a", ValueError, "it is not open"),
        ("unlink a", OSError, "No such file"),
        ("create a; create a", OSError, "exists"),
    ],
)
def test_bad_commands(commands, error, said):
    with pytest.raises(error, match=said):
        play(commands)


def test_which_ends_first():
    many, few = count_files(8 << 20, 16384, 4096), count_files(8 << 20, 16384, 65536)
    assert min(many.files(4096)) == 501 and many.first == "inodes" and round(many.free_share, 2) == 0.75
    assert min(few.files(65536)) == 125 and few.first == "blocks" and few.free_share < 0.01
    assert str(few) == "125 files of 65\u202f536 bytes fit; then the blocks run out"
    assert [row["blocks are enough for"] for row in many.table()] == [2007, 2007, 501, 125, 7]


def test_bad_numbers():
    for call, said in (
        (lambda: find_block(-1), "offset=-1"),
        (lambda: find_block(0, 1000), "block_size=1000"),
        (lambda: find_block(0, extents=0), "extents=0"),
        (lambda: find_block(0, extents=2**32 + 1), "extents=4294967297"),
        (lambda: find_block(0, direct=1001), "direct=1001"),
        (lambda: make_disk(Geometry(blocks=10**9)), "blocks=1000000000"),
        (lambda: make_disk(Geometry(block_size=1 << 30)), "block_size="),
        (lambda: divide_disk(1 << 16, inodes=10**6), "inodes=1000000: no room"),
        (lambda: count_files(file_size=0), "file_size=0"),
        (lambda: count_files(bytes_per_inode=64), "the inodes alone fill"),
    ):
        with pytest.raises(ValueError, match=said):
            call()


@pytest.mark.parametrize("offset", [5000.5, 5000.0, float("inf"), None, True, "5000"])
def test_an_offset_is_a_whole_number(offset):
    with pytest.raises((TypeError, ValueError), match="offset="):
        find_block(offset)
    with pytest.raises((TypeError, ValueError), match="extents="):
        find_block(5000, extents=offset)


def test_rows_as_text():
    assert as_text([]) == "(none)"
    assert as_text([{"a": 1, "bb": "x"}]) == "a  bb\n1  x"
