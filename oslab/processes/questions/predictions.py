"""The predictions asked before chapter 1's labs; every key is worked out by the models."""

from oslab.quizzes import Choice, Number

__all__ = [
    "after_its_io",
    "dearest_part",
    "forks_in_a_row",
    "frames_at_a_quarter",
    "sweet_spot",
    "threads_that_fill_the_cpus",
    "threads_under_the_lock",
    "what_readers_dirty",
]


def after_its_io(seed: int = 1) -> Choice:
    """Predict the state that follows I/O."""
    return Choice(
        "A process waits for the disk, and the data arrive. In which state is the process next?",
        "ready",
        {
            "running": "Another process may have the CPU. The scheduler has to select this one first.",
            "waiting": "Its I/O is complete.",
            "new": "A process is new only once, when it is created.",
        },
        why="After its I/O it is able to run. The scheduler decides when.",
    )


def frames_at_a_quarter(seed: int = 1) -> Number:
    """Predict the frames of lab 3."""
    from oslab.processes.copy_on_write import fork_and_write

    right = fork_and_write(64, 0.25).used()
    return Number(
        "A process with 64 pages forks, and the child writes a quarter of them. How many frames are in use?",
        right,
        "frames",
        {
            128: "Only written pages are copied.",
            64: "Written pages are copied.",
            16: "The parent's 64 frames stay in use.",
        },
        settings={"written": 0.25, "children": 1, "writer": "child", "exec_at_the_end": False},
        why="The 64 original frames stay in use, and 16 pages are copied.",
    )


def forks_in_a_row(seed: int = 1) -> Number:
    """Predict the processes of lab 4's program."""
    from oslab.processes.fork_tree import count_processes

    right = count_processes("fork(); if (fork()) fork();").count
    return Number(
        "`fork(); if (fork()) fork();` How many processes are there in total, including the first?",
        right,
        "processes",
        {
            8: "Only the parents of the second fork call the third.",
            3: "Children run the rest of the program too.",
            4: "That is the number after two forks. Two of the four call the third.",
            5: "Two of the four call the third fork, not one.",
        },
        settings={"program": "fork(); if (fork()) fork();"},
        why="2 after the first fork, 4 after the second. The 2 parents of the second fork once more: 6.",
    )


def sweet_spot(seed: int = 1) -> Number:
    """Predict the number of threads with the best p99 of lab 7's server."""
    from oslab.processes.server import serve

    right = serve().best
    return Number(
        "4 cores, open load, load of the cores 0.8; a request computes for 10 ms and waits for 10 ms. Which number of "
        "threads gives the lowest p99: 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48 or 64? (To check, set the cores to 4.)",
        right,
        "threads",
        {
            4: "On average 2 of the 4 threads wait, so 2 cores are idle.",
            8: "That is enough on average, but requests arrive in clusters.",
            64: "Extra threads share the same cores, and complete no more requests.",
        },
        settings={"load": "open", "pressure": 0.8, "cores": 4, "waiting": 0.5, "working_set": 4.0, "times": ""},
        why="8 threads keep the cores busy on average; a few more help when requests cluster. With many more, all end late.",
    )


def threads_that_fill_the_cpus(seed: int = 1) -> Number:
    """Predict the fewest threads that keep all CPUs at work."""
    from oslab.processes.switching import useful_work

    right = useful_work(4, waiting=0.75).best
    return Number(
        "4 CPUs; each thread computes for a quarter of its time and waits for three quarters. What is the smallest "
        "number of threads that does the most useful work?",
        right,
        "threads",
        {
            4: "With one thread for each CPU, a CPU is idle while its thread waits.",
            64: "The extra threads only add context switches.",
            8: "That is enough for threads that wait half of their time.",
        },
        settings={"cpus": 4, "waiting": 0.75},
        why="Each thread uses a quarter of a CPU, so 16 threads fill 4 CPUs. More threads only add switches.",
    )


def what_readers_dirty(seed: int = 1) -> Choice:
    """Predict what a reading child copies."""
    return Choice(
        "A DataLoader worker (a forked child) only reads a Python list of numbers. How much of it does it copy?",
        "Nearly all of it: reading changes the objects' reference counts",
        {
            "Nothing: it only reads": "In Python each use increments a reference count inside the object.",
            "The list itself, not the numbers": "It is the other way round: the list's table of pointers is only read.",
            "One page": "Every object that is used is written to.",
        },
        why="The reference count is a field of the object. Changing it is a write, and a write copies the page.",
    )


def threads_under_the_lock(seed: int = 1) -> Choice:
    """Predict two computing threads."""
    return Choice(
        "Two jobs compute in pure Python; one after the other they take 2 s. How long do they take in two threads, on "
        "two idle cores, in CPython with its global interpreter lock?",
        "About 2 s",
        {
            "About 1 s": "Only one thread at a time can hold the lock.",
            "About 0.5 s": "Two cores can at best halve the time.",
            "About 4 s": "Passing the lock costs little, and no work is done twice.",
        },
        why="The global interpreter lock makes them take turns. Each process has a lock of its own.",
    )


def dearest_part(seed: int = 1) -> Choice:
    """Predict the dearest part of a switch."""
    from oslab.processes.switching import STEPS, switch_price

    costs = dict(zip(STEPS, switch_price().costs))
    reasons = {
        "save A's registers": "A few hundred bytes: a fraction of a microsecond.",
        "page-table pointer": "It is one register. The TLB and cache misses that follow cost more.",
        "TLB": "There are 64 page walks, but 64 times as many cache lines.",
        "restore B's registers": "Restoring costs as little as saving.",
    }
    right = max(costs, key=costs.get)
    return Choice(
        "The CPU switches from process A to process B, which uses 256 KiB in its turn. Which part costs most?",
        right,
        {name: reasons[name] for name in STEPS if name != right},
        why="4096 cache lines of 64 bytes have to be loaded into the L2 cache again.",
    )
