"""Page replacement: one file a policy, one line here each, in the order of menus."""

from oslab.memory.replacement import fifo, lru, clock  # noqa: F401, I001
from oslab.memory.replacement.base import POLICIES

__all__ = ["POLICIES"]
