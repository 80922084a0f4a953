"""Programs that use real packages, each slow by construction for one known cause; `benchmarks/why.py` watches them.

``python -m benchmarks.known_causes NAME`` prints ``ready`` once it is in its steady state, and goes on until it is ended.
"""
