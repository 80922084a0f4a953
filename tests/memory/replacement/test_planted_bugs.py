"""Laws of the policies with R and M bits, told from the references alone, and what shows that laws and twins notice bugs.

A planted bug is a twin with one line changed: the law must fail on it, or the policy differ from it, on some trace.
"""

import inspect
import random

import pytest
from hypothesis import given, settings, strategies as st

from oslab.memory import Trace, simulate
from tests.naive import replacement as naive

INTERVAL = 3
BUGS = [  # policy, a line of its twin, what stands there instead
    ("nru", "(False, True), (True, False)", "(True, False), (False, True)"),
    ("nru", "time % interval == 0", "time % interval == 1"),
    ("nru", 'entry["r"] = False', "pass"),
    ("aging", '[entry["r"]] + entry["bits"][:-1]', '[not entry["r"]] + entry["bits"][:-1]'),
    ("aging", '"01"[entry["r"]] + entry["bits"][:-1]', 'entry["bits"][1:] + "01"[entry["r"]]'),
    ("aging", ".index(min(", ".index(max("),
    ("clock_dirty", 'not memory[frame]["r"] and not memory[frame]["m"]', 'not memory[frame]["r"]'),
    ("clock_dirty", "hand[0] = frame + 1", "hand[0] = frame"),
    ("clock_dirty", "(hand[0] + k) % frames", "k"),
    ("wsclock", "> tau", ">= tau"),
    ("wsclock", 'entry["r"], entry["noted"] = False, time', 'entry["r"] = False'),
    ("wsclock", "(clean or order)[0]", "order[0]"),
]
OPTIONS = {"nru": {"interval": INTERVAL}, "aging": {"interval": INTERVAL}, "clock_dirty": {}, "wsclock": {"tau": 3}}


def planted(policy, line, instead):
    """Return the twin with a line changed."""
    source = inspect.getsource(naive.NAIVE[policy]).replace("@twin\n", "")
    assert line in source
    names = {**vars(naive)}
    exec(source.replace(line, instead), names)
    return names[policy]


def traces(count=300):
    """Yield pages, writes and frames, the same ones each time."""
    draw = random.Random(1)
    for _ in range(count):
        n = draw.randint(5, 40)
        yield [draw.randint(0, 7) for _ in range(n)], [draw.random() < 0.4 for _ in range(n)], draw.randint(2, 5)


def bits(pages, writes, gone, time):
    """Return for each page in memory before reference `time`: in which intervals since it came it was used, and whether it
    is dirty."""
    came = {}
    for k in range(time):
        if gone[k] is not None:
            came.pop(gone[k])
        came.setdefault(pages[k], k)
    looks = [look for look in range(0, time + 1, INTERVAL) if look]
    used = {
        page: [
            any(pages[k] == page for k in range(max(look - INTERVAL, start), look)) for look in looks if look > start
        ]
        for page, start in came.items()
    }
    now = {page: page in pages[max((looks or [0])[-1], start) : time] for page, start in came.items()}
    dirty = {page: any(writes[k] for k in range(start, time) if pages[k] == page) for page, start in came.items()}
    return used, now, dirty


def breaks_nru(pages, writes, events):
    """Return the first step at which a page goes though one of a lower class is there, or None."""
    gone = [page for _, page in events]
    for time, page in enumerate(gone):
        if page is not None:
            _, now, dirty = bits(pages, writes, gone, time)
            classes = {p: 2 * now[p] + dirty[p] for p in now}
            if classes[page] > min(classes.values()):
                return time
    return None


def breaks_aging(pages, writes, events):
    """Return the first step at which a page goes though another one's last eight intervals make a smaller number, or None."""
    gone = [page for _, page in events]
    for time, page in enumerate(gone):
        if page is not None:
            used, _, _ = bits(pages, writes, gone, time)
            counters = {p: tuple([*reversed(looks[-8:]), *[False] * 8][:8]) for p, looks in used.items()}
            if counters[page] > min(counters.values()):
                return time
    return None


LAWS = {"nru": breaks_nru, "aging": breaks_aging}


@pytest.mark.parametrize("policy", LAWS)
def test_the_law_holds(policy):
    @settings(max_examples=80, deadline=None)
    @given(st.lists(st.tuples(st.integers(0, 7), st.booleans()), min_size=1, max_size=40), st.integers(1, 5))
    def check(references, frames):
        pages, writes = ([*column] for column in zip(*references))
        run = simulate(Trace(pages, writes=writes), policy, frames, **OPTIONS[policy])
        events = [(hit, None if gone < 0 else int(gone)) for hit, gone in zip(run.hit, run.evicted)]
        assert LAWS[policy](pages, writes, events) is None

    check()


@pytest.mark.parametrize(("policy", "line", "instead"), BUGS)
def test_a_planted_bug_is_noticed(policy, line, instead):
    bug, law = planted(policy, line, instead), LAWS.get(policy)
    differs = broken = 0
    for pages, writes, frames in traces():
        made = list(bug(pages, frames, writes=writes, **OPTIONS[policy]))
        differs += made != list(naive.NAIVE[policy](pages, frames, writes=writes, **OPTIONS[policy]))
        broken += law is not None and law(pages, writes, made) is not None
    assert differs, "the twin would not notice"
    assert broken or law is None, "the law would not notice"
