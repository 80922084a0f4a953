"""Prediction of the next CPU burst from earlier ones by exponential averaging, as SJF needs it."""

from collections.abc import Sequence

from oslab.base import Several, checked, real

__all__ = ["predicted_bursts"]


TIME = real(0)


@checked(bursts=Several(TIME, least=0, most=100_000), alpha=real(0, 1), first=TIME)
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
    ValueError, TypeError
        An alpha outside 0 to 1, or times below 0.

    Examples
    --------
    >>> predicted_bursts([6, 4])
    [10.0, 8.0, 6.0]
    """
    guesses = [first]
    for burst in bursts:
        guesses.append(alpha * burst + (1 - alpha) * guesses[-1])
    return guesses
