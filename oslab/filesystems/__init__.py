"""Chapter 5, file systems: blocks and inodes, crashes and journals, the VFS."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submodules=["measure", "questions"],
    submod_attrs={
        "blocks": ["BlockFileSystem", "Change", "Stat"],
        "calls": ["CallStory", "follow_calls"],
        "capacity": ["Capacity", "count_files"],
        "checker": ["contents", "problems"],
        "crash": ["CrashReport", "check", "crash_states"],
        "disk": ["Geometry", "make_disk"],
        "diskless": ["GeneratedFileSystem", "MemoryFileSystem"],
        "journal": ["Journal", "Recovery", "recover"],
        "labs": ["CAPACITY", "CRASHES", "DURABLE", "NAMES", "OFFSETS", "PATHS", "READS", "REPLACING", "TABLE"],
        "locate": ["BlockPath", "find_block"],
        "measure": ["ext4_transcript", "free_space", "mounts_by_type"],
        "names": ["NameStory", "play"],
        "questions": ["QUIZ"],
        "scenarios": ["REPLACEMENTS", "SCENARIOS", "Scenario"],
        "summary": ["CrashSummary", "check_all"],
        "vfs": ["Process", "VFS"],
        "views.calls": ["CallPath"],
        "views.capacity": ["InodeRoom"],
        "views.costs": ["Costs"],
        "views.crash": ["CrashPicture", "CrashTable"],
        "views.names": ["NameLinks"],
        "views.offsets": ["BlockTree"],
    },
)
