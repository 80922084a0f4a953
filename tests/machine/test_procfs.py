"""procfs: files of several kernels, exactly; damaged ones never yield a wrong number; the sampler ends."""

import math
import os
import shutil
import subprocess
import sys
import threading
import time
from dataclasses import asdict, is_dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from oslab.machine import limits, procfs

RECORDED = Path(__file__).parent / "recorded"
OLD, NODES, NEW = RECORDED / "linux-5.4/7041", RECORDED / "linux-6.8/31337", RECORDED / "linux-6.18/412"
PAGE, TICK = os.sysconf("SC_PAGE_SIZE"), os.sysconf("SC_CLK_TCK")


@pytest.fixture
def proc(monkeypatch):
    return lambda folder: monkeypatch.setattr(procfs.text, "PROC", RECORDED / folder)


def test_stat_of_a_name_with_spaces_and_brackets():
    s = procfs.stat(OLD)
    assert (s.pid, s.name, s.state, s.parent, s.threads) == (7041, "python (train) 2", "S", 6990, 9)
    assert (s.minor_faults, s.major_faults, s.virtual_size, s.resident) == (183402, 37, 4831838208, 402113 * PAGE)
    assert (s.user_time, s.system_time) == (61234 / TICK, 4821 / TICK)
    assert (s.priority, s.nice, s.start_time) == (20, 0, 552311 / TICK)
    assert procfs.stat(NODES).name == "pt_data_worker" and procfs.stat(NEW).state == "S"


def test_status_and_rollup():
    s = procfs.status(OLD)
    assert (s.name, s.vm_rss, s.vm_peak, s.page_tables, s.user) == (
        "python (train) 2",
        1608452 << 10,
        5012344 << 10,
        3984 << 10,
        1000,
    )
    assert s.cpus_allowed == {0, 1, 2, 3}
    assert (s.voluntary_switches, s.involuntary_switches) == (20931, 4417)
    assert procfs.smaps_rollup(OLD)["AnonHugePages"] == 409600 << 10 and "Pss_Dirty" not in procfs.smaps_rollup(OLD)
    assert "Pss_Dirty" in procfs.smaps_rollup(NEW)


def test_maps():
    ranges = procfs.maps(OLD)
    assert len(ranges) == 7 and ranges[3].path == "/dev/shm/batch 1 (deleted)" and ranges[3].permissions == "rw-s"
    assert ranges[3].size == 1 << 30 and ranges[4].path == "" and ranges[-1].path == "[vsyscall]"


def test_schedstat_and_sched_of_old_and_new_kernels():
    assert procfs.schedstat(OLD) == procfs.SchedulerTimes(612.340912345, 48.210334455, 25348)
    for folder, waited in ((OLD, 48.210334455), (NODES, 12.123456789)):
        s = procfs.sched(folder)
        assert s["wait_sum"] == pytest.approx(waited) and s["prio"] == 120
        assert s["se.sum_exec_runtime"] == pytest.approx(procfs.schedstat(folder).run_time, rel=1e-6)
    assert procfs.sched(NEW)["se.slice"] > 0


def test_a_program_under_a_quota_of_version_2_on_linux_7():
    newest = RECORDED / "linux-7.2"
    s, group = procfs.stat(newest / "119"), procfs.group_usage(newest / "group")
    assert (s.name, s.state, s.user_time) == ("python3.14", "R", 971 / TICK)
    assert procfs.status(newest / "119").user == 65534 and procfs.status(newest / "119").cpus_allowed == {0, 1}
    assert procfs.schedstat(newest / "119") == procfs.SchedulerTimes(12.170461514, 29.008814891, 398)
    assert procfs.sched(newest / "119")["se.sum_exec_runtime"] == pytest.approx(12.170461514)
    assert procfs.smaps_rollup(newest / "119")["Referenced"] == 6264 << 10
    assert procfs.io(newest / "119").read_bytes == 0
    assert (group.quota, group.periods, group.throttled_periods) == (0.3, 412, 394)
    assert (group.run_time, group.throttled_time) == (12.011923, 27.584347)


def test_io():
    assert asdict(procfs.io(OLD))["read_bytes"] == 45061734400


def test_numa_maps_with_two_nodes_and_without_numa():
    ranges = procfs.numa_maps(NODES)
    assert [r.policy for r in ranges] == [
        "default",
        "default",
        "bind:1",
        "interleave:0-1",
        "prefer (many):0-1",
        "weighted interleave:0-1",
        "bind=static:0",
        "default",
    ]
    assert ranges[0].pages == {0: 500, 1: 12} and ranges[4].page_size == 2 << 20
    assert [r.path for r in ranges][1:4] == ["heap", "", "/dev/shm/batch\\0401"] and ranges[-1].path == "stack"
    assert procfs.numa_maps(OLD) is None
    [stack] = procfs.numa_maps(RECORDED / "linux-3.10/2210")
    assert (stack.policy, stack.path, stack.pages) == ("default", "stack", {0: 3})
    assert len(procfs.numa_maps(NEW)) > 20


@pytest.mark.parametrize(("name", "reader"), [("interrupts", procfs.interrupts), ("softirqs", procfs.softirqs)])
def test_a_lost_cpu_of_the_first_line_shifts_no_number(name, reader, tmp_path, monkeypatch):
    monkeypatch.setattr(procfs.text, "PROC", tmp_path)
    (tmp_path / name).write_text((RECORDED / "linux-5.4" / name).read_text().replace("CPU0", "", 1))
    assert not reader()


def test_machine_of_an_old_kernel(proc):
    proc("linux-5.4")
    m = procfs.meminfo()
    assert (m.total, m.available) == (16302992 << 10, 11033212 << 10)
    s = procfs.system_stat()
    assert set(s.cpus) == {0, 1, 3} and s.cpu.user == 1203456 / TICK and s.running == 3
    assert s.cpu.user == pytest.approx(sum(c.user for c in s.cpus.values()))
    assert procfs.interrupts()["126"][0] == 812349 and "ERR" not in procfs.interrupts()
    assert procfs.softirqs()["TIMER"] == 20123456 + 15123456 + 14876544
    cpu = procfs.pressure("cpu")
    assert cpu.full is None and cpu.some.avg10 == pytest.approx(0.123) and cpu.some.total == 981.234567
    assert procfs.pressure("memory") is None


def test_machine_of_a_new_kernel(proc):
    proc("linux-6.18")
    assert procfs.system_stat().cpus.keys() == {0, 1} and procfs.meminfo().cached > 0
    assert (
        procfs.interrupts()["TLB"][1] == "TLB shootdowns"
        and procfs.softirqs()["NET_RX"]
        and procfs.pressure("cpu").full is not None
    )
    proc("linux-6.8")
    assert procfs.pressure("memory").some.avg10 == 1.0
    with pytest.raises(ValueError, match="resource='disk'"):
        procfs.pressure("disk")


def test_groups_of_both_versions():
    one = [procfs.group_usage(RECORDED / "group-v1" / name, 1) for name in ("cpu", "cpuacct", "memory")]
    two = procfs.group_usage(RECORDED / "group-v2")
    for group in (one[0], two):
        assert (group.quota, group.period, group.periods, group.throttled_periods) == (0.25, 0.1, 1204, 1100)
        assert group.throttled_time == pytest.approx(812.345678901, abs=1e-6)
    for group in (one[1], two):
        assert group.run_time == pytest.approx(30.123456789, abs=1e-6)
    assert math.isinf(one[2].memory_high) and math.isinf(two.memory_high)
    assert (one[2].memory_max, two.memory_max) == (4 << 30, 16 << 30)
    assert procfs.group_usage(RECORDED / "nowhere") == procfs.GroupUsage(2)
    assert procfs.group_usage(RECORDED / "nowhere", 1) == procfs.GroupUsage(1)


@pytest.fixture
def place(monkeypatch, tmp_path):
    """Write files of /proc and of control groups; ``@`` in a text stands for the folder."""

    def write(files):
        for name, text in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text.replace("@", str(tmp_path)) + "\n")
        monkeypatch.setattr(procfs.text, "PROC", tmp_path / "proc")
        return tmp_path

    return write


MOUNTED = "30 23 0:26 {root} @/{point} rw,nosuid - {kind} none rw,{options}"


def test_controllers_in_another_order_than_their_mount(place):
    here = place(
        {
            "proc/self/mountinfo": MOUNTED.format(root="/", point="cpu,cpuacct", kind="cgroup", options="cpu,cpuacct"),
            "proc/self/cgroup": "4:cpuacct,cpu:/a/b",
            "cpu,cpuacct/a/b/cpu.cfs_quota_us": "-1",
            "cpu,cpuacct/a/b/cpu.cfs_period_us": "100000",
            "cpu,cpuacct/a/cpu.cfs_quota_us": "150000",
            "cpu,cpuacct/a/cpu.cfs_period_us": "100000",
        }
    )
    top = here / "cpu,cpuacct"
    assert procfs.control_groups() == [("cpuacct,cpu", place) for place in (top / "a/b", top / "a", top)]
    assert limits.cpu_quota() == 1.5


def test_a_mount_that_shows_a_part_of_the_hierarchy(place):
    here = place(
        {
            "proc/self/mountinfo": MOUNTED.format(root="/docker/4f", point="memory", kind="cgroup", options="memory"),
            "proc/self/cgroup": "4:memory:/docker/4f/job",
            "proc/77/cgroup": "4:memory:/docker/4f/other",
            "proc/78/cgroup": "4:memory:/../../outside",
            "memory/job/memory.limit_in_bytes": "1048576",
            "memory/other/memory.limit_in_bytes": "2097152",
            "memory/memory.limit_in_bytes": "9223372036854771712",
        }
    )
    assert procfs.control_groups()[0] == ("memory", here / "memory/job")
    assert (limits.memory_limit(), limits.memory_limit(77)) == (1 << 20, 2 << 20)
    assert procfs.control_groups(78) == procfs.control_groups(79) == []


def test_a_group_that_is_called_by_its_name_outside(place):
    here = place(
        {
            "proc/self/mountinfo": MOUNTED.format(root="/", point="unified", kind="cgroup2", options="nsdelegate"),
            "proc/self/cgroup": "0::/docker/4f",
            "unified/cpu.max": "50000 100000",
        }
    )
    assert procfs.control_groups() == [("", here / "unified")] and limits.cpu_quota() == 0.5


def test_names_of_mounts_are_what_they_are(place, tmp_path):
    place({})
    (tmp_path / "proc/self").mkdir(parents=True)
    odd = "/mnt/für Ünal\\n".encode() + b"\xff"
    written = odd.replace(b"\\", b"\\134").replace(b" ", b"\\040")
    line = b"30 23 0:26 / " + written + b" rw shared:1 master:2 - ext4 /dev/sda rw,discard\n"
    (tmp_path / "proc/self/mountinfo").write_bytes(line + b"31 23 cut off")
    [mount] = procfs.mounts()
    assert os.fsencode(mount.point) == odd and mount.kind == "ext4" and mount.options == {"rw", "discard"}


def test_a_list_of_cpus_may_end_in_nul():
    for written in ("0-2,5", "0-2,5\n", "0-2,5\n\0", "0-2,5\0"):
        assert procfs.cpu_list(written) == {0, 1, 2, 5}
    assert procfs.cpu_list("") is procfs.cpu_list("2-0") is procfs.cpu_list("0-999999") is None


def test_a_negative_time_of_children_spoils_nothing_else(tmp_path):
    text = (OLD / "stat").read_text()
    (tmp_path / "stat").write_text(text.replace(" 310 ", " -310 ", 1))
    assert (tmp_path / "stat").read_text() != text and procfs.stat(tmp_path) == procfs.stat(OLD)


def test_this_process_where_there_is_proc():
    if procfs.status() is None:
        pytest.skip("no /proc here")
    assert procfs.stat().pid == os.getpid() and procfs.status().threads >= 1 and len(procfs.descriptors()) > 2
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        assert child.pid in procfs.children()
    finally:
        child.communicate()
    assert child.pid not in procfs.children()
    for read in (
        procfs.stat,
        procfs.status,
        procfs.schedstat,
        procfs.sched,
        procfs.io,
        procfs.descriptors,
        procfs.smaps_rollup,
        procfs.numa_maps,
    ):
        assert read(child.pid) is None
    assert procfs.maps(child.pid) == [] == procfs.children(child.pid)


READERS = {
    "stat": procfs.stat,
    "status": procfs.status,
    "maps": procfs.maps,
    "smaps_rollup": procfs.smaps_rollup,
    "schedstat": procfs.schedstat,
    "sched": procfs.sched,
    "io": procfs.io,
    "numa_maps": procfs.numa_maps,
    "machine/meminfo": procfs.meminfo,
    "machine/stat": procfs.system_stat,
    "machine/interrupts": procfs.interrupts,
    "machine/softirqs": procfs.softirqs,
    "machine/pressure/io": lambda: procfs.pressure("io"),
}


def facts(value, path=()):
    """Everything a record says, as (path, number or word); ranges by their address."""
    if is_dataclass(value):
        value = asdict(value)
    if isinstance(value, list):
        value = {entry.start: entry for entry in value}
    if isinstance(value, dict):
        return {fact for key, inner in value.items() for fact in facts(inner, (*path, key))}
    if isinstance(value, tuple):  # a count, and words that say of what
        value = value[0]
    return set() if value is None else {(path, value)}


@st.composite
def damage(draw, text):
    """The text cut off, or with a line or word lost, said twice, or written over by junk."""
    kind = draw(st.sampled_from(["cut", "line lost", "word lost", "junk", "said twice"]))
    if kind == "cut":
        return text[: draw(st.integers(0, len(text) - 1))]
    lines = text.split("\n")
    k = draw(st.integers(0, len(lines) - 2))
    words = lines[k].split(" ")
    j = draw(st.integers(0, len(words) - 1))
    if kind == "line lost":
        del lines[k]
    elif kind == "word lost" and len(lines) > 0:
        lines[k] = " ".join(words[:j] + words[j + 1 :])
    elif kind == "junk":
        words[j] = draw(st.sampled_from(["x7", "-", "\x00\x00", "", "1e9", "0x12", "٣", "²", "--1"]))
        lines[k] = " ".join(words)
    else:
        lines.insert(k, lines[k])
    return "\n".join(lines)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.data())
@pytest.mark.parametrize("name", READERS)
def test_damage_loses_facts_but_never_invents_one(name, tmp_path, monkeypatch, data):
    """Whatever a damaged file says under a name of the whole one, the whole one said; a record has no other names."""
    kernel = data.draw(st.sampled_from(["linux-5.4", "linux-6.18"]))
    machine, reader = name.startswith("machine/"), READERS[name]
    whole = (RECORDED / kernel if machine else {"linux-5.4": OLD, "linux-6.18": NEW}[kernel]) / name.removeprefix(
        "machine/"
    )
    if not whole.exists():
        return
    target = tmp_path / kernel / name.removeprefix("machine/")
    target.parent.mkdir(parents=True, exist_ok=True)
    monkeypatch.setattr(procfs.text, "PROC", target.parent if "/pressure" not in name else target.parent.parent)
    shutil.copy(whole, target)
    call = (lambda: reader()) if machine else (lambda: reader(target.parent))
    before = facts(call())
    text = target.read_text()
    target.write_text(data.draw(damage(text)))
    after = facts(call())
    known, is_record = {path for path, _ in before}, is_dataclass(call())
    invented = {
        (path, value)
        for path, value in after - before
        if (path in known or is_record) and not {"name", "state", "path"} & set(path)
    }
    assert not invented, (sorted(map(str, invented))[:5], kernel)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.data())
def test_damaged_group_files_invent_nothing(tmp_path, data):
    for version, call in (
        (2, lambda f: procfs.group_usage(f)),
        (1, lambda f: {k: procfs.group_usage(f / k, 1) for k in ("cpu", "cpuacct", "memory")}),
    ):
        folder = tmp_path / str(version)
        shutil.copytree(RECORDED / f"group-v{version}", folder, dirs_exist_ok=True)
        before = facts(call(folder))
        file = data.draw(st.sampled_from(sorted(f for f in folder.rglob("*") if f.is_file())))
        file.write_text(data.draw(damage(file.read_text())))
        known = {path for path, _ in before}
        assert not {fact for fact in facts(call(folder)) - before if fact[0] in known or len(fact[0]) <= 2}


def test_sampler_records_stops_and_is_bounded():
    if procfs.status() is None:
        pytest.skip("no /proc here")
    before = threading.active_count()
    with procfs.Sampler("self", ["resident", "user_time", "voluntary_switches", "run_time"], interval=0.01) as sampler:
        block = bytearray(64 << 20)
        block[::4096] = b"x" * len(block[::4096])
        end = time.perf_counter() + 0.08
        while time.perf_counter() < end:
            pass
    samples = sampler.samples
    assert not sampler.running and threading.active_count() == before and not samples.ended
    assert samples.grown("resident") > 50 << 20 and samples.grown("run_time") > 0
    assert len(samples.time) >= 2 and (np.diff(samples.time) >= 0.005).all()
    short = procfs.Sampler("self", ["threads"], interval=0.01, longest=0.03).start()
    end = time.perf_counter() + 30
    while short.running and time.perf_counter() < end:  # a busy machine lets its thread wait
        time.sleep(0.01)
    assert not short.running and len(short.stop().time) <= 5


def test_sampler_of_a_process_that_ends():
    if procfs.status() is None:
        pytest.skip("no /proc here")
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(0.15)"])
    sampler = procfs.Sampler(child.pid, ["resident"], interval=0.02, longest=5).start()
    child.wait()
    end = time.monotonic() + 5
    while sampler.running and time.monotonic() < end:  # a busy machine takes its time
        time.sleep(0.01)
    assert not sampler.running and sampler.stop().ended
    # Not the first: right after exec the kernel's own count, kept by CPU, may still be 0.
    assert not any(v == 0 for v in sampler.samples.values["resident"][1:])


def test_sampler_refuses():
    with pytest.raises(ValueError, match=r"counters\[0\]='rss': allowed are 'resident'"):
        procfs.Sampler("self", ["rss"])
    for bad in ({"interval": 0.001}, {"longest": 1000}, {"interval": 3, "longest": 1}):
        with pytest.raises(ValueError, match="interval|longest"):
            procfs.Sampler("self", ["threads"], **bad)
    with pytest.raises(ValueError, match="recorded are threads"):
        procfs.Sampler("self", ["threads"]).samples.grown("resident")
