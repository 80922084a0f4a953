"""Scheduling policies: one file a policy, one line here each, in the order of menus."""

# ruff: noqa: F401, I001
from oslab.scheduling.policies import fifo
from oslab.scheduling.policies import sjf
from oslab.scheduling.policies import srtf
from oslab.scheduling.policies import hrrn
from oslab.scheduling.policies import rr
from oslab.scheduling.policies import priority
from oslab.scheduling.policies import mlfq
from oslab.scheduling.policies import lottery
from oslab.scheduling.policies import stride
from oslab.scheduling.policies import cfs
from oslab.scheduling.policies import eevdf
from oslab.scheduling.policies.base import POLICIES

__all__ = ["POLICIES"]
