"""Chapter 3, memory: page replacement, address translation, the TLB."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submodules=["questions", "replacement", "tlb", "traces"],
    submod_attrs={
        "address_space": ["AddressSpace", "Location", "locate", "two_processes"],
        "anomaly": ["FaultCounts", "fault_counts"],
        "contest": ["ScanContest", "scan_contest"],
        "demand_paging": ["Run", "simulate"],
        "journey": ["Journey", "follow_access"],
        "labs": ["ADDRESS", "LIVE", "PAGE_SIZES"],
        "live": ["TRACES", "Replay", "curves", "reference_trace", "replay"],
        "miss_ratio": ["MissRatioCurve", "curve_in_steps", "default_sizes", "miss_ratio_curve"],
        "physical_memory": ["PhysicalMemory"],
        "questions": ["QUIZ"],
        "reference_string": ["Trace"],
        "replacement": ["POLICIES"],
        "reuse": ["reuse_distances"],
        "tlb.processors": ["PROCESSORS"],
        "tlb.reach": ["Reach", "tlb_reach"],
        "tlb.simulation": ["TlbRun", "simulate_tlb"],
        "tlb.switches": ["SwitchCosts", "switch_costs"],
        "translation": ["PageTable", "Split", "Walk", "parse_address", "split"],
        "views.address": ["AddressMap"],
        "views.anomaly": ["FaultsByFrames"],
        "views.clock": ["ClockFace"],
        "views.curves": ["MissCurves"],
        "views.grid": ["FaultGrid"],
        "views.journey": ["MissMap"],
        "views.reclaim": ["ScanStory"],
        "views.spaces": ["TwoSpaces"],
    },
)
