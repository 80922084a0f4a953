"""Where a lab is on the web, and where a mistake in it is reported."""

import os
import re
from functools import cache
from importlib import metadata
from typing import Any
from urllib.parse import urlencode

from oslab.base import checked, text
from oslab.base.chapters import NOTEBOOKS

__all__ = ["chapter_of", "lab_page", "mistake_address", "repository"]


@cache
def repository() -> str:
    """Return the course's address, as pyproject.toml gives it, or '' where the package was not installed."""
    try:
        lines = metadata.metadata("oslab").get_all("Project-URL") or []
    except metadata.PackageNotFoundError:
        return ""
    named = dict(line.split(", ", 1) for line in lines)
    return named.get("Repository", "").rstrip("/")


def chapter_of(view: Any) -> str:
    """Return the wing that a class of views belongs to, or '' where it is somebody's own."""
    parts = getattr(view, "__module__", "").split(".")
    return parts[1] if parts[0] == "oslab" and len(parts) > 2 else ""


@checked(lab=text(200))
def lab_page(view: Any, lab: str) -> str:
    """Return the address of a lab in the course's web edition, or '' where it has none.

    Parameters
    ----------
    view : View class
        Of the lab.
    lab : str
        The lab's function.

    Notes
    -----
    OSLAB_SITE names another place that the pages were put to, or is ``off``.
    """
    owner = re.fullmatch(r"https://github\.com/([\w.-]+)/([\w.-]+)", repository())
    own = os.environ.get("OSLAB_SITE", f"https://{owner[1].lower()}.github.io/{owner[2]}" if owner else "off")
    notebook = NOTEBOOKS.get(chapter_of(view), "")
    return f"{own.rstrip('/')}/{notebook}.html#lab-{lab}" if notebook and own != "off" else ""


@checked(lab=text(200))
def mistake_address(view: Any, lab: str) -> str:
    """Return the address at which a mistake in a lab is reported, or '' where there is none.

    Parameters
    ----------
    view : View
        Of the lab; its module names the chapter.
    lab : str
        The lab's function.
    """
    if not repository():
        return ""
    chapter = chapter_of(type(view)) or "own view"
    body = (
        f"Chapter: {chapter}\nLab: {lab} ({type(view).__name__}), oslab {metadata.version('oslab')}\n\n"
        "What I did (copy as code helps):\n\nWhat I saw:\n\nWhat I expected, and why:\n"
    )
    return f"{repository()}/issues/new?{urlencode({'title': f'{chapter}: {lab}', 'body': body})}"
