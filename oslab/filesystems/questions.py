"""Chapter 5's quiz, and the predictions asked before its labs; every key is worked out by the models."""

from math import ceil

import numpy as np

from oslab.base import readable
from oslab.filesystems import check, count_files, divide_disk, find_block, largest_file, play
from oslab.quizzes import Bank, Choice, Number, Order, Written, traps

__all__ = [
    "QUIZ",
    "blocks_of_the_tables",
    "files_that_fit",
    "largest_by_pointers",
    "links_left",
    "lost_in_an_append",
    "reads_at_an_offset",
    "reads_in_the_middle",
    "small_files",
    "unlinked_while_open",
]

OUTCOMES = {
    "before": "The file as it was before",
    "after": "The whole append",
    "garbage": "Consistent metadata, but another file's bytes in the file",
    "marked free": "A pointer to a free block",
    "leak": "A block marked as used that no file owns",
}


def reads_at_an_offset(seed: int) -> Number:
    """Ask for the reads of the pointer map at a random offset."""
    draw = np.random.default_rng(seed)
    size = (1024, 2048, 4096)[int(draw.integers(0, 3))]
    ends = np.cumsum([12, size // 4, (size // 4) ** 2, (size // 4) ** 3])
    level = int(draw.integers(0, 4))
    number = int(draw.integers(ends[level - 1] if level else 0, ends[level]))
    found = find_block(number * size + int(draw.integers(0, size)), size)
    right = found.reads
    how = "a direct pointer" if found.level == "direct" else f"the {found.level} indirect pointer"
    return Number(
        f"A file of ext2 has blocks of {size // 1024} KiB and pointers of 4 bytes; its inode is in memory. How many block "
        f"reads does it take to get byte {readable(found.offset)}, including the read of the data block?",
        right,
        "reads",
        traps(
            right,
            (right - 1, "The block with the data is read too."),
            (right + 1, "The inode is in memory already."),
            (found.extent_reads, "That is what extents would need."),
        ),
        why=f"File block {number} is reached by {how}. The indices on the path: {', '.join(map(str, found.path))}.",
        hint=f"Which file block is it? {size // 4} pointers fit in a block.",
        recompute=lambda: 1 + int(np.searchsorted(ends, number, side="right")),
    )


def largest_by_pointers(seed: int) -> Number:
    """Ask for the largest file of an inode with other pointers than ext2's."""
    draw = np.random.default_rng(seed)
    size, pointer = int(draw.choice([1024, 2048, 4096])), int(draw.choice([4, 8]))
    direct, levels = int(draw.integers(6, 14)), int(draw.integers(1, 3))
    per, kib = size // pointer, size // 1024
    right = largest_file(size, pointer, direct, levels) // 1024
    kinds = "a single indirect pointer" if levels == 1 else "a single and a double indirect pointer"
    return Number(
        f"An inode has {direct} direct pointers and {kinds}; blocks have {kib} KiB, and a block number takes {pointer} bytes. "
        "How large can a file be?",
        right,
        "KiB",
        traps(
            right,
            (right - direct * kib, "The direct pointers lead to data too."),
            (direct * kib, "That is what the direct pointers alone reach."),
            (largest_file(size, 12 - pointer, direct, levels) // 1024, f"A block number takes {pointer} bytes here."),
            ((direct + levels) * kib, "An indirect pointer leads to a block full of pointers."),
        ),
        why=f"{per} pointers fit in a block: {direct} + {per}{f' + {per} × {per}' if levels == 2 else ''} blocks of {kib} KiB.",
        hint="How many block numbers fit in a block?",
        recompute=lambda: kib * (direct + per + (per * per if levels == 2 else 0)),
    )


def reads_in_the_middle(seed: int = 1) -> Number:
    """Predict the reads for a byte that is not the one shown."""
    found = find_block(5_000_000_000)
    return Number(
        f"A file has blocks of 4 KiB and 12 + 3 pointers; its inode is in memory. Your guess: how many block reads does it "
        f"take to get byte {readable(found.offset)}?",
        found.reads,
        "reads",
        {
            1: "12 direct pointers reach 48 KiB only.",
            2: "The single indirect block reaches 4.05 MiB.",
            3: "The double indirect block reaches a little over 4 GiB.",
        },
        settings={
            "offset": 5_000_000_000,
            "exactly": "",
            "block_size": 4096,
            "pointer_size": 4,
            "direct": 12,
            "levels": 3,
        },
        why=f"File block {readable(found.number)} lies beyond 12 + 1024 + 1024 × 1024 blocks: {found.reads - 1} blocks "
        "of pointers, then the data.",
    )


def lost_in_an_append(seed: int) -> Choice:
    """Ask what a crash in the middle of an append leaves."""
    report = check("append", "none")
    step = 1 + [0, 6, 5, 2, 7, 3, 1, 4][seed % 8]
    verdict = report.verdicts[step - 1]
    right = report.problems(step)[0].kind if verdict == "inconsistent" else verdict
    reached = report.table()[step - 1]["on the disk"]
    reasons = {
        "before": "For that, both the pointer and the bitmap would have to be missing.",
        "after": "All three writes would have to be there.",
        "garbage": "For that, pointer and bitmap would have to be on the disk without the data.",
        "marked free": "For that, the pointer would have to be on the disk without the bitmap.",
        "leak": "For that, the bitmap would have to be on the disk without the pointer.",
    }
    return Choice(
        "A block is appended to a file, without a journal. The kernel writes data, inode table and block bitmap, in any order. "
        f"Power fails; written so far: **{reached}**. What does a check find?",
        OUTCOMES[right],
        {OUTCOMES[k]: reasons[k] for k in OUTCOMES if k != right},
        why=report.why(step),
        hint="Is there a pointer to the block? Is the block marked as used?",
    )


def links_left(seed: int) -> Number:
    """Ask for the link count after a few commands."""
    draw = np.random.default_rng(seed)
    more, soft = int(draw.integers(1, 5)), int(draw.integers(1, 3))
    names = [f"b{k}" for k in range(1, more + 1)]
    gone = names[: int(draw.integers(0, more))]
    commands = [
        "create a",
        *(f"link a {n}" for n in names),
        *(f"symlink a s{k}" for k in range(soft)),
        "rename a z",
        *(f"unlink {n}" for n in gone),
    ]
    right = play("; ".join(commands)).states[-1].inodes[3].links
    return Number(
        f"`{'; '.join(commands)}`: how many links does the inode of the file have now?",
        right,
        "links",
        traps(
            right,
            (right + soft, "Symbolic links hold a path and are not counted."),
            (right + 1, "A rename moves a name and adds none."),
            (right - 1, "The first name counts too."),
            (1, "Hard links are entries with equal rights; each counts."),
        ),
        why=f"1 + {more} names were made and {len(gone)} removed; rename and symbolic links change nothing.",
        hint="Count the directory entries that lead to the inode.",
        recompute=lambda: 1 + more - len(gone),
    )


def unlinked_while_open(seed: int = 1) -> Choice:
    """Predict what unlink does to an open file."""
    return Choice(
        "A program has a file open, and its last name is removed. What happens to the contents?",
        "They stay until the program closes the file",
        {
            "They are gone at once": "The kernel frees an inode only when no process has it open.",
            "The unlink fails: the file is busy": "Some other systems do that; here the name disappears at once.",
            "They stay for ever": "They stay only as long as a process has the file open.",
        },
        why="An inode is freed when it has no name and no process has it open.",
    )


def files_that_fit(seed: int) -> Number:
    """Ask how many small files fit."""
    draw = np.random.default_rng(seed)
    gib, ratio, kib = (int(draw.choice(some)) for some in ([2, 4, 8], [16, 32, 64], [1, 4, 8, 64, 128, 256]))
    inodes, blocks = gib * 2**20 // ratio, gib * 2**20 // max(kib, 4)
    right = min(inodes, blocks)
    return Number(
        f"A file system of {gib} GiB has an inode for every {ratio} KiB and blocks of 4 KiB. Ignore the space of the tables "
        f"themselves. How many files of {kib} KiB fit?",
        right,
        "files",
        traps(
            right,
            (max(inodes, blocks), "The other of the two, inodes or blocks, runs out earlier."),
            (gib * 2**20 // kib, "A file takes whole blocks."),
            (right * 1024, "Look at the units: GiB divided by KiB."),
            relative=0.01,
        ),
        relative=0.01,
        why=f"Inodes for {inodes} files, blocks for {blocks}: the {'inodes' if inodes < blocks else 'blocks'} run out first.",
        hint="Count both, inodes and blocks.",
        recompute=lambda: int(min(gib * 2.0**20 / ratio, gib * 2.0**18 // -(-kib // 4))),
    )


def blocks_of_the_tables(seed: int) -> Number:
    """Ask how many blocks of a whole disk are left for data."""
    draw = np.random.default_rng(seed)
    mib, kib = int(draw.choice([64, 128, 256, 512])), int(draw.choice([1, 2, 4]))
    inodes, inode_size = 1024 * int(draw.choice([4, 8, 16])), int(draw.choice([128, 256]))
    parts = divide_disk(mib << 20, kib << 10, inodes, inode_size)
    right, most, blocks, bits = parts.data, parts.blocks, mib * 1024 // kib, 8192 * kib
    table, bitmaps = parts.inode_table, parts.inode_bitmap + parts.block_bitmap
    return Number(
        f"A disk of {mib} MiB has blocks of {kib} KiB: one for the superblock, a bitmap of the inodes, a bitmap of the blocks, "
        f"a table of {readable(inodes)} inodes of {inode_size} bytes, then data. How many blocks are left for data?",
        right,
        "blocks",
        traps(
            right,
            (most, "The tables take blocks too."),
            (most - table, "The superblock and the bitmaps take blocks as well."),
            (right + bitmaps, "The bitmaps take blocks as well."),
            (most - 1 - bitmaps - inodes, f"{kib * 1024 // inode_size} inodes fit in a block."),
        ),
        why=f"Of {readable(most)} blocks 1 is the superblock, {readable(bitmaps)} are bitmaps, {readable(table)} hold inodes.",
        hint="How many blocks are there in all, and how many inodes fit in one?",
        recompute=lambda: blocks - 1 - ceil(inodes / bits) - ceil(blocks / bits) - inodes * inode_size // (kib << 10),
    )


def small_files(seed: int = 1) -> Choice:
    """Predict what ends first with small files."""
    made = count_files(8 << 20, 16384, 4096)
    other = {"inodes": "blocks", "blocks": "inodes"}[made.first]
    return Choice(
        "A file system has 8 MiB and an inode for every 16 KiB; every file has 4 KiB. What runs out first?",
        made.first.capitalize(),
        {other.capitalize(): "There are four blocks for every inode, and each file takes one of each."},
        why=f"{min(made.files(4096))} inodes, and {100 * made.free_share:.0f} % of the blocks stay free; the error is "
        "the same, no space left on device.",
    )


JOURNALING = Written(
    "What does ext4's journal guarantee after a power failure, and what does it not guarantee?",
    "In its default mode metadata are consistent, and no file shows bytes of another; unsynced data may be lost.",
    [
        "Changes to metadata go to the journal first, as one transaction that ends with a commit block.",
        "Recovery scans the journal, notes the revoked blocks, and replays the committed transactions; the rest is ignored.",
        "data=ordered writes new data before the commit; data=writeback does not; data=journal puts data into the journal too.",
        "The journal may forget a transaction after the checkpoint, when its blocks are in place, not after the commit.",
        "A program that needs its data to be on the disk calls fsync.",
    ],
)

STEPS = (
    "Write the new contents to a second file",
    "fsync the second file",
    "rename it over the old name",
    "fsync the directory",
)
REPLACE = Order(
    "Order the steps that replace a file. A crash must leave the old or the new contents; after the last step, always the new.",
    STEPS,
    {
        (
            STEPS[2],
            STEPS[1],
        ): "The name would lead to contents that are not on the disk yet. After a crash the file may be empty.",
        (STEPS[1], STEPS[0]): "There is nothing to sync before it is written.",
        (
            STEPS[3],
            STEPS[2],
        ): "The rename changes the directory. If the directory is synced before it, the old name may come back.",
    },
    why="Contents first, then the name, then the directory that contains the name.",
)

QUIZ = Bank(
    "filesystems",
    [
        (reads_at_an_offset, largest_by_pointers),
        (JOURNALING, lost_in_an_append),
        links_left,
        (files_that_fit, blocks_of_the_tables),
        REPLACE,
    ],
    title="File systems",
)
