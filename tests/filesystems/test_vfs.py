"""The VFS: the same calls on every file system, shared open files, the dentry cache."""

import errno

import pytest

from oslab.filesystems import (
    VFS,
    BlockFileSystem,
    GeneratedFileSystem,
    MemoryFileSystem,
    Process,
    follow_calls,
)
from oslab.filesystems.fsck import problems


@pytest.fixture
def vfs():
    disk = BlockFileSystem()
    disk.mkdir("/tmp")
    disk.mkdir("/proc")
    one = VFS(disk)
    one.mount("/tmp", MemoryFileSystem())
    one.mount("/proc", GeneratedFileSystem({"now": iter(map(str, range(10**6))).__next__}))
    return one


@pytest.mark.parametrize("path", ["/file", "/tmp/file"])
def test_what_is_written_is_read(vfs, path):
    process = Process()
    fd = vfs.open(process, path, "w")
    assert vfs.write(process, fd, b"one ") == 4 and vfs.write(process, fd, b"two") == 3
    assert vfs.stat(path).size == 7
    assert vfs.read(process, vfs.open(process, path), 100) == b"one two"
    vfs.write(process, vfs.open(process, path, "a"), b"!")
    assert vfs.stat(path).size == 8
    vfs.open(process, path, "w")
    assert vfs.stat(path).size == 0


def test_a_mount_hides_what_is_below(vfs):
    process = Process()
    vfs.write(process, vfs.open(process, "/tmp/file", "w"), b"x")
    assert vfs.mounts["/"].entries(vfs.mounts["/"].resolve("/tmp")) == {}
    assert vfs.stat("/tmp").inode == 2 and vfs.stat("/tmp/../tmp/./file").size == 1


def test_a_symbolic_link_leads_across_mounts(vfs):
    process = Process()
    vfs.write(process, vfs.open(process, "/tmp/file", "w"), b"x")
    vfs.mounts["/"].symlink("/tmp/file", "/shortcut")
    assert vfs.read(process, vfs.open(process, "/shortcut"), 9) == b"x"


def test_generated_files_are_made_when_read(vfs):
    process = Process()
    fd, again = vfs.open(process, "/proc/now"), vfs.open(process, "/proc/now")
    assert int(vfs.read(process, again, 9)) == int(vfs.read(process, fd, 9)) - 1
    assert vfs.stat("/proc/now").size == 0


def test_the_offset_is_shared_after_fork_and_dup_but_not_by_a_second_open(vfs):
    parent = Process()
    vfs.write(parent, vfs.open(parent, "/file", "w"), b"abcdefgh")
    fd, other = vfs.open(parent, "/file"), vfs.open(parent, "/file")
    child = vfs.fork(parent)
    copy = vfs.dup(parent, fd)
    assert [vfs.read(p, n, 2) for p, n in ((parent, fd), (child, fd), (parent, copy), (child, other))] == [
        b"ab",
        b"cd",
        b"ef",
        b"ab",
    ]


def test_a_file_goes_with_its_last_holder(vfs):
    parent = Process()
    fd = vfs.open(parent, "/file", "w")
    vfs.write(parent, fd, b"still here")
    child = vfs.fork(parent)
    number = parent.files[fd].node[1]
    vfs.unlink("/file")
    vfs.close(parent, fd)
    assert vfs.mounts["/"].read_inode(number) == b"still here"
    vfs.close(child, fd)
    assert vfs.mounts["/"].inode(number).kind == "free" and problems(vfs.mounts["/"].disk) == []


def test_descriptors_are_the_lowest_free_ones(vfs):
    process = Process()
    fds = [vfs.open(process, "/proc/now") for _ in range(3)]
    vfs.close(process, fds[1])
    assert fds == [3, 4, 5] and vfs.open(process, "/proc/now") == 4


def test_the_dentry_cache_counts_and_forgets():
    one = VFS(BlockFileSystem(), dentries=2)
    for name in "abc":
        one.open(Process(), f"/{name}", "w")
    before = one.hits, one.misses
    one.stat("/c")
    assert (one.hits, one.misses) == (before[0] + 1, before[1])
    one.stat("/a")
    assert one.misses == before[1] + 1 and len(one.cache) == 2


def test_a_name_that_was_missing_is_seen_once_it_is_made(vfs):
    process = Process()
    for _ in range(2):
        with pytest.raises(FileNotFoundError):
            vfs.stat("/late")
    vfs.open(process, "/late", "w")
    assert vfs.stat("/late").size == 0
    vfs.unlink("/late")
    with pytest.raises(FileNotFoundError):
        vfs.open(process, "/late")


@pytest.mark.parametrize(
    "code, call",
    [
        (errno.ENOENT, lambda v, p: v.open(p, "/no")),
        (errno.EBADF, lambda v, p: v.read(p, 7, 1)),
        (errno.EBADF, lambda v, p: v.write(p, v.open(p, "/proc/now"), b"x")),
        (errno.EISDIR, lambda v, p: v.open(p, "/tmp", "w")),
        (errno.EISDIR, lambda v, p: v.read(p, v.open(p, "/proc"), 1)),
        (errno.ENOTDIR, lambda v, p: v.open(p, "/proc/now/x")),
        (errno.EACCES, lambda v, p: v.open(p, "/proc/mine", "w")),
        (errno.EACCES, lambda v, p: v.open(p, "/proc/now", "w")),
        (errno.ENOTDIR, lambda v, p: v.mount("/proc/now", MemoryFileSystem())),
    ],
)
def test_errors(vfs, code, call):
    with pytest.raises(OSError) as caught:
        call(vfs, Process())
    assert caught.value.errno == code


def test_bad_arguments(vfs):
    with pytest.raises(ValueError, match="mode='x': allowed are 'r', 'r\\+', 'w', 'a'"):
        vfs.open(Process(), "/a", "x")
    with pytest.raises(ValueError, match="dentries=0"):
        VFS(BlockFileSystem(), 0)


def test_the_story_of_a_read():
    cold, warm = follow_calls("/home/notes"), follow_calls("/home/notes", again=True)
    assert warm.hit_ratio == 1 and cold.hit_ratio == 0 and warm.steps == cold.steps - 2
    assert any(s.layer == "block layer" for s in cold.stops)
    assert not any(s.layer == "block layer" for s in follow_calls("/tmp/scratch").stops)
    assert "offset 32" in next(s.sentence for s in cold.stops if s.sentence.startswith("B's"))
    assert cold.state(0) is None and cold.why(1).startswith("A calls open") and "fork" in str(cold)
