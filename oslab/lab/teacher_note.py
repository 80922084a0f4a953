"""The text that a teacher put above a lab."""

from typing import Any

import ipywidgets as widgets

from oslab.base import teacher_folder
from oslab.lab.mistake_link import chapter_of

__all__ = ["notes_for"]


def notes_for(view: Any, lab: str) -> list[widgets.Widget]:
    """Return the widgets that show the text, or none.

    Parameters
    ----------
    view : View class
        Of the lab; its module names the wing.
    lab : str
        The lab's function.
    """
    told = teacher_folder.note(chapter_of(view), lab)
    if not told:
        return []
    from oslab.quizzes.markup import to_html

    return [widgets.HTML(to_html(told)).add_class("oslab-own-text")]
