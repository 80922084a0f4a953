"""Zipf's law over uniform numbers that stay: a skew slider over a million references is redrawn in milliseconds."""

import functools

import numpy as np

from oslab._jit import compiled, kernel

__all__ = ["ZipfDraws", "zipf_cumulative", "zipf_draws"]

FEWEST_CELLS = 1 << 14
MOST_CELLS = 1 << 20
SAMPLE = 100_000


class ZipfDraws:
    """Uniform numbers of one seed, from which any popularity law is drawn by inversion.

    Parameters
    ----------
    references : int
    seed : int

    Notes
    -----
    Page k is drawn when the uniform falls between ``cumulative[k-1]`` (included) and ``cumulative[k]``.  A guide
    table (Chen and Asau, On generating random variates from an empirical distribution, AIIE Transactions 6(2),
    1974) tells where to begin, so that a draw looks at about two entries instead of searching.
    Draws of one seed agree in their beginning: ``ZipfDraws(100, 1)`` draws the first 100 of
    ``ZipfDraws(1000, 1)``.
    """

    def __init__(self, references: int, seed: int):
        self.uniforms = np.random.default_rng(seed).random(references)

    def __len__(self) -> int:
        return len(self.uniforms)

    def draw(self, cumulative: np.ndarray) -> np.ndarray:
        """Return for each uniform the first index at which `cumulative` exceeds it, uint32.

        Parameters
        ----------
        cumulative : ndarray of float64
            Never falls; its last value is 1.
        """
        if not compiled:
            return np.searchsorted(cumulative, self.uniforms, side="right").astype(np.uint32)
        cells = min(max(1 << (len(cumulative) - 1).bit_length(), FEWEST_CELLS), MOST_CELLS)
        guide, drawn = np.empty(cells, np.uint32), np.empty(len(self), np.uint32)
        fill_guide(cumulative, guide)
        draw_by_guide(self.uniforms, cumulative, guide, drawn)
        return drawn

    def zipf(self, pages: int, skew: float) -> np.ndarray:
        """Return page numbers (0 is the most popular) drawn by Zipf's law, uint32."""
        return self.draw(zipf_cumulative(pages, float(skew)))


_kept = functools.lru_cache(maxsize=4)(ZipfDraws)


def zipf_draws(references: int, seed: int) -> ZipfDraws:
    """Return the draws of a seed; the last few samples are kept, so that moving a skew slider draws no new uniforms."""
    return _kept(references, seed) if references <= SAMPLE else ZipfDraws(references, seed)


def zipf_cumulative(pages: int, skew: float) -> np.ndarray:
    """Return the cumulative distribution of Zipf's law: page k (from 0) has probability ~ 1 / (k+1)**skew."""
    cumulative = np.cumsum(np.exp(-skew * _logarithms(pages)))
    cumulative /= cumulative[-1]
    return cumulative


@functools.lru_cache(maxsize=2)
def _logarithms(pages: int) -> np.ndarray:
    return np.log(np.arange(1, pages + 1, dtype=np.float64))


@kernel
def fill_guide(cumulative, guide):
    """Fill `guide`: for each cell the first index whose `cumulative` exceeds the cell's lower end.

    The number of cells is a power of two, so that no product with it is rounded.
    """
    page = 0
    for cell in range(len(guide)):
        while cumulative[page] <= cell / len(guide):
            page += 1
        guide[cell] = page


@kernel
def draw_by_guide(uniforms, cumulative, guide, drawn):
    """Fill `drawn` with the first index whose `cumulative` exceeds each uniform."""
    cells = len(guide)
    for i in range(len(uniforms)):
        page = guide[int(uniforms[i] * cells)]
        while cumulative[page] <= uniforms[i]:
            page += 1
        drawn[i] = page
