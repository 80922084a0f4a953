"""Chapter 6, devices: who copies the bytes, interrupts and polling, epoll, the two rings of io_uring."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submodules=["measure", "questions"],
    submod_attrs={
        "ring_job": ["RingJob", "count_calls", "run_job"],
        "labs": ["BILL", "LOAD", "PIPE", "PROGRAMS", "RACE", "RATES", "RINGS", "TRANSFER"],
        "measure.capabilities": ["what_is_allowed"],
        "questions": ["QUIZ"],
        "packet_receiver": ["RECEIVERS", "LoadSweep", "Reception", "receive", "sweep_load"],
        "rings": ["Completion", "Request", "RingState", "Rings"],
        "operation_costs": ["SERVERS", "JobCosts", "OperationCosts", "bill_operations", "expect_race"],
        "block_transfer": ["TransferRun", "compare_ways", "move_block"],
        "epoll_triggers": ["PipeRun", "watch_pipe"],
        "views.cost_bill": ["CostBill"],
        "views.transfer_lanes": ["TransferLanes"],
        "views.load_curves": ["LoadCurves"],
        "views.pipe_watch": ["PipeWatch"],
        "views.race": ["Race"],
        "views.interrupt_rates": ["InterruptRates"],
        "views.rings": ["RingsPicture"],
    },
)
