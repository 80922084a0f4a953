"""The one error of what a machine cannot do."""

__all__ = ["Unavailable"]


class Unavailable(OSError):
    """Something that this machine, or this user on it, cannot do; the message is a sentence."""
