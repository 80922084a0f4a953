"""What models return and registries hold: series, registries, argument checks, stepped results, text tables.

No widget, no figure; everything else may stand on it.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submod_attrs={
        "arguments": ["Parameter", "checked"],
        "registry": ["Entry", "Registry"],
        "result": ["Result", "Stepped"],
        "series": ["Series"],
        "text_table": ["as_text"],
    },
)
