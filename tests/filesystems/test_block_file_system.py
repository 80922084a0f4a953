"""The block file system against plain dictionaries, and its errors; the checker finds planted damage."""

import errno

import pytest
from hypothesis import settings, strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from oslab.filesystems.block_file_system import BlockFileSystem
from oslab.filesystems.disk import BLOCK_BITMAP, GARBAGE, INODE_BITMAP, Entries, Geometry, make_disk
from oslab.filesystems.fsck import contents, problems

PATHS = st.sampled_from(["/a", "/a", "/b", "/d", "/d/a", "/d/e", "/no/such"])


class Model:
    """Files as dictionaries: name → (kind, inode object)."""

    def __init__(self):
        self.root = {}

    def directory(self, path):
        node = self.root
        for name in path.split("/")[1:-1]:
            node = node[name]
            if not isinstance(node, dict):
                raise NotADirectoryError
        return node, path.rsplit("/", 1)[1]

    def tree(self, node=None, path=""):
        node = self.root if node is None else node
        found = {path or "/": None}
        for name, child in node.items():
            if isinstance(child, dict):
                found |= self.tree(child, f"{path}/{name}")
            else:
                found[f"{path}/{name}"] = bytes(child)
        return found


class AgainstDictionaries(RuleBasedStateMachine):
    layout = "pointers"

    def __init__(self):
        super().__init__()
        self.fs = BlockFileSystem(make_disk(Geometry(blocks=160, inodes=8, layout=self.layout)))
        self.model = Model()

    @initialize()
    def begin(self):
        for call, path, value in (("create", "/a", bytearray()), ("mkdir", "/d", {}), ("mkdir", "/d/e", {})):
            getattr(self.fs, call)(path)
            node, name = self.model.directory(path)
            node[name] = value

    def both(self, call, act):
        """Run an operation on both; if it fails, it fails on both and changes nothing."""
        before = self.fs.disk
        try:
            getattr(self.fs, call[0])(*call[1:])
            failed = None
        except OSError as error:
            failed = error.errno
            assert self.fs.disk == before
        if failed == errno.ENOSPC:
            return
        try:
            act()
            assert failed is None, (call, failed)
        except (KeyError, NotADirectoryError, FileExistsError, IsADirectoryError, OSError):
            assert failed is not None, call

    @rule(path=PATHS)
    def create(self, path):
        def act():
            node, name = self.model.directory(path)
            if name in node:
                raise FileExistsError
            node[name] = bytearray()

        self.both(("create", path), act)

    @rule(path=PATHS)
    def mkdir(self, path):
        def act():
            node, name = self.model.directory(path)
            if name in node:
                raise FileExistsError
            node[name] = {}

        self.both(("mkdir", path), act)

    @rule(path=PATHS, offset=st.integers(0, 1200), size=st.integers(1, 300), letter=st.sampled_from(b"xyz"))
    def write(self, path, offset, size, letter):
        def act():
            node, name = self.model.directory(path)
            if isinstance(node[name], dict):
                raise IsADirectoryError
            node[name].extend(bytes(max(0, offset - len(node[name]))))
            node[name][offset : offset + size] = bytes([letter]) * size

        self.both(("write", path, offset, bytes([letter]) * size), act)

    @rule(path=PATHS, size=st.integers(0, 1300))
    def truncate(self, path, size):
        def act():
            node, name = self.model.directory(path)
            if isinstance(node[name], dict):
                raise IsADirectoryError
            del node[name][size:]
            node[name].extend(bytes(size - len(node[name])))

        self.both(("truncate", path, size), act)

    @rule(old=PATHS, new=PATHS)
    def link(self, old, new):
        def act():
            node, name = self.model.directory(old)
            other, newer = self.model.directory(new)
            if isinstance(node[name], dict) or newer in other:
                raise FileExistsError
            other[newer] = node[name]

        self.both(("link", old, new), act)

    @rule(path=PATHS)
    def unlink(self, path):
        def act():
            node, name = self.model.directory(path)
            if isinstance(node[name], dict):
                raise IsADirectoryError
            del node[name]

        self.both(("unlink", path), act)

    @rule(path=PATHS)
    def rmdir(self, path):
        def act():
            node, name = self.model.directory(path)
            if not isinstance(node[name], dict):
                raise NotADirectoryError
            if node[name]:
                raise OSError
            del node[name]

        self.both(("rmdir", path), act)

    @rule(old=PATHS, new=PATHS)
    def rename(self, old, new):
        def act():
            node, name = self.model.directory(old)
            other, newer = self.model.directory(new)
            moved, there = node[name], other.get(newer)
            if moved is there:
                return
            if isinstance(moved, dict) and (new + "/").startswith(old + "/"):
                raise OSError
            if there is not None and (
                isinstance(moved, dict) != isinstance(there, dict) or isinstance(there, dict) and there
            ):
                raise OSError
            del node[name]
            other[newer] = moved

        self.both(("rename", old, new), act)

    @precondition(lambda self: "a" in self.model.root)
    @rule()
    def read_through_a_symbolic_link(self):
        fs = BlockFileSystem(self.fs.disk)
        try:
            fs.symlink("../a", "/s")
        except OSError as error:
            assert error.errno == errno.ENOSPC
            return
        if not isinstance(self.model.root["a"], dict):
            assert fs.read("/s") == self.model.root["a"]

    @invariant()
    def the_same_files(self):
        assert problems(self.fs.disk) == []
        seen = {
            p: None if kind == "directory" else b"".join(blocks) for p, (kind, blocks) in contents(self.fs.disk).items()
        }
        assert seen == self.model.tree()


class WithExtents(AgainstDictionaries):
    layout = "extents"


STEPS = settings(max_examples=50, stateful_step_count=40, deadline=None)
TestPointers = AgainstDictionaries.TestCase
TestPointers.settings = STEPS
TestExtents = WithExtents.TestCase
TestExtents.settings = STEPS


class Forgetful(BlockFileSystem):
    """A bug: a file that grows shows what stood behind its old end."""

    def _zero_tail(self, inode, where, grows_to):
        pass


class Miser(BlockFileSystem):
    """A bug: blocks are not given back."""

    def _give_back(self, blocks):
        pass


@pytest.mark.parametrize("kind, holds", [(BlockFileSystem, True), (Forgetful, False), (Miser, False)])
def test_the_law_catches_planted_bugs(kind, holds):
    machine = AgainstDictionaries()
    machine.fs = kind(machine.fs.disk)
    machine.begin()
    machine.write("/a", 0, 200, ord("x"))
    machine.truncate("/a", 10)
    machine.truncate("/a", 60)
    if holds:
        machine.the_same_files()
    else:
        with pytest.raises(AssertionError):
            machine.the_same_files()


@pytest.fixture
def fs():
    one = BlockFileSystem()
    one.create("/a")
    one.append("/a", b"hello")
    one.mkdir("/d")
    return one


LOOPS = "/" + "x" * 256


@pytest.mark.parametrize(
    "code, call",
    [
        (errno.ENOENT, ("append", "/no", b"x")),
        (errno.ENOENT, ("unlink", "/no")),
        (errno.ENOENT, ("create", "/no/b")),
        (errno.EEXIST, ("create", "/a")),
        (errno.EEXIST, ("mkdir", "/d")),
        (errno.EEXIST, ("link", "/a", "/d")),
        (errno.ENAMETOOLONG, ("create", LOOPS)),
        (errno.ENAMETOOLONG, ("create", "/a" * 2500)),
        (errno.ENOTDIR, ("create", "/a/b")),
        (errno.ENOTDIR, ("rmdir", "/a")),
        (errno.EISDIR, ("unlink", "/d")),
        (errno.EISDIR, ("write", "/d", 0, b"x")),
        (errno.EISDIR, ("rename", "/a", "/d")),
        (errno.ENOTDIR, ("rename", "/d", "/a")),
        (errno.EINVAL, ("rename", "/d", "/d/e")),
        (errno.EINVAL, ("write", "/a", -1, b"x")),
        (errno.EPERM, ("link", "/d", "/e")),
        (errno.EFBIG, ("write", "/a", 1 << 30, b"x")),
        (errno.EFBIG, ("truncate", "/a", 1 << 30)),
        (errno.ENOSPC, ("append", "/a", b"x" * 64 * 60)),
    ],
)
def test_errors_have_the_errno_of_linux_and_change_nothing(fs, code, call):
    before = fs.disk
    with pytest.raises(OSError) as caught:
        getattr(fs, call[0])(*call[1:])
    assert caught.value.errno == code
    assert fs.disk == before and problems(fs.disk) == []


def test_running_out_of_inodes(fs):
    with pytest.raises(OSError, match="no free inode") as caught:
        for k in range(20):
            fs.create(f"/f{k}")
    assert caught.value.errno == errno.ENOSPC and problems(fs.disk) == []


def test_links_that_go_round_in_a_circle(fs):
    fs.symlink("/y", "/x")
    fs.symlink("/x", "/y")
    with pytest.raises(OSError) as caught:
        fs.read("/x")
    assert caught.value.errno == errno.ELOOP


def test_short_targets_stand_in_the_inode_long_ones_in_a_block(fs):
    fs.symlink("a" * 59, "/short")
    fs.symlink("a" * 60, "/long")
    assert fs.stat("/short", follow=False).blocks == 0 and fs.stat("/long", follow=False).blocks == 1
    assert fs.readlink(fs.resolve("/long", follow=False)) == "a" * 60


def test_what_an_append_writes(fs):
    assert [w.label for w in fs.append("/a", b"x" * 64).writes] == ["data", "data", "inode table", "block bitmap"]
    fs.rmdir("/d")
    assert [w.label for w in fs.rename("/a", "/b").writes] == ["directory"]
    assert len(fs.unlink("/b").freed) == 2


def test_blocks_beyond_twelve_need_an_indirect_block():
    fs = BlockFileSystem(make_disk(Geometry(blocks=80)))
    fs.create("/a")
    fs.append("/a", b"x" * 64 * 12)
    assert fs.stat("/a").blocks == 12
    fs.append("/a", b"x" * 64)
    assert fs.stat("/a").blocks == 14
    fs.write("/a", 64 * (12 + 16 + 256), b"far")
    assert fs.stat("/a").blocks == 18 and fs.read("/a", 64 * 284) == b"far"
    assert fs.read("/a", 64 * 13, 64) == bytes(64), "a hole reads as zeros"


def test_many_pieces_need_an_extent_tree():
    fs = BlockFileSystem(make_disk(Geometry(blocks=160, layout="extents")))
    fs.create("/a")
    fs.create("/b")
    for _ in range(20):
        fs.append("/a", b"x" * 64)
        fs.append("/b", b"y" * 64)
    depth, top = fs.inode(fs.resolve("/a")).map
    assert depth >= 1 and len(top) <= 4 and problems(fs.disk) == []
    fs.unlink("/b")
    assert fs.read("/a") == b"x" * 1280 and problems(fs.disk) == []


DAMAGE = {
    "leak": lambda d: {BLOCK_BITMAP: d[BLOCK_BITMAP] | 1 << 50},
    "marked free": lambda d: {BLOCK_BITMAP: d[BLOCK_BITMAP] & ~(1 << d[0].data + 1)},
    "inode bitmap": lambda d: {INODE_BITMAP: d[INODE_BITMAP] | 1 << 9},
    "dangling entry": lambda d: {d[0].data: Entries((*d[d[0].data].items, ("ghost", 9)))},
    "link count": lambda d: {d[0].data: Entries((*d[d[0].data].items, ("again", 3)))},
    "damaged": lambda d: {d[0].data: GARBAGE * 64},
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_the_checker_finds_planted_damage(fs, kind):
    blocks = list(fs.disk)
    for block, value in DAMAGE[kind](fs.disk).items():
        blocks[block] = value
    assert kind in {p.kind for p in problems(tuple(blocks))}


def test_the_checker_finds_a_block_owned_twice(fs):
    number = fs.resolve("/a")
    fs.create("/b")
    place, k = divmod(fs.resolve("/b") - 1, 4)
    row = list(fs.disk[3 + place])
    row[k] = row[k]._replace(map=fs.inode(number).map, size=5)
    blocks = list(fs.disk)
    blocks[3 + place] = tuple(row)
    assert "owned twice" in {p.kind for p in problems(tuple(blocks))}


def test_an_open_file_outlives_its_name(fs):
    number = fs.resolve("/a")
    fs.hold(number)
    fs.unlink("/a")
    assert fs.read_inode(number) == b"hello"
    fs.release(number)
    assert problems(fs.disk) == [] and fs.inode(number).kind == "free"


def test_bad_geometries():
    for bad in (Geometry(layout="list"), Geometry(blocks=10), Geometry(block_size=50), Geometry(journal=2)):
        with pytest.raises(ValueError, match="allowed are"):
            make_disk(bad)
