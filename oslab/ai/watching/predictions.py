"""What is asked before labs 2, 5 and 6; the keys are worked out by the models, or read from the recorded runs."""

from __future__ import annotations

from oslab.lab.quizzes import Choice

__all__ = ["give_away", "slowest_part", "waiting_workers"]


def waiting_workers(seed: int = 1) -> Choice:
    """Predict who is faster where the work is waiting."""
    from oslab.ai.parallel import run_parallel

    run = run_parallel("waits")
    threads, processes = run.speed[:2]
    right = "Threads" if threads > processes * 1.1 else "Processes" if processes > threads * 1.1 else "Both alike"
    reasons = {"Threads": "The lock would have to be let go while a thread waits.",
               "Processes": "That is so for computing; a thread that waits lets go of the lock, and needs no start.",
               "Both alike": "Starting an interpreter costs CPU time, some 80 ms of it for each process."}
    return Choice("Now the four workers do not count: each waits 100 ms for a network, in Python with its lock. "
                  "Which way is faster, threads or newly started processes?", right,
                  {k: v for k, v in reasons.items() if k != right},
                  why=f"Threads wait at the same time, {threads:.3g} times as fast as one after another; processes must be "
                      f"started first: {processes:.3g} times.")


def give_away(seed: int = 1) -> Choice:
    """Predict which counter gives a lock away."""
    from oslab.ai.counters import PANELS
    from oslab.ai.watching.watch import watched_runs

    runs = watched_runs()
    names = ("minor_faults", "resident", "voluntary_switches", "written_characters")
    lead = {name: runs["lock"].typical(name) / (max(run.typical(name) for key, run in runs.items() if key != "lock") or 1)
            for name in names}
    right = max(names, key=lambda name: lead[name])
    reasons = {"minor_faults": "Pages are touched once; a lock is the same few bytes all the time.",
               "resident": "A lock takes 40 bytes.", "written_characters": "Nothing is written to a file.",
               "voluntary_switches": "Each time a thread sleeps for the lock, it gives up its CPU."}
    return Choice("Two threads hand a lock to and fro, as fast as they can. Which counter of theirs is far above that of a "
                  "program that computes, writes files, or takes memory?", PANELS[right][0],
                  {PANELS[name][0]: reasons[name] for name in names if name != right},
                  why=f"Recorded: {runs['lock'].typical(right):.3g} {PANELS[right][1]} against "
                      f"{runs['compute'].typical(right):.3g} of a program that computes.")


def slowest_part(seed: int = 1) -> Choice:
    """Predict what spinning threads do to a loop that waits for its loader."""
    from oslab.ai.diagnosis import CAUSES
    from oslab.ai.training import train

    found = train(threads=4)
    right = found.causes[0]
    reasons = {"loading": "It was, before; but now its loader is ready and gets no CPU for most of the time.",
               "memory": "Spinning threads stay in their caches.", "compute": "Arithmetic takes 5 % of the step."}
    return Choice("This loop decodes 8 samples of 4 ms in one loader, on 2 CPUs. Somebody sets the number of threads of the "
                  "numerical library to 4, and three of them spin beside it, waiting for work. What takes most of a step now?",
                  CAUSES[right], {CAUSES[k]: v for k, v in reasons.items()},
                  why=f"Five want to run on two CPUs: {found.shares[right]:.0%} of the time is spent ready without one, and a "
                      f"step takes {found.step * 1000:.3g} ms instead of {train().step * 1000:.3g}.")
