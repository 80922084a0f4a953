"""What models return and registries hold: series, registries, argument checks, stepped results, text tables.

No widget, no figure; everything else may stand on it.
"""

from typing import TYPE_CHECKING

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submod_attrs={
        "arguments": [
            "SEED",
            "Array",
            "FileName",
            "Instance",
            "Parameter",
            "Several",
            "checked",
            "choice",
            "flag",
            "integer",
            "real",
            "shown",
            "text",
        ],
        "measured": ["Runs", "both"],
        "numbers": ["duration", "memory_size", "plural", "quantity", "readable", "rounded"],
        "policy_laws": [
            "CODE_RUNS",
            "BrokenPolicy",
            "Judgement",
            "attributes",
            "first_breach",
            "label_of",
            "own_entry",
            "run_twice",
            "thinned",
        ],
        "registry": ["Entry", "OpenRegistry", "Registry"],
        "result": ["Result", "Stepped", "columns"],
        "series": ["Series"],
        "text_table": ["as_text"],
    },
)

if TYPE_CHECKING:  # the same, for type checkers
    from oslab.base.arguments import SEED as SEED
    from oslab.base.arguments import Array as Array
    from oslab.base.arguments import FileName as FileName
    from oslab.base.arguments import Instance as Instance
    from oslab.base.arguments import Parameter as Parameter
    from oslab.base.arguments import Several as Several
    from oslab.base.arguments import checked as checked
    from oslab.base.arguments import choice as choice
    from oslab.base.arguments import flag as flag
    from oslab.base.arguments import integer as integer
    from oslab.base.arguments import real as real
    from oslab.base.arguments import shown as shown
    from oslab.base.arguments import text as text
    from oslab.base.measured import Runs as Runs
    from oslab.base.measured import both as both
    from oslab.base.numbers import duration as duration
    from oslab.base.numbers import memory_size as memory_size
    from oslab.base.numbers import plural as plural
    from oslab.base.numbers import quantity as quantity
    from oslab.base.numbers import readable as readable
    from oslab.base.numbers import rounded as rounded
    from oslab.base.policy_laws import CODE_RUNS as CODE_RUNS
    from oslab.base.policy_laws import BrokenPolicy as BrokenPolicy
    from oslab.base.policy_laws import Judgement as Judgement
    from oslab.base.policy_laws import attributes as attributes
    from oslab.base.policy_laws import first_breach as first_breach
    from oslab.base.policy_laws import label_of as label_of
    from oslab.base.policy_laws import own_entry as own_entry
    from oslab.base.policy_laws import run_twice as run_twice
    from oslab.base.policy_laws import thinned as thinned
    from oslab.base.registry import Entry as Entry
    from oslab.base.registry import OpenRegistry as OpenRegistry
    from oslab.base.registry import Registry as Registry
    from oslab.base.result import Result as Result
    from oslab.base.result import Stepped as Stepped
    from oslab.base.result import columns as columns
    from oslab.base.series import Series as Series
    from oslab.base.text_table import as_text as as_text
