"""fork and copy-on-write against sets of processes, and against smaps."""

import sys

import pytest
from hypothesis import given, strategies as st

from oslab.processes import fork_and_write, share_pages
from oslab.processes.measure import pages_after_fork
from tests.naive import forking

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="smaps is Linux's")


@st.composite
def histories(draw):
    """Events that can happen: forks, writes, exec and exit of processes that still have memory."""
    events, alive, made = [], [0], 1
    for _ in range(draw(st.integers(0, 14))):
        process = draw(st.sampled_from(alive))
        kind = draw(st.sampled_from(["fork", "write", "write", "write", "exec", "exit"]))
        if kind == "fork" and made < 5:
            events.append(("fork", process))
            alive.append(made)
            made += 1
        elif kind == "write":
            events.append(("write", process, draw(st.integers(0, 3))))
        elif len(alive) > 1 and kind != "fork":
            events.append((kind, process))
            alive.remove(process)
    return events


@given(histories())
def test_frames_are_shared_as_sets_say(events):
    run = share_pages(4, events)
    groups, copies, faults = forking.share(4, events)
    assert (run.copies[-1], run.faults[-1]) == (copies, faults)
    frames = run.state(run.steps)
    for page, parts in enumerate(groups):
        held = {}
        for process in range(len(frames)):
            if frames[process, page] >= 0:
                held.setdefault(frames[process, page], set()).add(process)
        assert sorted(map(sorted, held.values())) == sorted(map(sorted, parts))
    assert run.used() == sum(map(len, groups)) <= run.eager()
    for process in range(len(frames)):
        own = sum({process} in parts for parts in groups)
        assert run.private(process) == own and run.shared(process) == (frames[process] >= 0).sum() - own


def test_numbers_worked_out_by_hand():
    run = fork_and_write(64, 0.25)
    assert (run.used(), run.eager(), run.copies[-1], run.tables[-1]) == (80, 128, 16, 1)
    both = fork_and_write(64, 0.25, writer="both")
    assert (both.copies[-1], both.faults[-1]) == (16, 32), "the last owner only makes its frame writable"
    assert fork_and_write(64, 0.5, children=3, exec_at_the_end=True).used() == 64
    assert fork_and_write(1024, 0).tables[-1] == 2
    assert "4 KiB are copied to frame 64" in run.why(2) and "only becomes writable" in both.why(both.steps)
    assert len(run.table()) == run.steps == 17


@linux
@pytest.mark.parametrize("share", [0.1, 0.5, 1.0])
def test_a_real_fork_shares_what_the_model_says(share):
    own, shared = pages_after_fork(1024, (share,))
    model = fork_and_write(1024, share)
    assert own.median.tolist() == [model.private(1)] and shared.median.tolist() == [model.shared(1)]


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: share_pages(0, []), "1 to 4096"),
        (lambda: share_pages(4, [("jump", 0)]), "allowed are"),
        (lambda: share_pages(4, [("write", 1, 0)]), "processes so far"),
        (lambda: share_pages(4, [("write", 0, 4)]), "no such page"),
        (lambda: fork_and_write(8, 1.5), "written=1.5"),
        (lambda: fork_and_write(8, children=9), "children=9"),
        (lambda: fork_and_write(8, writer="x"), "writer='x'"),
        (lambda: fork_and_write(0), "pages=0"),
        (lambda: pages_after_fork(0), "pages=0"),
    ],
)
def test_bad_input(call, said):
    with pytest.raises(ValueError, match=said):
        call()
