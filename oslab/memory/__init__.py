"""Chapter 3, memory: page replacement, address translation, the TLB."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submodules=["questions", "replacement"],
    submod_attrs={
        "contest": ["ScanContest", "scan_contest"],
        "demand_paging": ["Run", "simulate"],
        "anomaly": ["FaultCounts", "fault_counts"],
        "labs": ["LIVE"],
        "live": ["TRACES", "Replay", "curves", "reference_trace", "replay"],
        "journey": ["Journey", "follow_access"],
        "questions": ["QUIZ"],
        "reference_string": ["Trace"],
        "replacement": ["POLICIES"],
        "views.anomaly": ["FaultsByFrames"],
        "views.clock": ["ClockFace"],
        "views.curves": ["MissCurves"],
        "views.grid": ["FaultGrid"],
        "views.journey": ["MissMap"],
        "views.reclaim": ["ScanStory"],
    },
)
