"""Counting primes in compiled code that lets go of the interpreter's lock."""

from oslab._jit import kernel

__all__ = ["count_primes_compiled"]


@kernel
def count_primes_compiled(n):
    """Count the primes below n by trial division, as `oslab.ai.measure.children.parallel_jobs.count_primes` does."""
    count = 0
    for i in range(2, n):
        prime = 1
        j = 2
        while j * j <= i:
            if i % j == 0:
                prime = 0
                break
            j += 1
        count += prime
    return count
