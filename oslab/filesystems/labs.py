"""What notebook 05 hands to `explore` beside a function and a view, where that is too long for a cell."""

from oslab.filesystems import REPLACEMENTS, SCENARIOS, questions
from oslab.filesystems.block_path import BLOCK_SIZES
from oslab.filesystems.journal import COMMITS, MODES
from oslab.filesystems.measure import ext4_images, latencies, links, recorded_run
from oslab.lab.controls import slider

__all__ = [
    "BLOCK_MAP",
    "CAPACITY",
    "CRASHES",
    "DURABLE",
    "NAMES",
    "OFFSETS",
    "PATHS",
    "READS",
    "REPLACING",
    "TABLE",
]

OFFSETS = {
    "offset": slider(0, 10**11, log=True, unit="bytes"),
    "block_size": BLOCK_SIZES,
    "extents": slider(1, 1_000_000, log=True),
    "predict": questions.reads_in_the_middle,
}
# What the first version's cell lacked stands apart: a learner's copy of it still runs.
BLOCK_MAP = OFFSETS | {
    "pointer_size": {"4 bytes": 4, "8 bytes": 8},
    "direct": (0, 16),
    "levels": (0, 3),
    "labels": {
        "exactly": "exact offset",
        "extents": "least number of extents",
        "direct": "direct pointers",
        "levels": "levels of indirection",
    },
}

NAMES = {
    "measure": links.real_names,
    "recorded": recorded_run("names"),
    "predict": questions.unlinked_while_open,
    "labels": {"script": "commands"},
}

CAPACITY = {
    "file_size": slider(256, 4 << 20, log=True, unit="bytes"),
    "predict": questions.small_files,
    "bytes_per_inode": slider(1024, 1 << 18, log=True),
    "measure": ext4_images.fill_images,
    "recorded": recorded_run("images"),
    "labels": {"bytes_per_inode": "bytes per inode", "size": "disk size", "folder": "your folder"},
}

JOURNAL = {"mode": "journal mode", "commit": "commit protected by", "revoke": "revoke records"}

CRASHES = {
    "operation": {s.label: key for key, s in SCENARIOS.items()},
    "mode": list(MODES),
    "commit": list(COMMITS),
    "labels": JOURNAL,
}

TABLE = {
    "commit": list(COMMITS),
    "layout": ["pointers", "extents"],
    "labels": {name: JOURNAL[name] for name in ("commit", "revoke")} | {"layout": "block map"},
}

PATHS = {
    "path": ["/home/notes", "/tmp/scratch", "/proc/uptime"],
    "labels": {"again": "open it again", "fork": "fork a child"},
}

READS = {
    "way": {
        name: k for k, name in enumerate(("tmpfs", "in the page cache", "procfs, made on demand", "from the disk"))
    },
    "measure": latencies.read_costs,
    "recorded": recorded_run("reads"),
    "labels": {"way": "source"},
}

REPLACING = {
    "way": {s.label: key for key, s in REPLACEMENTS.items()},
    "mode": list(MODES),
    "labels": {"way": "method", "mode": "journal mode"},
}

DURABLE = {
    "way": {
        name: k
        for k, name in enumerate(
            ("write", "O_DSYNC write", "write, fsync", "second file, fsync, rename", "the same, fsync directory")
        )
    },
    "measure": latencies.durable_costs,
    "recorded": recorded_run("durable"),
    "labels": {"way": "method", "folder": "your folder"},
}
