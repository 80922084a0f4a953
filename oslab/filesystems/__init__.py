"""Chapter 5, file systems: blocks and inodes, crashes and journals, the VFS."""
