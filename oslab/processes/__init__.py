"""Chapter 1, processes and threads: their life, fork, the price of a switch."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submodules=["measure"],
    submod_attrs={
        "copy_on_write": ["WRITERS", "Sharing", "fork_and_write", "share_pages"],
        "lifecycle": ["PARENTS", "STATES", "Event", "Life", "live"],
        "server": ["LOADS", "Serving", "serve"],
        "switching": ["PLACES", "SwitchPrice", "Useful", "switch_price", "useful_work"],
        "tree": ["ForkTree", "as_c", "count_processes", "parse_forks"],
    },
)
