"""Primes and the divisions that find them, told from the rule with sets and lists."""


def count_primes(n):
    """Numbers from 2 below n that are no product of two such numbers."""
    products = {a * b for a in range(2, n) for b in range(a, (n - 1) // a + 1)}
    return len(set(range(2, n)) - products)


def divisions(n):
    """Each number is divided by 2, 3, ... while the divisor's square is no larger, until one divides it."""
    done = 0
    for i in range(2, n):
        tried = [j for j in range(2, i) if j * j <= i]
        hits = [k for k, j in enumerate(tried) if i % j == 0]
        done += hits[0] + 1 if hits else len(tried)
    return done
