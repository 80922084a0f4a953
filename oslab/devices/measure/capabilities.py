"""What of this chapter can be done here."""

from oslab.machine import can

__all__ = ["what_is_allowed"]


def what_is_allowed() -> str:
    """Say which measurements of this chapter are possible here, and which setting refuses the others."""
    return "\n".join(
        f"{one.label}: {'yes' if one else 'no'}, {one.reason}" + (f" → {one.remedy}" if one.remedy else "")
        for one in map(can, ("io_uring", "liburing", "compiler", "strace"))
    )
