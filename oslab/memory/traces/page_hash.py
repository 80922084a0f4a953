"""The choice of the pages to follow in a sample: by a hash of their numbers, so all references to a page or none.

Source: Waldspurger, Park, Garthwaite and Ahmad, Efficient MRC construction with SHARDS, FAST 2015.
"""

import numpy as np

from oslab.base import SEED, Array, checked

__all__ = ["hash_pages"]

ODD = 0x9E3779B97F4A7C15


@checked(pages=Array(int, low=0, high=2**63 - 1, least=0, most=1 << 31), seed=SEED)
def hash_pages(pages: np.ndarray, seed: int = 0) -> np.ndarray:
    """Return a number from 0 to 1 for each page, the same wherever it occurs.

    Parameters
    ----------
    pages : array_like of int
    seed : int
        Chooses the hash.

    Returns
    -------
    ndarray of float64
    """
    # The finaliser of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): neighbours are followed independently.
    mixed = pages.astype(np.uint64) + np.uint64((seed + 1) * ODD % 2**64)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    return (mixed >> np.uint64(11)) * 2.0**-53
