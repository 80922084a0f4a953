"""`oslab.progress`: what the learner's progress is kept in, shown with, saved to and restored from."""

from __future__ import annotations

from typing import Any

from oslab.quizzes.progress_log import (
    Summary,
    default_path,
    export_csv,
    history,
    record,
    restore,
    save,
    store,
    summary,
)

__all__ = ["Summary", "default_path", "export_csv", "history", "panel", "record", "restore", "save", "store", "summary"]


def panel() -> Any:
    """Return a panel, to be the last line of a cell: it shows progress, downloads it, and takes such a file back."""
    from oslab.quizzes.progress_panel import ProgressPanel  # widgets only where they are shown

    return ProgressPanel()
