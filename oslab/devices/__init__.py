"""Chapter 6, devices: who copies the bytes, interrupts and polling, epoll, the two rings of io_uring."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submodules=["measure", "questions"],
    submod_attrs={
        "contest": ["Expectation", "expect_race"],
        "jobs": ["RingJob", "count_calls", "run_job"],
        "labs": ["BILL", "LOAD", "PIPE", "PROGRAMS", "RACE", "RATES", "RINGS", "TRANSFER"],
        "measure.runs": ["what_is_allowed"],
        "questions": ["QUIZ"],
        "reception": ["RECEIVERS", "Overload", "Reception", "receive", "sweep_load"],
        "rings": ["Completion", "Request", "RingState", "Rings"],
        "server": ["SERVERS", "ServerCosts", "bill_operations"],
        "transfer": ["TransferRun", "compare_ways", "move_block"],
        "triggers": ["PipeStory", "watch_pipe"],
        "views.bill": ["CostBill"],
        "views.lanes": ["TransferLanes"],
        "views.load": ["LoadCurves"],
        "views.pipe": ["PipeWatch"],
        "views.race": ["Race"],
        "views.rates": ["InterruptRates"],
        "views.rings": ["RingsPicture"],
    },
)
