"""What a saved notebook keeps of a lab: its picture and its sentence, not the live widget.

A live widget is drawn by its kernel.  Reopened without one, a notebook would show "model not found" in its place,
unless the entry that asks for the widget is taken out: then the picture beside it is shown.
"""

from typing import Any

from oslab.base import Instance, checked

__all__ = ["WIDGET_VIEW", "pre_save", "strip_widgets"]

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
STANDS_IN = {"image/png", "image/svg+xml", "text/html", "text/markdown"}


@checked(notebook=Instance(dict))
def strip_widgets(notebook: dict[str, Any]) -> int:
    """Take live widgets out of a notebook's outputs, in place.

    A notebook of this course (its metadata say so) loses them all, with their stored state.  In any other
    notebook only those go that have something better than plain text to stand in for them.

    Parameters
    ----------
    notebook : dict
        Notebook format 4, as read from JSON.

    Returns
    -------
    int
        How many were taken out.
    """
    metadata = notebook.get("metadata", {})
    ours = "oslab" in metadata
    stripped = 0
    for cell in notebook.get("cells", []):
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if WIDGET_VIEW in data and (ours or STANDS_IN & data.keys()):
                del data[WIDGET_VIEW]
                stripped += 1
    if ours:
        metadata.pop("widgets", None)
    return stripped


def pre_save(model: dict[str, Any], **_: Any) -> None:
    """Strip a notebook that a Jupyter server is about to save; leave every other file alone."""
    notebook = model.get("content")
    if model.get("type") == "notebook" and isinstance(notebook, dict) and notebook.get("nbformat", 0) >= 4:
        strip_widgets(notebook)
