"""SJF needs to know a burst before it has run: the guess from those before, by exponential averaging."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["predicted_bursts"]


def predicted_bursts(bursts: Sequence[float], alpha: float = 0.5, first: float = 10.0) -> list[float]:
    """Return the guess made before each burst, and the one for the next: guess = alpha·last + (1 − alpha)·last guess.

    Parameters
    ----------
    bursts : sequence of float
        As they turned out, ms.
    alpha : float
        0 (the first guess for ever) to 1 (the last burst again).
    first : float
        The guess before anything is known, ms.

    Returns
    -------
    list of float
        One more than `bursts`.

    Raises
    ------
    ValueError
        An alpha outside 0 to 1, or times below 0.

    Examples
    --------
    >>> predicted_bursts([6, 4])
    [10.0, 8.0, 6.0]
    """
    if not 0 <= alpha <= 1:
        raise ValueError(f"alpha={alpha!r}: allowed are numbers from 0 to 1")
    if not all(b >= 0 for b in (*bursts, first)):
        raise ValueError(f"bursts={list(bursts)!r}, first={first!r}: allowed are times from 0 up")
    guesses = [float(first)]
    for burst in bursts:
        guesses.append(alpha * burst + (1 - alpha) * guesses[-1])
    return guesses
