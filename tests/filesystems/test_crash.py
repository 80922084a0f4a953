"""The crash check: facts, an independent enumeration, recovery that may be interrupted, and planted bugs that it finds."""

import pytest
from hypothesis import given, settings, strategies as st

from oslab.filesystems import crash, journal
from oslab.filesystems.block_file_system import BlockFileSystem
from oslab.filesystems.crash import CrashReport, check, check_all, crash_states
from oslab.filesystems.crash_scenarios import REPLACEMENTS, SCENARIOS, Scenario
from oslab.filesystems.disk import Geometry
from oslab.filesystems.fsck import contents, problems
from oslab.filesystems.journal import COMMITS, MODES, Event, recover
from tests.naive.crashes import disks

EXTENTS = Geometry(layout="extents")


def test_append_without_a_journal_is_the_table_of_the_facts():
    verdicts = {row["on the disk"]: row["verdict"] for row in check("append", "none").table()}
    d, i, b = "data", "inode table", "block bitmap"
    assert verdicts == {
        "nothing": "before",
        d: "before",
        i: "inconsistent",
        b: "inconsistent",
        f"{d} + {i}": "inconsistent",
        f"{d} + {b}": "inconsistent",
        f"{i} + {b}": "garbage",
        f"{d} + {i} + {b}": "after",
    }


def kinds(step):
    return {p.kind for p in check("append", "none").problems(step)}


def test_which_inconsistency_it_is():
    assert kinds(3) == kinds(4) == {"marked free"} and kinds(5) == kinds(6) == {"leak"}


@pytest.mark.parametrize("geometry", [None, EXTENTS], ids=["pointers", "extents"])
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_what_each_mode_promises(scenario, geometry):
    found = {mode: set(check(scenario, mode, geometry=geometry).counts) for mode in MODES}
    fine = {"before", "after", "between"}
    assert found["journal"] <= fine
    assert found["ordered"] <= fine | {"torn"}
    assert found["writeback"] <= fine | {"torn", "garbage"}
    assert found["none"] - fine, "without a journal something goes wrong"
    if scenario not in ("overwrite", "reuse"):
        assert "torn" not in set().union(*found.values())
    assert ("garbage" in found["writeback"]) == (scenario in ("append", "indirect", "reuse"))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("scenario", ["append", "overwrite", "rename", "mkdir"])
def test_every_disk_and_no_other_is_looked_at(scenario, mode):
    report = check(scenario, mode)
    seen = [c.disk for c in report.crashes]
    assert len(set(seen)) == len(seen)
    assert set(seen) == disks(report.before, report.events, loose=mode == "writeback")


def test_the_naive_twin_notices_a_lost_barrier():
    report = check("append", "ordered")
    without = [e for e in report.events if not e.waits]
    assert disks(report.before, without) > {c.disk for c in report.crashes}


@settings(max_examples=80, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.tuples(st.sampled_from(["data", "in place"]), st.integers(0, 2), st.integers(1, 3)),
            st.sampled_from([("barrier", -1, 0), ("sync", -1, 0)]),
        ),
        max_size=8,
    ),
    st.booleans(),
)
def test_enumeration_equals_all_subsets(raw, loose):
    events = [Event(kind, block, value) for kind, block, value in raw]
    assert {c.disk for c in crash_states((0, 0, 0), events, loose)} == disks((0, 0, 0), events, loose)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("scenario", [*SCENARIOS, *REPLACEMENTS])
def test_recovery_interrupted_at_every_write_and_run_again_gives_the_same_disk(scenario, mode):
    for number in range(1, check(scenario, mode).steps + 1):
        one = check(scenario, mode).crashes[number - 1].disk
        recovery = recover(one)
        assert recover(recovery.disk).disk == recovery.disk
        for again in crash_states(one, list(recovery.events)):
            assert recover(again.disk).disk == recovery.disk


def test_recovery_that_empties_the_journal_first_is_caught():
    broken = 0
    for each in check("append", "ordered").crashes:
        recovery = recover(each.disk)
        head_first = sorted((e for e in recovery.events if not e.waits), key=lambda e: e.kind != "head")
        broken += any(recover(again.disk).disk != recovery.disk for again in crash_states(each.disk, head_first))
    assert broken


def test_revoke_saves_the_users_data():
    assert "garbage" not in check("reuse", "ordered").counts
    assert check("reuse", "ordered", revoke=False).counts["garbage"] == 4
    report = check("reuse", "ordered")
    assert any(report.recovery(k).skipped for k in range(1, report.steps + 1))


@pytest.mark.parametrize("mode", MODES[1:])
def test_a_commit_that_nothing_orders_breaks_metadata(mode):
    assert check("create", mode, "neither").counts["inconsistent"]
    assert not check("create", mode, "checksum").counts["inconsistent"]


def test_a_checksum_alone_breaks_the_promise_of_ordered():
    assert check("append", "ordered", "checksum").counts["garbage"] == 1
    assert not check("append", "journal", "checksum").counts["garbage"]


def test_ways_to_replace_a_file():
    def verdicts(way):
        report = check(way, "ordered", delayed=True)
        return set(report.counts), report.durable

    assert verdicts("safe") == ({"before", "after"}, True)
    assert verdicts("in_place") == ({"before", "after", "empty"}, True)
    assert verdicts("unlink_first") == ({"before", "after", "missing"}, True)
    assert verdicts("no_fsync") == ({"before", "after", "empty"}, False)
    assert verdicts("no_directory_fsync") == ({"before", "after"}, False)
    assert all(check(way, "none").counts["inconsistent"] for way in REPLACEMENTS)


def test_delayed_allocation_is_what_empties_a_renamed_file():
    assert set(check("no_fsync", "ordered").counts) == {"before", "after"}
    assert set(check("no_fsync", "journal", delayed=True).counts) == {"before", "after"}


@pytest.mark.parametrize("mode", MODES[1:])
@pytest.mark.parametrize(
    "calls",
    [
        [("mkdir", "/a"), ("mkdir", "/b"), ("rmdir", "/a")],  # room is made by a checkpoint of what is freed next
        [("mkdir", "/b"), ("rmdir", "/b"), ("mkdir", "/a")],
    ],
)  # a block comes back with the contents it had
def test_freed_blocks_that_chance_once_found(mode, calls):
    report = check(Scenario("found by chance", tuple(calls)), mode)
    assert set(report.counts) == {"before", "after", "between"}


OPERATIONS = st.one_of(
    st.tuples(st.sampled_from(["create", "mkdir", "unlink", "rmdir"]), st.sampled_from(["/a", "/b", "/d", "/d/c"])),
    st.tuples(st.just("append"), st.sampled_from(["/a", "/b", "/d/c"]), st.sampled_from([b"x" * 64, b"yz" * 50])),
    st.tuples(
        st.sampled_from(["rename", "link"]), st.sampled_from(["/a", "/b", "/d"]), st.sampled_from(["/a", "/b", "/d/c"])
    ),
)


def possible(listed):
    """Leave out what fails."""
    fs, kept = BlockFileSystem(), []
    for name, *arguments in listed:
        try:
            getattr(fs, name)(*arguments)
            kept.append((name, *arguments))
        except OSError:
            pass
    return kept


@settings(max_examples=150, deadline=None)
@given(st.lists(OPERATIONS, max_size=6), st.sampled_from(MODES[1:]), st.sampled_from(["pointers", "extents"]))
def test_random_operations_keep_the_promises(listed, mode, layout):
    report = check(Scenario("random", tuple(possible(listed))), mode, geometry=Geometry(layout=layout))
    allowed = {"before", "after", "between"} | ({"garbage", "torn"} if mode == "writeback" else set())
    assert set(report.counts) <= allowed
    assert any(seen == report.legal[-1] for seen in map(report.state, range(1, report.steps + 1)))


def test_reports_tell_the_whole_story():
    report = check("append", "none")
    assert isinstance(report, CrashReport) and report.steps == 8
    assert "marks it free" in report.why(3) and "block 1 of /a" in report.why(7)
    assert str(report) == "Append a block, none: 8 crashes: 2 before, 1 after, 1 garbage, 4 inconsistent"
    summary = check_all()
    assert summary.worst("writeback") == "garbage" and summary.worst("journal") == "nothing wrong"
    assert summary.crashes == sum(check(s, m).steps for s in SCENARIOS for m in MODES)
    assert len(summary.table()) == len(SCENARIOS)


def test_bad_input():
    with pytest.raises(ValueError, match="scenario='burn': allowed are 'append'"):
        check("burn")
    with pytest.raises(ValueError, match="mode='always': allowed are 'none', 'writeback'"):
        check("append", "always")
    with pytest.raises(ValueError, match="commit='never': allowed are " + ", ".join(map(repr, COMMITS))):
        check("append", commit="never")
    with pytest.raises(ValueError, match="at most 65536"):
        list(crash_states((0,) * 20, [Event("data", k, 1) for k in range(17)]))
    with pytest.raises(ValueError, match="the journal holds 3"):
        check("mkdir", geometry=Geometry(journal=4))


def test_a_full_journal_is_checkpointed_and_goes_on():
    many = Scenario("many", tuple(("create", f"/f{k}") for k in range(6)))
    report = check(many, "ordered", geometry=Geometry(journal=8))
    assert sum(e.kind == "head" for e in report.events) > 1
    assert set(report.counts) == {"before", "between", "after"}


def test_stale_transactions_are_not_taken_for_new_ones():
    journal_one = journal.Journal(BlockFileSystem().disk)
    fs = BlockFileSystem()
    journal_one.add(fs.create("/a"))
    journal_one.checkpoint()
    journal_one.add(fs.create("/b"))
    disk = journal.apply(BlockFileSystem().disk, journal_one.events)
    assert [t.number for t in recover(disk).scanned] == [2]
    assert contents(recover(disk).disk) == contents(fs.disk) and not problems(recover(disk).disk)
    assert crash.LARGEST == 65536
