"""Exercises with published answers: the largest file, the way to a block, what a disk is divided into."""

import errno

import pytest

from oslab.filesystems import count_files, divide_disk, find_block, largest_file, read_offset

KB, MB, GB, TB = 1 << 10, 1 << 20, 1 << 30, 1 << 40

LARGEST = [
    # block size, pointer size, direct, levels, bytes, source
    (128, 8, 8, 2, 35 * KB, "GATE CS 2012: 8 direct, 1 single, 1 double; blocks of 128 bytes, addresses of 8"),
    (4 * KB, 4, 12, 1, 4144 * KB, "OSTEP, chapter 40: 12 direct and a single indirect pointer, (12 + 1024) * 4K"),
    (8 * KB, 4, 12, 3, 8 * KB * (12 + 2048 + 2048**2 + 2048**3), "Silberschatz, chapter 14: 64 TB"),
    (1 * KB, 4, 10, 3, 16_843_018 * KB, "Tanenbaum, MOS chapter 4: 10 + 256 + 65 536 + 16 777 216 blocks of 1 KB"),
    (4 * KB, 4, 10, 3, 1_074_791_434 * 4 * KB, "the same of Tanenbaum's with blocks of 4 KB"),
    (4 * KB, 8, 12, 0, 48 * KB, "Stallings, chapter 12, FreeBSD's direct level: 12 blocks, 48K"),
    (4 * KB, 8, 0, 1, 2 * MB, "Stallings, chapter 12, FreeBSD's single indirect level: 512 blocks, 2M"),
]


@pytest.mark.parametrize("block, pointer, direct, levels, answer, source", LARGEST, ids=[row[-1] for row in LARGEST])
def test_the_largest_file(block, pointer, direct, levels, answer, source):
    assert largest_file(block, pointer, direct, levels) == answer
    assert find_block(answer - 1, block, pointer_size=pointer, direct=direct, levels=levels).path is not None
    try:
        assert find_block(answer, block, pointer_size=pointer, direct=direct, levels=levels).path is None
    except OSError as beyond:
        assert beyond.errno == errno.EFBIG and answer >= 2**32 * block, "beyond what ext4 reaches too"


@pytest.mark.parametrize(
    "block, direct, levels, rounded, source",
    [
        (4 * KB, 12, 2, "4.0 GB", "GATE CS 2019: 12 direct, 1 single, 1 double, blocks of 4 kB, 32-bit addresses"),
        (
            1 * KB,
            10,
            3,
            "16.1 GB",
            "GATE CS 2004: 10 direct and one of each indirect, 1 KB, 32-bit: 2^34 bytes, roughly",
        ),
    ],
)
def test_answers_given_rounded(block, direct, levels, rounded, source):
    assert f"{largest_file(block, 4, direct, levels) / GB:.1f} GB" == rounded


def test_freebsd_level_by_level():
    """Stallings, chapter 12: direct 48K, single 2M, double 1G, triple 512G (blocks of 4 KB, addresses of 8 bytes)."""
    reach = [largest_file(4096, 8, 12, levels) for levels in range(4)]
    assert [b - a for a, b in zip([0, *reach], reach)] == [48 * KB, 2 * MB, 1 * GB, 512 * GB]


@pytest.mark.parametrize(
    "offset, path",
    [
        # Bach, The Design of the UNIX Operating System, section 4.2: blocks of 1 KB, 256 numbers a block, 10 direct.
        ("9000", (8,)),  # block 8, byte 808 of it
        ("350000", (11, 0, 75)),  # double indirect: entry 0, then entry 75, byte 816 of the block
    ],
)
def test_bachs_two_offsets(offset, path):
    found = find_block(read_offset(offset), 1024, direct=10)
    assert found.path == path and int(offset) % 1024 == {"9000": 808, "350000": 816}[offset]


def test_the_very_simple_file_system():
    """OSTEP, chapter 40: 64 blocks of 4 KB, 5 of them inodes of 256 bytes (80 in all), two bitmaps, 56 for data."""
    parts = divide_disk(256 * KB, 4 * KB, inodes=80, inode_size=256)
    assert (parts.blocks, parts.inode_table, parts.inode_bitmap, parts.block_bitmap, parts.data) == (64, 5, 1, 1, 56)


def test_a_bitmap_of_a_whole_disk():
    """Silberschatz, chapter 14: a 1-TB disk with blocks of 4 KB has 2^28 blocks; its bitmap takes 2^25 bytes = 32 MB."""
    parts = divide_disk(1 * TB, 4 * KB, inodes=1 << 26)
    assert parts.blocks == 2**28 and parts.block_bitmap * 4 * KB == 32 * MB
    assert parts.superblock + parts.inode_bitmap + parts.block_bitmap + parts.inode_table + parts.data == parts.blocks


def test_inodes_of_a_whole_disk():
    """mke2fs(8): one inode for every bytes-per-inode bytes of the disk."""
    assert count_files(1 << 30, 16384).all_inodes == (1 << 30) // 16384
    assert count_files(1 << 40, 65536).all_blocks == 1 << 28


@pytest.mark.parametrize(
    "words, offset",
    [
        ("0", 0),
        ("49152", 49152),
        ("5 000 000", 5_000_000),
        ("5_000_000", 5_000_000),
        ("48 KiB", 49152),
        ("48K", 49152),
        ("48 kb", 49152),
        ("12 blocks", 49152),
        ("1 block", 4096),
        ("2 TiB", 2 * TB),
        ("7 bytes", 7),
    ],
)
def test_an_offset_as_a_person_writes_it(words, offset):
    assert read_offset(words) == offset


@pytest.mark.parametrize("words", ["", "soon", "-1", "1.5 KiB", "KiB", "5 furlongs", "9" * 30, "1e6", "٤", "²"])
def test_what_is_no_offset_is_refused(words):
    with pytest.raises(ValueError, match="words="):
        read_offset(words)
