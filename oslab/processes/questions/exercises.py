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
    into = "a file: output stays in the buffer until exit" if to_file else "a terminal: each line is written at once"
    return Number(
        f"`{text}` It prints to {into}. How many lines are printed?",
        right,
        "lines",
        traps(
            right,
            (
                tree.lines if to_file else tree.lines_to_file,
                f"That is the number if the output goes to a {'terminal' if to_file else 'file'}.",
            ),
            (tree.count, "That is the number of processes. The lines a and b count too."),
            (
                3 * tree.count,
                "Not every process executes every `printf`." if not to_file else "Consider what a fork copies.",
            ),
            (3, "Every process that reaches a `printf` prints."),
        ),
        why=f"At the end there are {tree.count} processes. "
        + (
            "A fork copies the buffer with everything printed so far. Each process writes its buffer at exit: a, b "
            "and c."
            if to_file
            else f"a is printed once, b {FORKS[first]} times, c {tree.count} times: on a terminal a newline flushes the buffer."
        ),
        hint="Is the buffer empty when fork copies the process?",
        recompute=lambda: (
            3 * FORKS[first] * FORKS[second] if to_file else 1 + FORKS[first] + FORKS[first] * FORKS[second]
        ),
    )
