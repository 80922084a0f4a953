"""The TLB: a cache of translations, simulated; real processors' sizes; how far they reach, and what a switch costs."""
