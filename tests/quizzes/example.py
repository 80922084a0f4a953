"""A bank with every kind of question, small enough to be checked by eye."""

import random

from oslab.quizzes import Bank, Choice, Choices, Match, Number, Order, Written, traps


def pages(seed):
    """Ask for a sum, with computed traps."""
    a, b = random.Random(seed).sample(range(2, 30), 2)
    wrong = traps(a + b, (a * b, "That is the product."), (abs(a - b), "That is the difference."))
    return Number(
        f"A task has {a} pages, another {b}. How many pages together?",
        a + b,
        "pages",
        wrong,
        why="Nothing is shared, so they add up.",
        hint="Nothing is shared.",
        recompute=lambda: b + a,
    )


def last(seed):
    """Ask for one of three."""
    a, b, c = random.Random(seed).sample(range(1, 10), 3)
    return Choice(
        f"Queued in the order {a}, {b}, {c}: who leaves a stack first?",
        f"task {c}",
        {f"task {a}": "A queue would let it go first.", f"task {b}": "It is in the middle."},
        why="Last in, first out.",
        recompute=lambda: f"task {[a, b, c].pop()}",
    )


WRITTEN = Written(
    "What is a page fault?",
    "An access to a page that has no frame.",
    ["The MMU raises it", "The kernel finds the page", "The access is made again"],
)
ORDER = Order(
    "Order the walk.",
    ["PGD", "PUD", "PMD", "PTE"],
    {("PTE", "PGD"): "The leaf is what one is after."},
    why="From the root down.",
)
CHOICES = Choices(
    "Which does a larger page reduce?",
    {"TLB misses": "each entry reaches further", "levels walked": ""},
    {"waste in the last page": "It grows with the page."},
    why="Fewer, higher entries.",
)
MATCH = Match(
    "Which condition does it break?",
    {"order": "circular wait", "all at once": "hold and wait", "force": "no preemption"},
    {("order", "hold and wait"): "Each lock is still taken while another is held."},
    why="Prevention breaks one.",
)

BANK = Bank("example", [(WRITTEN, ORDER), pages, last, CHOICES, MATCH])
