"""Pages: Markdown as HTML with links between pages, and the frame around a page's text."""

import re
from importlib import resources
from typing import Any

import mistune

from oslab.base import checked, text
from oslab.lab.mistake_link import repository
from oslab.picture.html_text import escape
from oslab.picture.theme import renderer, style_sheet

__all__ = ["anchor", "frame", "markdown", "page_name"]

NOTE = (
    "This is the web edition: a picture moves along one control, through states that were worked out beforehand. "
    "Nothing runs here, and no answer is kept."
)


@checked(heading=text(1000))
def anchor(heading: str) -> str:
    """Return what a heading's address ends with, as GitHub and JupyterLab make it."""
    return re.sub(r"[^a-z0-9_ -]", "", heading.lower()).strip().replace(" ", "-")


@checked(target=text(2000))
def page_name(target: str) -> str:
    """Return the page that stands for a notebook or a Markdown file; any other address as it is.

    A README stands for its folder.  What else the repository holds is shown there, where its address is known.
    """
    if re.match(r"[a-z]+:", target):
        return target
    target = re.sub(r"([\w-]+)/README\.md(?=#|$)", r"\1.md", target)
    name = re.sub(r"^(?:.*/)?([\w-]+)\.(?:ipynb|md)(?=#|$)", r"\1.html", target)
    if name.startswith("../"):
        return f"{repository() or '..'}/tree/HEAD/{name.lstrip('./')}"
    return name.replace("00_start_here.html", "index.html")


class _Writer(mistune.HTMLRenderer):
    """HTML whose headings have addresses, and whose tables and code can be scrolled by keyboard."""

    def __init__(self) -> None:
        super().__init__(escape=False)
        self.taken: set[str] = set()

    def heading(self, text: str, level: int, **attrs: Any) -> str:
        name = anchor(re.sub(r"<[^>]+>", "", text)) or "part"
        while name in self.taken:
            name += "-"
        self.taken.add(name)
        return f'<h{level} id="{name}">{text}</h{level}>\n'

    def link(self, text: str, url: str, title: str | None = None) -> str:
        return super().link(text, page_name(url), title)

    def block_code(self, code: str, info: str | None = None) -> str:
        return code_block(code)


def code_block(code: str) -> str:
    """Return text in fixed columns, reached by keyboard since it may be wider than the page."""
    return f'<pre tabindex="0"><code>{escape(code.rstrip())}</code></pre>\n'


def scrollable(content: str, label: str = "table") -> str:
    """Return what may be wider than the page in a box that scrolls."""
    return f'<div class="scroll" role="group" aria-label="{label}" tabindex="0">{content}</div>'


@checked(source=text(10**6))
def markdown(source: str) -> str:
    """Return a text of the course as HTML."""
    page = mistune.create_markdown(renderer=_Writer(), plugins=["table", "strikethrough"])(source)
    return re.sub(r"<table>.*?</table>", lambda m: scrollable(m[0]), str(page), flags=re.S)


def _read(name: str) -> str:
    return resources.files("oslab.course.site").joinpath(name).read_text(encoding="utf-8")


@checked(title=text(500), body=text(10**8), here=text(200), live=text(10**4))
def frame(title: str, body: str, here: str, pages: dict[str, tuple[str, str]], live: str = "") -> str:
    """Return a whole page.

    Parameters
    ----------
    title, body : str
        The body is HTML.
    here : str
        The page's own file.
    pages : dict of str to (str, str)
        The course's pages: file, what a link says, the whole title.
    live : str
        What stands above the text, after the note: how to run it, as HTML; '' where nothing runs anyway.
    """
    current = ' aria-current="page"'
    links = "".join(
        f'<a href="{file}" title="{escape(whole)}" aria-label="{escape(whole)}"{current if file == here else ""}>'
        f"{escape(said)}</a>"
        for file, (said, whole) in pages.items()
    )
    names = [*pages]
    k = names.index(here) if here in names else -1
    beside = [("before", names[k - 1] if k > 0 else ""), ("next", names[k + 1] if 0 <= k < len(names) - 1 else "")]
    turn = " · ".join(f'{way}: <a href="{file}">{escape(pages[file][1])}</a>' for way, file in beside if file)
    note = f'<p class="note">{NOTE}</p>{live}' if live else ""
    script = f"<script>(() => {{\n{renderer()}\n{_read('site.js')}\n}})();</script>" if live else ""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)} · oslab</title><style>{style_sheet(_read('site.css'))}</style></head>\n"
        f'<body><header><nav aria-label="pages of the course">{links}</nav></header>\n'
        f"<main>{note}{body}</main>\n<footer>{turn}</footer>\n{script}</body></html>\n"
    )
