"""Chapter 3, memory: page replacement, address translation, the TLB."""
