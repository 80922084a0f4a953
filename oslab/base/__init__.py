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
    from oslab.base.arguments import (
        SEED as SEED,
        Array as Array,
        FileName as FileName,
        Instance as Instance,
        Parameter as Parameter,
        Several as Several,
        checked as checked,
        choice as choice,
        flag as flag,
        integer as integer,
        real as real,
        shown as shown,
        text as text,
    )
    from oslab.base.measured import Runs as Runs, both as both
    from oslab.base.numbers import (
        duration as duration,
        memory_size as memory_size,
        plural as plural,
        quantity as quantity,
        readable as readable,
        rounded as rounded,
    )
    from oslab.base.policy_laws import (
        CODE_RUNS as CODE_RUNS,
        BrokenPolicy as BrokenPolicy,
        Judgement as Judgement,
        attributes as attributes,
        first_breach as first_breach,
        label_of as label_of,
        own_entry as own_entry,
        run_twice as run_twice,
        thinned as thinned,
    )
    from oslab.base.registry import Entry as Entry, OpenRegistry as OpenRegistry, Registry as Registry
    from oslab.base.result import Result as Result, Stepped as Stepped, columns as columns
    from oslab.base.series import Series as Series
    from oslab.base.text_table import as_text as as_text
