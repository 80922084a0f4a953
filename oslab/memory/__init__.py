"""Chapter 3, memory: page replacement, address translation, the TLB."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submodules=["questions", "replacement", "traces"],
    submod_attrs={
        "address_space": ["AddressSpace", "Location", "locate", "two_processes"],
        "anomaly": ["FaultCounts", "fault_counts"],
        "contest": ["ScanContest", "scan_contest"],
        "demand_paging": ["Run", "simulate"],
        "journey": ["Journey", "follow_access"],
        "judging": ["Judgement", "judge"],
        "labs": ["ADDRESS", "FOLLOWED", "LIVE", "PAGE_SIZES"],
        "live": ["TRACES", "Replay", "curves", "reference_trace", "replay"],
        "miss_ratio": ["MissRatioCurve", "curve_in_steps", "default_sizes", "miss_ratio_curve"],
        "physical_memory": ["PhysicalMemory"],
        "questions": ["QUIZ"],
        "reference_string": ["Trace"],
        "replacement": ["POLICIES"],
        "reuse": ["reuse_distances"],
        "sampling": ["SampledCurve", "sampled_curve"],
        "translation": ["PageTable", "Split", "Walk", "parse_address", "split"],
        "views.address": ["AddressMap"],
        "views.anomaly": ["FaultsByFrames"],
        "views.clock": ["ClockFace"],
        "views.curves": ["MissCurves"],
        "views.grid": ["FaultGrid"],
        "views.journey": ["MissMap"],
        "views.reclaim": ["ScanStory"],
        "views.sampling": ["SampledCurves"],
        "views.spaces": ["TwoSpaces"],
    },
)
