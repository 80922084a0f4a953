"""Chapter 1's quiz; every key is worked out by the models."""

import numpy as np

from oslab.processes.questions.exercises import lines_of_a_program
from oslab.quizzes import Bank, Choice, Number, Order, Written, traps

__all__ = ["QUIZ", "best_threads", "frames_after_writes", "how_many_processes", "next_state", "which_worker"]

GROUPS = "ready", "running", "waiting", "zombie", "terminated"
WORDS = {
    "quantum over": "A process runs; its quantum ends while others are ready.",
    "asked for I/O": "A process calls read() and the data are not there.",
    "I/O done": "The data that a process waited for have come.",
    "exited": "A process calls exit(); its parent has not called wait() yet.",
    "waited for": "A process has exited, and its parent calls wait().",
    "dispatched": "A process is ready, and the scheduler picks it.",
}
INSTEAD = {
    "ready": "Ready is who lacks nothing but a CPU.",
    "running": "Nobody runs before the scheduler picks it.",
    "waiting": "Waiting is who could not go on even with a CPU.",
    "zombie": "A zombie has exited and has not been waited for.",
    "terminated": "Nothing of it is left only when its parent has been told.",
}


def next_state(seed: int) -> Choice:
    """Ask which state follows an event in a run of the model."""
    from oslab.processes.lifecycle import live

    cause = list(WORDS)[seed % len(WORDS)]
    event = next(e for e in live(4, 0.5, 2.0, "waits late", 1 + seed % 7).events if e.cause == cause)
    return Choice(
        f"{WORDS[cause]} In which state is it next?",
        event.after,
        {state: INSTEAD[state] for state in GROUPS if state != event.after},
        why=f"{event.before} → {event.after}: {cause}.",
        hint="What does it lack in order to go on?",
    )


def frames_after_writes(seed: int) -> Number:
    """Ask for the frames in use after forks and writes."""
    from oslab.processes.copy_on_write import fork_and_write

    draw = np.random.default_rng(seed)
    pages, children, quarter = 100 * int(draw.integers(1, 9)), int(draw.integers(1, 4)), int(draw.integers(1, 4))
    run = fork_and_write(pages, quarter / 4, children)
    right, wrote = run.used(), round(pages * quarter / 4)
    return Number(
        f"A process has touched {pages} pages and forks {children} child{'ren' * (children > 1)}; "
        f"{'each child' if children > 1 else 'the child'} writes {wrote} of the pages. How many frames hold all their pages now?",
        right,
        "frames",
        traps(
            right,
            (pages * (1 + children), "That is what copying at once would take."),
            (pages, "Each page that is written gets a frame of its own."),
            (pages + wrote, "Every child has copies of its own."),
            (children * wrote, "The original frames are still in use."),
        ),
        why=f"{pages} + {children} × {wrote}: a page is copied when it is first written, once for each writer.",
        hint="What does a first write to a shared page do?",
        recompute=lambda: pages + children * wrote,
    )


def how_many_processes(seed: int) -> Number:
    """Ask how many processes a random fork program makes."""
    from oslab.processes.fork_tree import count_processes

    draw = np.random.default_rng(seed)
    parts = [
        ["fork();", "if (fork()) fork();", "if (fork() == 0) fork();", "fork() && fork();", "fork() || fork();"][int(k)]
        for k in draw.integers(0, 5, 2)
    ]
    if draw.integers(0, 2):
        parts.append("fork();")
    text = " ".join(parts)
    right = count_processes(text).count
    calls = text.count("fork()")
    return Number(
        f"`{text}` How many processes are there in all, the first among them?",
        right,
        "processes",
        traps(
            right,
            (2**calls, f"Not every process comes to all {calls} calls."),
            (right - 1, "The first process counts too."),
            (calls + 1, "Children run the rest of the program, and fork too."),
        ),
        why="After each statement every process there is goes on; statement by statement the numbers multiply.",
        hint="How many processes leave the first statement? Each of them enters the second.",
        recompute=lambda: int(np.prod([count_processes(part).count for part in parts])),
    )


JOBS = (
    (
        "Resize images in pure Python code, on 8 cores.",
        "Processes",
        "The global interpreter lock lets one thread compute at a time.",
    ),
    (
        "Fetch 200 URLs at a time and keep the answers in one dictionary.",
        "Threads",
        "Threads that wait hold no interpreter lock, and share the dictionary.",
    ),
    ("Run plug-ins of others that may crash.", "Processes", "A crash takes its address space along, and no other."),
    (
        "Let workers multiply NumPy arrays of 2 GiB that all of them read.",
        "Threads",
        "NumPy lets go of the interpreter lock in long operations, and nothing has to be passed.",
    ),
)

MYTHS = {
    "Threads": {
        "A crash stays in one of them.": "A crash ends the process with all its threads.",
        "They compute in Python at the same time under the lock.": "The lock lets one of them compute at a time.",
    },
    "Processes": {
        "They are cheaper to make.": "Page tables are copied for them, or an interpreter is started.",
        "They pass objects without copying.": "What they pass is made into bytes and copied.",
    },
}


def which_worker(seed: int) -> Choice:
    """Ask whether threads or processes suit a job, and why."""
    job, right, reason = JOBS[seed % len(JOBS)]
    return Choice(
        f"{job} Threads or processes (CPython with its lock)?",
        f"{right}. {reason}",
        {
            f"{who}. {said}": ("The choice is right, the reason is not. " if who == right else "") + why
            for who, some in MYTHS.items()
            for said, why in some.items()
        },
        why=reason,
        hint="What is shared, what is waited for, and what may break?",
    )


STEPS = (
    "The timer interrupts, and the kernel is entered",
    "A's registers are saved in its task structure",
    "The page-table pointer is set to B's table",
    "B's registers are restored",
    "B takes TLB and cache misses",
)
SWITCH = Order(
    "Put a switch from process A to process B in order.",
    STEPS,
    {
        (STEPS[3], STEPS[1]): "B's registers would overwrite A's before they are kept.",
        (STEPS[4], STEPS[3]): "B has to run to miss anything.",
        (STEPS[2], STEPS[0]): "Only the kernel may change the page-table pointer.",
        (STEPS[3], STEPS[2]): "B's program counter means nothing in A's memory.",
    },
    why="Save, change the memory, restore; the misses come afterwards and are most of the price.",
)

THREADS = Written(
    "An inference server on 8 cores has 256 worker threads and is slow. Why can fewer threads be faster?",
    "Beyond what keeps the cores busy, threads add no work, only switches, refills and a larger working set.",
    [
        "With w of the time spent waiting, 8 / (1 − w) threads keep 8 cores busy.",
        "Every thread more makes turns compete: each turn is followed by a switch.",
        "The direct price is a few µs; cache and TLB refills grow with the working set.",
        "Requests at work at the same time all end late; in a queue the first ones end early.",
        "Measure p99 against the number of threads, and stop where it is least.",
    ],
)


def best_threads(seed: int) -> Number:
    """Ask for the least number of threads that keeps all CPUs busy."""
    from oslab.processes.switching import useful_work

    cpus, waiting = (2, 6, 8, 12)[seed % 4], (0.5, 0.75, 0.8)[seed % 3]
    right = useful_work(cpus, waiting, 0, direct=0).best
    return Number(
        f"{cpus} CPUs; a thread alone waits {100 * waiting:.0f} % of its time. What is the least number of "
        f"threads that can keep all CPUs busy?",
        right,
        "threads",
        traps(
            right,
            (cpus, "While a thread waits, its CPU is idle."),
            (round(cpus / waiting), "Divide by the share of work."),
        ),
        why=f"{cpus} / (1 − {waiting:g}) = {right}.",
        hint="How much of a CPU does one thread want?",
        recompute=lambda: round(cpus / (1 - waiting)),
    )


QUIZ = Bank(
    "processes",
    [
        next_state,
        frames_after_writes,
        how_many_processes,
        which_worker,
        (SWITCH, THREADS, best_threads),
        lines_of_a_program,
    ],
    title="Processes and threads",
)
