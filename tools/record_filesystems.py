"""``python -m tools.record_filesystems [NAME …]``: record the measurements of chapter 5 on a quiet machine."""

from __future__ import annotations

import sys

from oslab.filesystems.measure import ext4_images, latencies, links
from oslab.machine import recorded
from tools.sources import PACKAGE

RUNS = PACKAGE / "filesystems" / "runs"
COMMANDS = "create a; write a hi; link a b; symlink b s; rename a c; open c; unlink b; unlink c; close c"
SERIES = {
    "names": lambda: links.real_names(COMMANDS),
    "images": lambda: list(ext4_images.fill_images(16384))[-1],
    "reads": latencies.read_costs,
    "durable": latencies.durable_costs,
}


def main(wanted: list[str]) -> None:
    """Measure and store."""
    for name in wanted or [*SERIES, "ext4_image"]:
        if name == "ext4_image":
            (RUNS / "ext4_image.txt").write_text(ext4_images.ext4_transcript() + "\n")
        else:
            series = SERIES[name]()
            print(name, *series, sep="\n  ")
            recorded.save(RUNS / f"{name}.json", series)


if __name__ == "__main__":
    main(sys.argv[1:])
