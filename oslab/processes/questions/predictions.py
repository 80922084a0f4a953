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
        "A process waits for the disk, and the data come. In which state is it next?",
        "ready",
        {
            "running": "Another process may have the CPU; the scheduler has to pick this one first.",
            "waiting": "It has what it waited for.",
            "new": "A process is new only once.",
        },
        why="I/O done means: it could run. When it does, the scheduler says.",
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
            128: "Only what is written is copied.",
            64: "What is written is copied.",
            16: "The 64 frames of the parent stay.",
        },
        settings={"written": 0.25, "children": 1, "writer": "child", "exec_at_the_end": False},
        why="64 stay as they are, 16 are copied.",
    )


def forks_in_a_row(seed: int = 1) -> Number:
    """Predict the processes of lab 4's program."""
    from oslab.processes.fork_tree import count_processes

    right = count_processes("fork(); if (fork()) fork();").count
    return Number(
        "`fork(); if (fork()) fork();` How many processes are there in all, the first among them?",
        right,
        "processes",
        {
            8: "The third fork is called by parents of the second only.",
            3: "Children go on with the program.",
            4: "That is after two forks; the third is called by two of the four.",
            5: "Two of the four call the third fork.",
        },
        settings={"program": "fork(); if (fork()) fork();"},
        why="2 after the first fork, 4 after the second; the 2 parents of the second fork once more.",
    )


def sweet_spot(seed: int = 1) -> Number:
    """Predict the number of threads with the best p99 of lab 7's server."""
    from oslab.processes.server import serve

    right = serve().best
    return Number(
        "4 cores at a pressure of 0.8, open load; a request computes for 10 ms and waits for 10 ms. Which of 1, 2, 3, 4, 6, 8, "
        "12, 16, 24, 32, 48 or 64 threads gives the least p99? (Then set cores to 4 and look.)",
        right,
        "threads",
        {
            4: "While 2 of the 4 wait, 2 cores are idle.",
            8: "On average; requests come in clusters, though.",
            64: "More threads than work only share the cores.",
        },
        settings={"load": "open", "pressure": 0.8, "cores": 4, "waiting": 0.5, "working_set": 4.0},
        why="8 keep the cores busy on average; a few more take up clusters; far more share the cores, and all end late.",
    )


def threads_that_fill_the_cpus(seed: int = 1) -> Number:
    """Predict the fewest threads that keep all CPUs at work."""
    from oslab.processes.switching import useful_work

    right = useful_work(4, waiting=0.75).best
    return Number(
        "4 CPUs; each thread computes for a quarter of its time and waits for three quarters. With how many threads is "
        "most useful work done, at the least?",
        right,
        "threads",
        {
            4: "One each, and each CPU idles while its thread waits.",
            64: "The more only lose time in switches.",
            8: "That would do for threads that wait for half of their time.",
        },
        settings={"cpus": 4, "waiting": 0.75},
        why="Each thread wants a quarter of a CPU, so 16 fill 4 CPUs; every further one only adds switches.",
    )


def what_readers_dirty(seed: int = 1) -> Choice:
    """Predict what a reading child copies."""
    return Choice(
        "A DataLoader worker (a forked child) only reads a Python list of numbers. How much of it does it copy?",
        "Nearly all of it: reading changes the objects",
        {
            "Nothing: it only reads": "In Python each use of an object counts a reference up, in the object itself.",
            "The list itself, not the numbers": "The other way round: the list's own table is only read.",
            "One page": "Every object that is touched is written.",
        },
        why="A reference count is a field of the object; counting is writing, and writing copies the page.",
    )


def threads_under_the_lock(seed: int = 1) -> Choice:
    """Predict two computing threads."""
    return Choice(
        "Two jobs compute in pure Python; one after the other they take 2 s. How long in two threads, on two idle "
        "cores, in CPython with its lock?",
        "About 2 s",
        {
            "About 1 s": "The lock lets one thread compute at a time.",
            "About 0.5 s": "There are two cores.",
            "About 4 s": "Handing the lock over costs little; nothing is done twice.",
        },
        why="The global interpreter lock makes them take turns; processes have a lock each.",
    )


def dearest_part(seed: int = 1) -> Choice:
    """Predict the dearest part of a switch."""
    from oslab.processes.switching import STEPS, switch_price

    costs = dict(zip(STEPS, switch_price().costs))
    reasons = {
        "save A's registers": "Some hundred bytes: fractions of a microsecond.",
        "page-table pointer": "One register; what follows from it is dearer.",
        "TLB": "64 pages are walked for again; there are 64 times as many lines.",
        "restore B's registers": "As cheap as saving them.",
    }
    right = max(costs, key=costs.get)
    return Choice(
        "From process A to process B, which uses 256 KiB in its turn: what is the dearest part?",
        right,
        {name: reasons[name] for name in STEPS if name != right},
        why="4096 lines of 64 bytes have to come back to the L2 cache.",
    )
