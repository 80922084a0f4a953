"""Generated reference strings: the same seed gives the same pages, and a shorter one is the longer one's beginning."""

from typing import Any

import numpy as np

from oslab.base import SEED, Parameter, Registry, checked, choice, integer
from oslab.memory.traces.trace import TRACE, Trace
from oslab.memory.traces.zipf import zipf_cumulative, zipf_draws

__all__ = ["GENERATORS", "generate", "typed_or_drawn"]

GENERATORS = Registry("trace generator")
PAGE = 4096
LONGEST = 20_000_000
NONE = "none: nothing is drawn by rank"


@checked(kind=choice(GENERATORS), references=integer(1, LONGEST), seed=SEED)
def generate(kind: str, references: int = 1_000_000, seed: int = 0, **options: Any) -> Trace:
    """Return a generated trace.

    Parameters
    ----------
    kind : str
        A key of `GENERATORS`.
    references : int
        Its length, 1 to 20 million.
    seed : int
        Not negative.
    **options
        As the registry lists them for `kind`.

    Raises
    ------
    ValueError
        Unknown kind, length, seed or option out of range.
    TypeError
        An option that this kind does not have.

    Examples
    --------
    >>> generate("loop", 7, pages=3)
    Trace(loop: 0, 1, 2, 0, 1, 2, 0; 7 references, 3 pages)
    """
    entry = GENERATORS[kind]
    return Trace(entry.implementation(references, seed, **entry.options(options)), entry.label.lower())


@checked(seed=SEED, length=integer(1, 1_000_000), pages=integer(1, 1_000_000))
def typed_or_drawn(references: Any, seed: int = 0, length: int = 12, pages: int = 6) -> Trace:
    """Return the references as typed, or with a seed a string drawn for an exercise.

    Parameters
    ----------
    references : Trace, array_like of int or str
    seed : int
        0 for what was typed; any other draws `length` pages from 1 to `pages`, each as likely as the next.
    length, pages : int
        1 to 1 000 000.

    Raises
    ------
    ValueError
        A negative seed, no reference, no page.

    Examples
    --------
    >>> typed_or_drawn("1 2 1"), len(typed_or_drawn("", seed=3))
    (Trace(1, 2, 1; 3 references, 2 pages), 12)
    """
    if not seed:
        return TRACE.check("references", references)
    return Trace(np.random.default_rng(seed).integers(1, pages + 1, length), f"seed {seed}")


@GENERATORS.register(
    "scan",
    label="Scan",
    summary="Each page once, in order: a file that is read from end to end.",
    source="the access pattern of cat or grep",
    tie_rule=NONE,
)
def scan(references: int, seed: int) -> np.ndarray:
    """Return 0, 1, 2 and so on."""
    return np.arange(references, dtype=np.int64)


@GENERATORS.register(
    "loop",
    label="Loop",
    summary="The same pages in the same order, again and again: the worst case for LRU.",
    source="Denning, The working set model for program behavior, CACM 11(5), 1968",
    tie_rule=NONE,
    parameters={
        "pages": Parameter(1000, low=1, high=1_000_000, unit="pages", log=True, help="number of pages in one round")
    },
)
def loop(references: int, seed: int, pages: int) -> np.ndarray:
    """Return ``i mod pages``."""
    return _cycle(np.arange(min(pages, references), dtype=np.int64), references)


@GENERATORS.register(
    "zipf",
    label="Zipf",
    summary="Independent draws, the k-th page with a probability proportional to 1/k**skew.",
    source="Breslau and others, Web caching and Zipf-like distributions, INFOCOM 1999",
    tie_rule="page 0 is the most popular",
    parameters={
        "pages": Parameter(100_000, low=1, high=4_000_000, unit="pages", log=True),
        "skew": Parameter(1.0, low=0.0, high=2.0, help="0: all pages are equally popular"),
    },
)
def zipf(references: int, seed: int, pages: int, skew: float) -> np.ndarray:
    """Return independent draws; see `oslab.memory.traces.zipf` for how."""
    return zipf_draws(references, seed).zipf(pages, skew)


@GENERATORS.register(
    "phases",
    label="Phases",
    summary="Uniform draws from a working set, which moves to other pages every phase.",
    source="Denning, The working set model for program behavior, CACM 11(5), 1968",
    tie_rule=NONE,
    parameters={
        "working_set": Parameter(500, low=1, high=100_000, unit="pages", log=True),
        "phase": Parameter(50_000, low=1, high=10_000_000, unit="references", log=True),
        "pages": Parameter(10_000, low=1, high=1_000_000, unit="pages", log=True, help="number of pages in total"),
    },
)
def phases(references: int, seed: int, working_set: int, phase: int, pages: int) -> np.ndarray:
    """Return draws from `working_set` adjacent pages; every `phase` references another place is drawn for them."""
    if working_set > pages:
        raise ValueError(f"working_set={working_set}: allowed are whole numbers from 1 to pages, here {pages}")
    where, inside = (np.random.default_rng([seed, k]) for k in range(2))
    starts = where.integers(0, pages - working_set + 1, -(-references // phase), dtype=np.int64)
    return np.repeat(starts, phase)[:references] + (inside.random(references) * working_set).astype(np.int64)


@GENERATORS.register(
    "bursts",
    label="Scans over a hot set",
    summary="Draws from a hot set by Zipf's law, interrupted by scans of pages that are never used again.",
    source="Johnson and Shasha, 2Q, VLDB 1994",
    tie_rule="the hot pages come first in the numbering",
    parameters={
        "hot": Parameter(2000, low=1, high=100_000, unit="pages", log=True),
        "every": Parameter(
            20_000, low=1, high=1_000_000, unit="references", log=True, help="to the hot set between two scans"
        ),
        "length": Parameter(5000, low=1, high=1_000_000, unit="pages", log=True, help="length of one scan"),
    },
)
def bursts(references: int, seed: int, hot: int, every: int, length: int) -> np.ndarray:
    """Return `every` references to the hot set, then a scan of `length` new pages, and so on."""
    pages = zipf_draws(references, seed).zipf(hot, 1.0).astype(np.int64)
    period = every + length
    for number, start in enumerate(range(every, references, period)):
        stop = min(start + length, references)
        pages[start:stop] = hot + number * length + np.arange(stop - start)
    return pages


@GENERATORS.register(
    "matrix",
    label="Matrix walk",
    summary="Every element of a square matrix that is stored by rows, visited by rows, by columns or in blocks.",
    source="Lam, Rothberg and Wolf, The cache performance and optimizations of blocked algorithms, ASPLOS 1991",
    tie_rule=NONE,
    parameters={
        "order": Parameter("columns", choices=("rows", "columns", "blocked")),
        "size": Parameter(
            1024, choices=(256, 512, 1024, 2048, 4096), unit="elements", help="of a row; an element takes 8 bytes"
        ),
        "block": Parameter(64, choices=(8, 16, 32, 64, 128), unit="elements", help="side length of a block"),
    },
)
def matrix(references: int, seed: int, order: str, size: int, block: int) -> np.ndarray:
    """Return the page of each element visited; after the last element the walk starts again."""
    element = np.arange(min(size * size, references), dtype=np.int64)
    bits, side = size.bit_length() - 1, block.bit_length() - 1  # powers of two: shifts, no divisions
    if order == "columns":
        element = ((element & (size - 1)) << bits) + (element >> bits)
    elif order == "blocked":
        number, inside = element >> 2 * side, element & (block * block - 1)
        row = (number >> (bits - side) << side) + (inside >> side)
        column = ((number & ((size >> side) - 1)) << side) + (inside & (block - 1))
        element = (row << bits) + column
    return _cycle(element * 8 // PAGE, references)


@GENERATORS.register(
    "dataloader",
    label="DataLoader epochs",
    summary="Samples read from a memory-mapped file, every sample once an epoch, shuffled or in order.",
    source="the access pattern of torch.utils.data.DataLoader over numpy.memmap, one worker",
    tie_rule=NONE,
    parameters={
        "samples": Parameter(20_000, low=1, high=1_000_000, log=True, help="number of samples in the file"),
        "sample_size": Parameter(6000, low=1, high=1 << 22, unit="bytes", log=True),
        "shuffle": Parameter(True, help="a new order every epoch"),
    },
)
def dataloader(references: int, seed: int, samples: int, sample_size: int, shuffle: bool) -> np.ndarray:
    """Return the pages of each sample from its first byte to its last, epoch after epoch."""
    rng = np.random.default_rng(seed)
    pages, have = [], 0
    while have < references:
        order = rng.permutation(samples) if shuffle else np.arange(samples)
        order = order[: references - have]
        epoch = _ranges(order * sample_size // PAGE, ((order + 1) * sample_size - 1) // PAGE + 1, references - have)
        pages.append(epoch)
        have += len(epoch)
    return np.concatenate(pages)


@GENERATORS.register(
    "embedding",
    label="Embedding look-ups",
    summary="One row of each embedding table for every example, the rows' popularity by Zipf's law.",
    source="Naumov and others, Deep learning recommendation model, arXiv:1906.00091",
    tie_rule="tables in turn",
    parameters={
        "tables": Parameter(8, low=1, high=64),
        "rows": Parameter(100_000, low=1, high=4_000_000, log=True, help="number of rows of one table"),
        "dimension": Parameter(64, low=1, high=1024, unit="floats", log=True, help="numbers in a row, 4 bytes each"),
        "skew": Parameter(1.05, low=0.0, high=2.0, help="0: all rows are equally popular"),
    },
)
def embedding(references: int, seed: int, tables: int, rows: int, dimension: int, skew: float) -> np.ndarray:
    """Return the first page of each row looked up; popular rows lie scattered over their table."""
    rank = zipf_draws(references, seed).draw(zipf_cumulative(rows, skew))
    page_of_rank = (np.random.default_rng(seed).permutation(rows) * (dimension * 4)) // PAGE
    table_pages = -(-rows * dimension * 4 // PAGE)
    return page_of_rank[rank] + _cycle(np.arange(tables, dtype=np.int64) * table_pages, references)


@GENERATORS.register(
    "kv_cache",
    label="KV cache",
    summary="A token generator: for every token all earlier keys and values of its sequence are read, layer by layer.",
    source="Kwon and others, Efficient memory management for LLM serving with PagedAttention, SOSP 2023",
    tie_rule="sequences in turn within a step; a full sequence starts again in the same memory",
    parameters={
        "layers": Parameter(8, low=1, high=128),
        "sequences": Parameter(4, low=1, high=64, help="number of sequences in the batch"),
        "token_size": Parameter(
            2048, low=1, high=1 << 16, unit="bytes", log=True, help="keys and values of one token in one layer"
        ),
        "prompt": Parameter(128, low=0, high=100_000, unit="tokens", log=False),
        "context": Parameter(1024, low=1, high=100_000, unit="tokens", log=True, help="longest sequence"),
    },
)
def kv_cache(
    references: int, seed: int, layers: int, sequences: int, token_size: int, prompt: int, context: int
) -> np.ndarray:
    """Return the pages of the cache read for each generated token; keys and values lie token after token."""
    if prompt >= context:
        raise ValueError(f"prompt={prompt}: allowed are whole numbers from 0 to context - 1, here {context - 1}")
    lanes = layers * sequences
    lane_pages = -(-context * token_size // PAGE)
    filled = ((np.arange(prompt, context, dtype=np.int64) + 1) * token_size - 1) // PAGE + 1
    steps = int(np.searchsorted(np.cumsum(filled) * lanes, references)) + 1
    filled = filled[:steps]
    starts = np.arange(lanes, dtype=np.int64) * lane_pages
    first = np.broadcast_to(starts, (len(filled), lanes)).ravel()
    return _cycle(_ranges(first, first + np.repeat(filled, lanes), references), references)


def _cycle(pages: np.ndarray, references: int) -> np.ndarray:
    """Return `pages` again and again, `references` in all."""
    return np.resize(pages, references) if len(pages) != references else pages


def _ranges(first: np.ndarray, beyond: np.ndarray, most: int) -> np.ndarray:
    """Return first[0] … beyond[0]-1, first[1] … one after the other, no more than `most` of them."""
    lengths = beyond - first
    ends = np.cumsum(lengths)
    needed = int(np.searchsorted(ends, most)) + 1
    first, lengths, ends = first[:needed], lengths[:needed], ends[:needed]
    step = np.ones(int(ends[-1]), dtype=np.int64)
    step[0] = first[0]
    step[ends[:-1]] = first[1:] - (first[:-1] + lengths[:-1] - 1)
    return np.cumsum(step)[:most]
