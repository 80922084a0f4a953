"""Chapter 5, file systems: blocks and inodes, crashes and journals, the VFS."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submodules=["measure", "questions"],
    submod_attrs={
        "block_file_system": ["BlockFileSystem", "Change", "Stat"],
        "call_trace": ["CallTrace", "follow_calls"],
        "capacity": ["Capacity", "DiskParts", "count_files", "divide_disk"],
        "fsck": ["contents", "problems"],
        "crash": ["CrashReport", "CrashSummary", "check", "check_all", "crash_states"],
        "disk": ["Geometry", "make_disk"],
        "tmpfs_procfs": ["GeneratedFileSystem", "MemoryFileSystem"],
        "journal": ["Journal", "Recovery", "recover"],
        "labs": [
            "BLOCK_MAP",
            "CAPACITY",
            "CRASHES",
            "DURABLE",
            "NAMES",
            "OFFSETS",
            "PATHS",
            "READS",
            "REPLACING",
            "TABLE",
        ],
        "block_path": ["BlockPath", "find_block", "largest_file", "read_offset"],
        "measure.ext4_images": ["ext4_transcript"],
        "measure.mounts": ["free_space", "mounts_by_type", "room_in"],
        "name_commands": ["CommandRun", "play"],
        "questions": ["QUIZ"],
        "crash_scenarios": ["REPLACEMENTS", "SCENARIOS", "Scenario"],
        "vfs": ["Process", "VFS"],
        "views.call_path": ["CallPath"],
        "views.inode_room": ["InodeRoom"],
        "views.latencies": ["Costs"],
        "views.crash": ["CrashPicture", "CrashTable"],
        "views.name_links": ["NameLinks"],
        "views.block_tree": ["BlockTree"],
    },
)
