"""What this machine does: its nodes, the limits set on this process, a real run under a quota, children that are watched."""

import lazy_loader as _lazy

# Late, since `why` needs nothing of it.
__getattr__, __dir__, __all__ = _lazy.attach(__name__, submod_attrs={"recorded_runs": ["recorded_run"]})
