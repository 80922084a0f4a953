"""Every number that a text of notebook 05 states, computed anew from the wing's functions with the settings it names."""

import pytest

from oslab import filesystems
from oslab.filesystems.block_map import LONGEST_EXTENT
from oslab.filesystems.views.block_tree import human


@pytest.fixture
def says(cell_text):
    """Return a function that finds what of some phrases is not in a cell."""
    return lambda cell, *phrases: [p for p in phrases if p not in cell_text("05_filesystems", cell)]


def test_offset(says, cell_text):
    reach = [filesystems.largest_file(4096, levels=levels) for levels in range(4)]
    each = [human(b - a) for a, b in zip([0, *reach], reach)]
    assert not says(
        "offset-idea",
        f"The first {each[0]} cost one read, the next {each[1]} two, the next {each[2]} three, the rest four.",
        f"With 4 KiB blocks the map ends at {human(reach[-1])}",
        f"for every {human(LONGEST_EXTENT * 4096)}",
        f"reaches {human(reach[-1])}, but ext3's files end at {human(512 * 2**32)}: the inode counts 512-byte units in 32 bits",
        f"in the same {(12 + 3) * 4} bytes",
        "One level means a single indirect pointer; two levels add a double one, three levels a triple one.",
    )
    assert [filesystems.find_block(end).reads for end in (0, *reach[:-1])] == [1, 2, 3, 4]
    assert not says(
        "offset-text", "12 + 3 block numbers: 12 lead to data", "at 500 000 ext4 needs more reads than ext2"
    )
    found = filesystems.find_block(5_000_000, extents=500_000)
    assert found.extent_reads > found.reads
    for words in ("49152", "48 KiB", "12 blocks"):
        assert f"`{words}`" in cell_text("05_filesystems", "offset-text")
        assert filesystems.read_offset(words) == 12 * 4096


def test_room(says):
    default = filesystems.count_files(8 << 20, 16384, 4096)
    assert default.first == "inodes" and round(4 * (1 - default.free_share)) == 1
    assert not says("room-idea", "one inode for every 16 KiB; then files of 4 KiB fill a quarter of the disk")
    few = filesystems.count_files(8 << 20, 1 << 17)
    assert not says("names-idea", f"`st_blocks` says {4096 // 512}, because it counts units of 512 bytes")
    assert not says("room-real", f"`Blockcount: {4096 // 512}` counts units of 512 bytes")
    assert not says("room-real", f"An image with {few.all_inodes} inodes")
    parts = filesystems.divide_disk(256 << 10, inodes=80)
    assert not says("room-idea", "`print(filesystems.divide_disk(256 << 10, inodes=80))`") and parts.inode_table == 5


def test_the_line_is_where_the_numbers_are():
    """What is drawn at a whole number of blocks is what table and sentence say there, and the next byte's beyond it."""
    for size in (8 << 20, 1 << 30, 1 << 40):
        made = filesystems.count_files(size)
        drawn = dict(zip(made.sizes.tolist(), made.by_blocks.tolist()))
        assert all(made.files(at)[1] == many for at, many in drawn.items())
        assert drawn[4096] == made.blocks and drawn[4097] == made.blocks // 2
        assert (made.sizes[1:] > made.sizes[:-1]).all()


def test_crash(says):
    report = filesystems.check("append", "none")
    counts = report.counts
    bad, harmless = counts["inconsistent"], counts["before"] + counts["after"]
    assert (bad, harmless, counts["garbage"], report.steps) == (4, 3, 1, 2**3)
    assert not says("crash-idea", "Four subsets leave the metadata inconsistent, three are harmless, and one is worse")
    assert not says("crash-text", "each of the 2³ subsets", "the kernel writes three blocks")
    assert filesystems.check("reuse", "ordered", revoke=False).counts["garbage"], "some crashes end as garbage"
    assert not says("revoke-text", "some crashes end as *garbage*")
    worst = filesystems.check_all("checksum").worst
    assert worst("ordered") == "garbage" and worst("journal") == "nothing wrong"
    assert not says("table-idea", "*ordered* loses its promise")


def test_replacing(says):
    def delayed(way):
        return filesystems.check(way, "ordered", delayed=True)

    empty = delayed("in_place").counts["empty"]
    assert empty > delayed("in_place").steps / 2 and not says("replace-idea", "most crashes leave an empty one")
    assert delayed("unlink_first").counts["missing"] and delayed("no_fsync").counts["empty"]
    assert not delayed("no_directory_fsync").durable and not says("replace-idea", "the old file may come back")
    assert all(filesystems.check(way, "none").bad for way in filesystems.REPLACEMENTS)
    assert not says("replace-text", "Of the five methods only rename without fsync is affected")
    assert len(filesystems.REPLACEMENTS) == 5


def test_recorded_costs(says):
    (durable,), (reads,) = filesystems.DURABLE["recorded"](), filesystems.READS["recorded"]()
    assert 100 < durable.median[2] / durable.median[0] < 1000 < durable.median[4] / durable.median[0]
    assert not says(
        "durable-idea", "In the recorded run two orders of magnitude", "three between `write` and the safe way"
    )
    tmpfs, cached, procfs, disk = reads.median
    assert 0.5 < cached / tmpfs < 2 < procfs / tmpfs and disk > procfs
    assert not says(
        "reads-idea",
        "In the recorded run, reading a file on disk for the second time costs as much as reading one on tmpfs",
    )


def test_calls_and_exercise(says):
    first = next(s for s in filesystems.follow_calls().stops if "leads to a new open file" in s.sentence)
    assert "descriptor 3" in first.sentence and not says("calls-text", "The first descriptor here is 3")
    assert filesystems.Geometry().block_size == 64 and not says(
        "exercise-text", "A record of 96 bytes", "a block has 64 bytes here"
    )
    assert not says("names-idea", "The model's file takes one block; `st_blocks` says 8")
    links = filesystems.NAMES["recorded"]()
    assert links[2].median[1] == 8 and filesystems.play("create a; write a hi").state(2).inodes[3].blocks == 1


@pytest.mark.parametrize(
    "lab, named",
    [
        ("offset", {"offset": [0, 5_000_000, 5_000_000_000], "extents": [1, 500_000], "block_size": [4096]}),
        ("room", {"file_size": [4096, 262_144], "bytes_per_inode": [16384], "size": [8 << 20]}),
        ("reads", {"way": [0, 3]}),
        ("durable", {"way": [0, 4]}),
    ],
)
def test_every_value_that_a_text_names_can_be_set(lab_of, lab, named):
    one = lab_of("05_filesystems", lab).lab
    for name, values in named.items():
        for value in values:
            one.controls[name].value = value
            assert one.controls[name].value == value and one.error == ""
