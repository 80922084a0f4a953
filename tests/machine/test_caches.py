"""Sizes of caches, from files whole, damaged and absent."""

import types

from oslab.machine import caches, procfs


def cache(folder, **sizes):
    for name, size in sizes.items():
        (folder / name).mkdir()
        (folder / name / "size").write_text(size)
    return folder


def test_the_largest_cache_is_the_last(tmp_path):
    assert caches.last_level_cache(cache(tmp_path, index0="32K\n", index2="1M\n", index3="32768K\n")) == 32 << 20
    assert caches.last_level_cache(tmp_path / "none") is None


def test_damaged_sizes_say_nothing(tmp_path):
    assert caches.last_level_cache(cache(tmp_path, index0="big\n", index1="\n", index2="48K")) == 48 << 10


def test_what_a_probe_goes_through(monkeypatch):
    """At least four times the last cache, and no more memory than can be had."""
    for last, available, least, gives in (
        (32 << 20, 8 << 30, 0, 128 << 20),
        (1 << 20, 8 << 30, 96 << 20, 96 << 20),
        (None, 8 << 30, 0, 128 << 20),
        (256 << 20, 1 << 30, 0, 256 << 20),
        (32 << 20, None, 0, 128 << 20),
    ):
        monkeypatch.setattr(caches, "last_level_cache", lambda last=last: last)
        monkeypatch.setattr(procfs, "meminfo", lambda available=available: types.SimpleNamespace(available=available))
        assert caches.beyond_caches(least) == gives
