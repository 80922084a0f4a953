"""Exercises of the quiz as textbooks set them: what a C program that forks prints."""

import numpy as np

from oslab.quizzes import Number, traps

__all__ = ["lines_of_a_program"]

FORKS = {"fork();": 2, "if (fork() > 0) fork();": 3, "fork() && fork();": 3, "for (i = 0; i < 2; i++) fork();": 4}


def lines_of_a_program(seed: int) -> Number:
    """Ask how many lines a C program prints on a terminal, or into a file."""
    from oslab.processes.fork_tree import count_processes

    draw, to_file = np.random.default_rng(seed), seed % 2 == 0
    first, second = (list(FORKS)[int(k)] for k in draw.integers(0, len(FORKS), 2))
    text = f'int i; printf("a\\n"); {first} printf("b\\n"); {second} printf("c\\n");'
    tree = count_processes(text)
    right = tree.lines_to_file if to_file else tree.lines
    into = "a file, where text waits in the program until it ends" if to_file else "a terminal, line by line"
    return Number(
        f"`{text}` It prints into {into}. How many lines come out?",
        right,
        "lines",
        traps(
            right,
            (tree.lines if to_file else tree.lines_to_file, f"That is so into a {'terminal' if to_file else 'file'}."),
            (tree.count, "That is how many processes there are; a and b are lines too."),
            (
                3 * tree.count,
                "Not every process comes by every line." if not to_file else "Look again at what is copied.",
            ),
            (3, "Each process that comes by prints."),
        ),
        why=f"There are {tree.count} processes in the end. "
        + (
            "Each has a copy of all that was printed before it was forked, and writes it out when it ends: a, b and c "
            "for each of them."
            if to_file
            else f"a is printed once, b {FORKS[first]} times, c {tree.count} times: a line end writes the line out at once."
        ),
        hint="Is anything in the buffer when fork copies the process?",
        recompute=lambda: (
            3 * FORKS[first] * FORKS[second] if to_file else 1 + FORKS[first] + FORKS[first] * FORKS[second]
        ),
    )
