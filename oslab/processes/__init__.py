"""Chapter 1, processes and threads: their life, fork, the price of a switch."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submodules=["measure", "questions"],
    submod_attrs={
        "control_block": ["ControlBlock", "ask_field"],
        "copy_on_write": ["WRITERS", "Sharing", "fork_and_write", "share_pages"],
        "labs": [
            "FIELD",
            "FORK",
            "LATENCY",
            "LIFE",
            "PROGRAMS",
            "READERS",
            "SERVER",
            "SWITCH",
            "TREE",
            "USEFUL",
            "WORKERS",
        ],
        "lifecycle": ["PARENTS", "STATES", "Event", "Life", "live"],
        "measure": ["read_control_block", "switch_counts"],
        "questions": ["QUIZ"],
        "server": ["LOADS", "Serving", "serve"],
        "switching": ["PLACES", "SwitchPrice", "Useful", "switch_price", "useful_work"],
        "tree": ["ForkTree", "as_c", "count_processes", "parse_forks"],
        "views.life": ["LifeChart"],
        "views.pages": ["ForkLatency", "ForkPages", "ReadingCost"],
        "views.switch": ["SwitchSteps", "ThreadCurves"],
        "views.table": ["FieldTable"],
        "views.tree": ["TreePicture"],
        "views.useful": ["UsefulShare"],
        "views.workers": ["WorkerCosts"],
    },
)
