"""Page replacement: one file a policy, one line here each, in the order of menus."""

# ruff: noqa: F401, I001
from oslab.memory.replacement import fifo
from oslab.memory.replacement import lru
from oslab.memory.replacement import clock
from oslab.memory.replacement import clock_dirty
from oslab.memory.replacement import nru
from oslab.memory.replacement import aging
from oslab.memory.replacement import wsclock
from oslab.memory.replacement import lfu
from oslab.memory.replacement import random
from oslab.memory.replacement import opt
from oslab.memory.replacement import twoq
from oslab.memory.replacement import arc
from oslab.memory.replacement import lirs
from oslab.memory.replacement import sieve
from oslab.memory.replacement import s3fifo
from oslab.memory.replacement import two_list
from oslab.memory.replacement import mglru
from oslab.base import teacher_folder
from oslab.memory.replacement.base import POLICIES
from oslab.memory.replacement.user_policy import find

__all__ = ["POLICIES"]

teacher_folder.join(POLICIES, teacher_folder.definitions("memory", "policies.py"), lambda own: find(own).implementation)
