"""Chapter 1's quiz; every key is worked out by the models."""

import numpy as np

from oslab.processes.questions.exercises import lines_of_a_program
from oslab.quizzes import Bank, Choice, Number, Order, Written, traps

__all__ = ["QUIZ", "best_threads", "frames_after_writes", "how_many_processes", "next_state", "which_worker"]

GROUPS = "ready", "running", "waiting", "zombie", "terminated"
WORDS = {
    "quantum over": "A process is running. Its quantum ends while others are ready.",
    "asked for I/O": "A process calls read(), and the data are not in memory.",
    "I/O done": "The data that a process waited for have arrived.",
    "exited": "A process calls exit() before its parent has called wait().",
    "waited for": "A process has exited, and its parent calls wait().",
    "dispatched": "A process is ready, and the scheduler selects it.",
}
INSTEAD = {
    "ready": "A ready process needs only a CPU.",
    "running": "A process runs only after the scheduler has selected it.",
    "waiting": "A waiting process could not continue even with a CPU.",
    "zombie": "A zombie has exited, and its parent has not called wait() yet.",
    "terminated": "A process is removed completely only after its parent has called wait().",
}


def next_state(seed: int) -> Choice:
    """Ask which state follows an event in a run of the model."""
    from oslab.processes.lifecycle import live

    cause = list(WORDS)[seed % len(WORDS)]
    event = next(e for e in live(4, 0.5, 2.0, "waits late", 1 + seed % 7).events if e.cause == cause)
    return Choice(
        f"{WORDS[cause]} In which state is the process next?",
        event.after,
        {state: INSTEAD[state] for state in GROUPS if state != event.after},
        why=f"The transition is {event.before} → {event.after} ({cause}).",
        hint="What does the process need in order to continue?",
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
        f"{'each child' if children > 1 else 'the child'} writes {wrote} of the pages. How many frames are in use now?",
        right,
        "frames",
        traps(
            right,
            (pages * (1 + children), "That is the number if fork copied every page at once."),
            (pages, "Each written page gets a new frame."),
            (pages + wrote, "Every child needs its own copies."),
            (children * wrote, "The original frames are still in use."),
        ),
        why=f"{pages} + {children} × {wrote}: each child copies a page at its first write to it.",
        hint="What happens at the first write to a shared page?",
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
        f"`{text}` How many processes are there in total, including the first?",
        right,
        "processes",
        traps(
            right,
            (2**calls, f"Not every process executes all {calls} calls."),
            (right - 1, "The first process counts too."),
            (calls + 1, "Children run the rest of the program and call fork too."),
        ),
        why="Every process executes the next statement too. So multiply: how many processes does each statement make of one?",
        hint="How many processes are there after the first statement? Each of them executes the second.",
        recompute=lambda: int(np.prod([count_processes(part).count for part in parts])),
    )


JOBS = (
    (
        "Resize images in pure Python code, on 8 cores.",
        "Processes",
        "Under the global interpreter lock only one thread computes at a time.",
    ),
    (
        "Fetch 200 URLs at a time and keep the answers in one dictionary.",
        "Threads",
        "Waiting threads release the interpreter lock, and all share the dictionary.",
    ),
    ("Run third-party plug-ins that may crash.", "Processes", "A crash ends one process and leaves the others intact."),
    (
        "Multiply NumPy arrays of 2 GiB in several workers that all read them.",
        "Threads",
        "NumPy releases the interpreter lock in long operations, and no data has to be passed.",
    ),
)

MYTHS = {
    "Threads": {
        "A crash ends only one of them.": "A crash ends the process with all its threads.",
        "They compute in Python at the same time under the lock.": "Only one of them computes at a time.",
    },
    "Processes": {
        "They are cheaper to create.": "The kernel copies page tables, or a new interpreter has to start.",
        "They pass objects without copying.": "Objects are serialized to bytes and copied.",
    },
}


def which_worker(seed: int) -> Choice:
    """Ask whether threads or processes suit a job, and why."""
    job, right, reason = JOBS[seed % len(JOBS)]
    return Choice(
        f"{job} Threads or processes (CPython with its global interpreter lock)?",
        f"{right}. {reason}",
        {
            f"{who}. {said}": ("The choice is right, but the reason is wrong. " if who == right else "") + why
            for who, some in MYTHS.items()
            for said, why in some.items()
        },
        why=reason,
        hint="Do the workers share data? Do they mostly compute or mostly wait? Can they crash?",
    )


STEPS = (
    "The timer interrupts, and the kernel is entered",
    "A's registers are saved in its task structure",
    "The page-table pointer is set to B's table",
    "B's registers are restored",
    "B takes TLB and cache misses",
)
SWITCH = Order(
    "Put the steps of a context switch from process A to process B in order.",
    STEPS,
    {
        (STEPS[3], STEPS[1]): "B's registers would overwrite A's before these are saved.",
        (STEPS[4], STEPS[3]): "Misses occur only once B runs.",
        (STEPS[2], STEPS[0]): "Only the kernel may change the page-table pointer.",
        (STEPS[3], STEPS[2]): "B's program counter means nothing in A's memory.",
    },
    why="Save registers, change the address space, restore registers. The misses follow and cost most.",
)

THREADS = Written(
    "An inference server on 8 cores has 256 worker threads and is slow. Why can fewer threads be faster?",
    "Once all cores are busy, more threads add only context switches, cache refills and a larger working set.",
    [
        "If each thread waits for a share w of its time, 8 / (1 − w) threads keep 8 cores busy.",
        "Every extra thread adds context switches.",
        "The direct cost of a switch is a few µs; the cost of cache and TLB refills grows with the working set.",
        "Requests that share the cores all end late; in a queue the first ones end early.",
        "Measure p99 against the number of threads, and choose the number with the lowest p99.",
    ],
)


def best_threads(seed: int) -> Number:
    """Ask for the least number of threads that keeps all CPUs busy."""
    from oslab.processes.switching import useful_work

    cpus, waiting = (2, 6, 8, 12)[seed % 4], (0.5, 0.75, 0.8)[seed % 3]
    right = useful_work(cpus, waiting, 0, direct=0).best
    return Number(
        f"{cpus} CPUs; each thread waits for {100 * waiting:.0f} % of its time. What is the smallest number of "
        f"threads that can keep all CPUs busy?",
        right,
        "threads",
        traps(
            right,
            (cpus, "While a thread waits, its CPU is idle."),
            (round(cpus / waiting), "Divide by the share of computing, not of waiting."),
        ),
        why=f"{cpus} / (1 − {waiting:g}) = {right}.",
        hint="What share of a CPU does one thread use?",
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
