"""What makes a program slow: the causes, what helps, which lab explains each, and when one is named."""

from collections.abc import Iterable, Mapping

__all__ = ["CAUSES", "LABS", "NOTES", "REMEDIES", "join_names", "name_causes", "percent"]

CAUSES = {
    "compute": "the arithmetic itself",
    "memory": "memory bandwidth",
    "faults": "page faults of new memory",
    "kernel": "system calls",
    "ready": "waiting for a free CPU",
    "others": "other programs on its CPUs",
    "quota": "the CPU quota",
    "storage": "storage",
    "network": "the network",
    "lock": "a lock",
    "gil": "the interpreter's lock (GIL)",
    "sleep": "pauses by choice (timers, polling)",
    "gpu": "waiting for a device",
    "unknown": "not known",
}
REMEDIES = {
    "compute": "nothing holds it up: a faster algorithm or device",
    "memory": "fewer passes over memory: fused operations, smaller types",
    "faults": "reuse of buffers",
    "kernel": "fewer and larger calls: buffers, batches",
    "ready": "fewer threads, or more CPUs",
    "others": "CPUs of its own, a larger weight, or another time of day",
    "quota": "a larger quota, or fewer threads under it",
    "storage": "more read-ahead, fewer syncs, or data on a nearer disk",
    "network": "more requests at a time, or data on a nearer machine",
    "lock": "less work while the lock is held, or a lock for each part",
    "gil": "processes, a library that releases the lock, or a free-threaded build",
    "sleep": "waiting for the event itself, or shorter pauses",
    "gpu": "more work for each launch, or fewer synchronizations",
    "unknown": "a tracer: py-spy dump, strace -c, perf trace",
}
# The notebook whose lab explains a cause, and the lab's heading.
LABS = {
    "compute": ("07_ai_workloads", "6 · Why is training slow?"),
    "memory": ("07_ai_workloads", "6 · Why is training slow?"),
    "faults": ("03_memory", "8 · mmap, for real"),
    "kernel": ("06_devices", "5 · Counting the cost"),
    "ready": ("02_scheduling", "9 · On your machine"),
    "others": ("02_scheduling", "9 · On your machine"),
    "quota": ("07_ai_workloads", "3 · A quarter of a CPU"),
    "storage": ("05_filesystems", "6 · The cost of durability"),
    "network": ("06_devices", "4 · Two rings"),
    "lock": ("04_synchronization", "6 · What a lock costs"),
    "gil": ("07_ai_workloads", "2 · Threads or processes?"),
    "sleep": ("01_processes", "1 · The life of a process"),
    "gpu": ("07_ai_workloads", "4 · Slice the GPU"),
    "copy_on_write": ("01_processes", "3 · fork and copy-on-write"),
    "memory_grows": ("03_memory", "8 · mmap, for real"),
    "one_thread": ("07_ai_workloads", "2 · Threads or processes?"),
    "idle_gpu": ("07_ai_workloads", "4 · Slice the GPU"),
}
NOTES = {
    "copy_on_write": "private memory of its workers grows while they only read: reference counts copy the pages",
    "memory_grows": "its memory grows all the time",
    "one_thread": "one thread is busy while CPUs are idle",
    "idle_gpu": "the GPU ran no kernel for most of the time",
}
CLEAR, BESIDE, MIXED, NEARLY, LEAST_LEFT = 0.34, 0.22, 0.5, 0.7, 0.1


def percent(share: float) -> str:
    """Return a share as it is written here: 34 %."""
    return f"{100 * share:.0f} %"


def join_names(names: Iterable[str]) -> str:
    """Return names as a sentence has them: a, b and c."""
    return " and ".join(", ".join(names).rsplit(", ", 1))


def name_causes(shares: Mapping[str, float], names: Mapping[str, str] = CAUSES) -> tuple[tuple[str, ...], str]:
    """Name the causes that matter, the largest first, and say why none is named.

    What other programs take is set aside first, since it hides nothing: of the rest, a cause is named that takes at
    least 34 %, and a second one beside it with at least 22 % and half of the first.  Arithmetic is named alone, and
    gives way to a second cause that takes nearly as much (70 % of it).  Less is "not sure", and so is a rest of
    which the largest part is not known.  Other programs are named as well where they would be named by the same
    rule, of all the time; where they leave less than 10 % of it, nothing else is.

    Parameters
    ----------
    shares : mapping of str to float
        Share of the time by cause.
    names : mapping of str to str
        The causes in words.

    Returns
    -------
    (tuple of str, str)
        The causes; a doubt where there is none.
    """
    taken = shares.get("others", 0.0)
    ranked = sorted([cause for cause in shares if cause != "others"], key=lambda cause: -shares[cause])
    first, *rest = ranked
    largest, left = shares[first], max(1 - taken, 1e-9)
    named: list[str] = []
    if first != "unknown" and largest >= CLEAR * left and left >= LEAST_LEFT:
        beside = [
            c for c in rest if c not in ("compute", "unknown") and shares[c] >= max(BESIDE * left, MIXED * largest)
        ]
        # Arithmetic is what is left when nothing else stands in the way, so it is named alone or not at all.
        obstacle = first == "compute" and beside and shares[beside[0]] >= NEARLY * largest
        named = beside[:1] if obstacle else [first] if first == "compute" else [first, *beside[:1]]
    if taken >= (max(BESIDE, MIXED * largest) if named else CLEAR):
        named.insert(0 if taken > largest else len(named), "others")
    doubt = "" if named else f"the largest share is {percent(largest / left)}, {names[first]}"
    return tuple(named), doubt
