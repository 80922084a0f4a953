"""Generated tests: CI draws the same examples each time, so that chance breaks no build; by hand they go on exploring."""

import os

from hypothesis import settings

settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("ci")
