"""Chapter 1, processes and threads: their life, fork, the price of a switch."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submodules=["measure", "questions"],
    submod_attrs={
        "control_block": ["ControlBlock", "ask_field"],
        "copy_on_write": ["WRITERS", "Sharing", "fork_and_write", "share_pages"],
        "fork_program": ["parse_forks"],
        "fork_tree": ["ForkTree", "as_c", "count_processes"],
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
        "measure.fork": ["share_data"],
        "measure.switches": ["switch_counts"],
        "measure.task_structure": ["read_control_block"],
        "own_service": ["read_times", "serve_times"],
        "questions.quiz": ["QUIZ"],
        "server": ["LOADS", "Serving", "serve"],
        "switching": ["PLACES", "SwitchPrice", "Useful", "switch_price", "useful_work"],
        "views.field_table": ["FieldTable"],
        "views.fork_costs": ["ForkLatency", "ReadingCost"],
        "views.fork_pages": ["ForkPages"],
        "views.fork_tree": ["TreePicture"],
        "views.life_chart": ["LifeChart"],
        "views.switch": ["SwitchSteps"],
        "views.thread_curves": ["ThreadCurves"],
        "views.useful_share": ["UsefulShare"],
        "views.worker_costs": ["WorkerCosts"],
    },
)
