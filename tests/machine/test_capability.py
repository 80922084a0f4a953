"""What is asked of a machine is answered on every machine, in sentences, and never raises."""

import errno
import os
import shutil
import sys

import pytest

from oslab.machine import capability, capability_checks, csource, limits, procfs
from oslab.machine.capability import Unavailable, can, capabilities, need

KEYS = {
    "compiler",
    "numba",
    "procfs",
    "pinning",
    "two_cpus",
    "nice",
    "huge_pages",
    "cgroup2",
    "numa",
    "io_uring",
    "liburing",
    "strace",
    "e2fsprogs",
    "gpu",
    "free_threading",
    "shared_memory",
    "memory",
}


def test_every_question_is_answered():
    found = capabilities()
    assert {one.key for one in found} == KEYS and len(found) == len(KEYS)
    for one in found:
        assert one.label and one.reason and one.chapters and set(one.chapters) <= set(range(1, 8))
        assert one.available or one.remedy
        assert "could not be found out" not in one.reason
    assert len(found.table()) == len(str(found).splitlines()) == len(KEYS)
    assert "<td" in found._repr_html_()
    assert found["compiler"] == can("compiler")


def test_asking_leaves_nothing_open():
    capabilities()
    before = len(os.listdir("/dev/fd"))
    capabilities()
    assert len(os.listdir("/dev/fd")) == before


def test_a_bare_machine_has_reasons(monkeypatch, tmp_path):
    for module in (limits, capability_checks):
        monkeypatch.setattr(module, "SYS", tmp_path)
    monkeypatch.setattr(procfs.text, "PROC", tmp_path)
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    monkeypatch.setattr(csource, "compiler", lambda: None)
    monkeypatch.setattr(capability_checks, "_system_call", lambda *_: (-1, errno.ENOSYS))
    found = capabilities()
    for key in ("compiler", "procfs", "huge_pages", "cgroup2", "numa", "io_uring", "strace", "gpu", "e2fsprogs"):
        assert not found[key] and found[key].reason, key


def test_another_system_has_reasons(monkeypatch):
    monkeypatch.setattr(capability_checks, "LINUX", False)
    assert not any(can(key) for key in ("procfs", "huge_pages", "io_uring", "cgroup2", "strace"))


def test_a_question_that_fails_is_a_no(monkeypatch):
    monkeypatch.setattr(capability_checks, "_system_call", lambda *_: 1 / 0)
    assert can("io_uring").reason == "it could not be determined (division by zero)"


@pytest.mark.parametrize(
    "switch, code, said",
    [
        ("2", errno.EPERM, "switched off for all (kernel.io_uring_disabled=2)"),
        ("1", errno.EPERM, "allowed only to root and to group 27"),
        ("0", errno.EPERM, "seccomp"),
        (None, errno.ENOSYS, "the kernel lacks it"),
    ],
)
def test_io_uring_names_the_switch(monkeypatch, tmp_path, switch, code, said):
    monkeypatch.setattr(capability_checks, "LINUX", True)
    monkeypatch.setattr(capability_checks.text, "PROC", tmp_path)
    monkeypatch.setattr(capability_checks, "_system_call", lambda *_: (-1, code))
    (tmp_path / "sys/kernel").mkdir(parents=True)
    if switch:
        (tmp_path / "sys/kernel/io_uring_disabled").write_text(switch + "\n")
        (tmp_path / "sys/kernel/io_uring_group").write_text("27\n")
    assert not can("io_uring") and said in can("io_uring").reason


def test_need_raises_a_sentence(monkeypatch):
    need()
    monkeypatch.setattr(csource, "compiler", lambda: None)
    with pytest.raises(
        Unavailable, match=r"^This needs a C compiler: neither cc, gcc nor clang was found\. What helps: "
    ):
        need("compiler")
    assert issubclass(Unavailable, OSError)
    with pytest.raises(ValueError, match="key='wings': allowed are 'compiler'"):
        need("wings")
    with pytest.raises(KeyError, match="known are"):
        capabilities()["wings"]


@pytest.mark.parametrize(
    "files, quota",
    [
        ({"a/cpu.max": "50000 100000", "cpu.max": "max 100000"}, 0.5),
        ({"a/cpu.max": "max 100000", "cpu.max": "150000 100000"}, 1.5),
        ({"a/cpu.max": "max 100000"}, None),
        ({}, None),
    ],
)
def test_quota_of_version_2(monkeypatch, tmp_path, files, quota):
    place(monkeypatch, tmp_path, "0::/a", files)
    assert limits.cpu_quota() == quota


def test_quota_of_version_1(monkeypatch, tmp_path):
    place(
        monkeypatch,
        tmp_path,
        "3:cpu,cpuacct:/outside/a\n2:memory:/",
        {
            "cpu,cpuacct/cpu.cfs_quota_us": "200000",
            "cpu,cpuacct/cpu.cfs_period_us": "100000",
            "memory/memory.limit_in_bytes": "1048576",
        },
    )
    assert limits.cpu_quota() == 2 and limits.memory_limit() == 1 << 20


def test_memory_limit_of_version_2(monkeypatch, tmp_path):
    place(monkeypatch, tmp_path, "0::/a", {"a/memory.max": "max", "memory.max": "2097152"})
    assert limits.memory_limit() == 2 << 20


def place(monkeypatch, folder, groups, files):
    """Write control groups, each hierarchy mounted in a folder that is called as its controllers."""
    mounted = [line.split(":")[1] for line in groups.split("\n")]
    lines = [
        f"3 2 0:2 / {folder}/cgroup/{name} rw - cgroup{'' if name else '2'} none rw,{name}".replace("/ rw", " rw")
        for name in mounted
    ]
    texts = {"proc/self/cgroup": groups, "proc/self/mountinfo": "\n".join(lines)}
    (folder / "cgroup/memory").mkdir(parents=True)
    for name, text in {**texts, **{f"cgroup/{n}": t for n, t in files.items()}}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text + "\n")
    monkeypatch.setattr(procfs.text, "PROC", folder / "proc")


@pytest.mark.parametrize("bad", [None, True, 0, -1, 1.5, "nope", "9" * 100, [], b"1"])
def test_what_is_no_process_is_refused(bad):
    for ask in (limits.cpu_quota, limits.memory_limit, limits.throttled_time):
        with pytest.raises((TypeError, ValueError), match="^pid="):
            ask(bad)


def test_huge_page_mode(monkeypatch, tmp_path):
    monkeypatch.setattr(limits, "SYS", tmp_path)
    assert limits.thp_mode() is None
    (tmp_path / "kernel/mm/transparent_hugepage").mkdir(parents=True)
    (tmp_path / "kernel/mm/transparent_hugepage/enabled").write_text("always [madvise] never\n")
    assert limits.thp_mode() == "madvise"


@pytest.mark.skipif(sys.platform != "linux", reason="pins threads")
def test_pinning_is_undone_also_after_an_error():
    before = os.sched_getaffinity(0)
    with pytest.raises(ZeroDivisionError), limits.pinned() as why:
        assert why == "" and os.sched_getaffinity(0) == {max(before)}
        1 / 0
    assert os.sched_getaffinity(0) == before
    with pytest.raises(ValueError, match="cpu=99999"), limits.pinned(99999):
        pass


def test_pinning_where_there_is_none(monkeypatch):
    monkeypatch.delattr(os, "sched_setaffinity", raising=False)
    with limits.pinned() as why:
        assert why == "this system does not pin threads"


def test_questions_have_keys_of_their_own():
    capabilities()
    assert len({key for key, *_ in capability.CHECKS}) == len(capability.CHECKS)
