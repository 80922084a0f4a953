"""The predictions asked before chapter 4's labs; every key is worked out by the models."""

from oslab.quizzes import Choice, Number, traps
from oslab.synchronization.questions.quiz import while_or_if

__all__ = [
    "a_larger_buffer",
    "cycles_with_a_fourth",
    "does_if_fail",
    "eight_cpus_one_lock",
    "fewest_in_the_end",
    "may_the_banker_grant",
    "most_lost",
    "ordering_when_forks_are_free",
    "rarer_with_more",
]


def fewest_in_the_end(seed: int = 1) -> Number:
    """Predict the least final value of two threads with two increments each."""
    from oslab.synchronization.counter import count_in_every_way

    least = min(count_in_every_way(2, 2).outcomes)[0]
    return Number(
        "Two threads increment x twice each, without a lock. x starts at 0 and should end with 4. Your guess: what is "
        "the smallest final value of x?",
        least,
        "final value",
        traps(
            least,
            (3, "More than one update can be lost."),
            (1, "Nearly. But before its second increment a thread has stored at least 1, so it then loads at least 1."),
            (4, "That is the result if no update is lost."),
            (0, "Each store is at least 1."),
        ),
        settings={"threads": 2, "times": 2, "guard": "none"},
        why="One thread loads 0, waits for the other's first increment, then stores 1. The other loads this 1, waits for "
        "the rest, then stores 2. So x can end with 2 for any number of increments from 2 on.",
    )


def most_lost(seed: int = 1) -> Number:
    """Predict how much eight threads with one increment each can lose."""
    from oslab.synchronization.counter import worst_loss

    right = float(worst_loss(1, 8).percent[-1])
    return Number(
        "8 threads increment x once each, without a lock. What is the largest share of the increments that can be lost, in %?",
        right,
        "%",
        traps(
            right,
            (100.0, "Each thread stores at least 1."),
            (50.0, "More can be lost than every second one: all threads may load 0."),
            absolute=0.5,
        ),
        absolute=0.5,
        settings={"increments": 1},
        why="All load 0, and all store 1: 7 of 8 are lost.",
    )


def a_larger_buffer(seed: int = 1) -> Choice:
    """Predict what a larger buffer does for the pace."""
    from oslab.synchronization.bounded_buffer import flow

    gain = flow(size=32).rate / flow(size=10).rate
    said = {"about as many": 1.0, "50 % more": 1.5, "three times as many": 3.2}
    right = min(said, key=lambda text: abs(said[text] - gain))
    return Choice(
        "Making an item takes 2 ms, using it 3 ms. The buffer grows from 10 places to 32. How many items a second "
        "does the consumer use then?",
        right,
        {text: "A larger buffer makes neither side faster." for text in said if text != right},
        why=f"{flow(size=10).rate:.0f} a second with 10 places, {flow(size=32).rate:.0f} with 32. The consumer is "
        "the bottleneck, and the buffer only decides how far ahead of it the producer may run.",
    )


def does_if_fail(seed: int = 1) -> Choice:
    """Predict whether `if` for `while` fails with one producer and one consumer."""
    return while_or_if(0)


def rarer_with_more(seed: int = 1) -> Choice:
    """Predict how the share of schedules that deadlock changes with the number of philosophers."""
    from oslab.synchronization.deadlock import dine

    def share(n: int) -> float:
        verdict = dine(n).verdict
        return verdict.deadlocks[0].schedules / verdict.schedules

    few, many = share(5), share(8)
    smaller, same, larger = "a much smaller share", "about the same share", "a larger share"
    right = smaller if many < few / 2 else larger if many > few else same
    return Choice(
        "The picture shows five philosophers. With eight, which share of all schedules ends in the deadlock?",
        right,
        {
            text: "All eight must hold one fork at the same moment, and none may have taken both before."
            for text in (smaller, same, larger)
            if text != right
        },
        why=f"One in {1 / few:_.0f} with five, one in {1 / many:_.0f} with eight".replace("_", "\u202f")
        + ": a test is less likely to meet it, but it is still possible.",
    )


def ordering_when_forks_are_free(seed: int = 1) -> Choice:
    """Predict what ordering costs where forks are seldom wanted."""
    from oslab.synchronization.dining_throughput import serve

    rate = serve(5, 5.0, 0.2).rate
    ratio = rate["circular_wait"] / rate["mutual_exclusion"]
    said = {"about a third": 0.33, "about 60 %, as now": 0.6, "nearly all": 0.95}
    right = min(said, key=lambda text: abs(said[text] - ratio))
    return Choice(
        "Now the philosophers think for 5 s and eat for 0.2 s. How many meals does ordering allow, compared with "
        "those that sharing allows?",
        right,
        {text: f"It is {100 * ratio:.0f} %." for text in said if text != right},
        why="A fork is then nearly always free when it is wanted. The cost of a strategy depends on the share of "
        "time for which the locks are held.",
    )


def cycles_with_a_fourth(seed: int = 1) -> Number:
    """Predict the number of cycles in a lock-order graph."""
    from oslab.synchronization.lock_graph import lock_order

    right = len(lock_order("A: x y, B: y z, C: z x, D: y x").cycles)
    return Number(
        "A fourth thread, D, takes y and then x, as in D: y x. How many cycles does the graph have then?",
        right,
        "cycles",
        traps(
            right,
            (1, "x → y → z → x is still there, and D adds an arrow."),
            (3, "A path round x, y and z with another start is the same cycle."),
        ),
        settings={"sections": "A: x y, B: y z, C: z x, D: y x"},
        why="x → y → z → x as before, and x → y → x.",
    )


def may_the_banker_grant(seed: int = 1) -> Choice:
    """Predict the banker's answer to a request that could be served at once."""
    from oslab.synchronization.banker import SILBERSCHATZ, bank

    said = {"granted": "Granted", "wait": "Must wait: not free", "denied": "Denied: unsafe"}
    right = said[bank(0, 0, 2, 0, SILBERSCHATZ.replace("3 3 2; ", "2 3 0; ").replace("2 0 0 /", "3 0 2 /")).answer]
    why = {
        "Granted": "The units are free, but check which processes could finish afterwards.",
        "Must wait: not free": "3 of B are free, 2 are asked for.",
    }
    return Choice(
        "P1 has been given (1 0 2), so 2 3 0 are free. Now P0 asks for (0 2 0). What does the banker answer?",
        right,
        why,
        why="The units are free, but with (2 1 0) left no process is sure to finish.",
    )


def eight_cpus_one_lock(seed: int = 1) -> Number:
    """Predict Amdahl's limit."""
    from oslab.synchronization.speedup import amdahl

    right = round(float(amdahl(0.25, 8).speedup[-1]), 2)
    return Number(
        "A quarter of the work is in the critical section. By Amdahl's law, how many times as fast as one thread "
        "are 8 threads on 8 CPUs?",
        right,
        "times",
        traps(
            right,
            (8.0, "That is right only if nothing is shared."),
            (4.0, "That is the limit for any number of CPUs."),
            (6.0, "The locked quarter does not get faster."),
            absolute=0.1,
        ),
        absolute=0.1,
        settings={"share": 0.25, "cpus": 8},
        why=f"1 / (0.25 + 0.75 / 8) = {right}.",
    )
