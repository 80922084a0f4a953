"""C source as HTML: coloured by pygments, numbered, with what the compiler says under the line it names."""

import html
from collections.abc import Sequence

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import CLexer
from pygments.style import Style
from pygments.token import Comment, Keyword, Name, Number, String, Token

__all__ = ["source_html"]


class Inks(Style):
    """The course's colours, each dark enough for type on white; weight and slant tell them apart as well."""

    background_color = "#ffffff"
    styles = {
        Token: "#1b1f24",
        Comment: "italic #59636e",
        Comment.Preproc: "noitalic #a8487d",
        Comment.PreprocFile: "noitalic #00795a",
        Keyword: "bold #0072b2",
        Keyword.Type: "nobold #0072b2",
        Name.Function: "bold",
        String: "#00795a",
        Number: "#b24e00",
    }


def source_html(source: str, notes: Sequence[tuple[int, str]] = (), inline: bool = False) -> str:
    """Return a C program as HTML.

    Parameters
    ----------
    source : str
    notes : sequence of tuple
        Line (from 1) and what is said of it.
    inline : bool
        Without line numbers and classes, for pages that know none of the course's styles.
    """
    formatter = HtmlFormatter(style=Inks, noclasses=True, nowrap=True)
    coloured = highlight(source, CLexer(stripnl=False), formatter).rstrip("\n")
    if inline:
        return f"<pre style='background-color: #ffffff; color: #1b1f24'>{coloured}\n</pre>"
    said: dict[int, list[str]] = {}
    for line, text in notes:
        said.setdefault(line, []).append(text)
    lines = []
    for number, line in enumerate(coloured.split("\n"), 1):
        kind = " class='oslab-faulty'" if number in said else ""
        lines.append(f"<span{kind}><span class='oslab-n'>{number}</span>{line or ' '}</span>")
        lines += (f"<span class='oslab-says'>▲ {html.escape(text)}</span>" for text in said.get(number, ()))
    return f"<pre tabindex='0' aria-label='C program'>{''.join(lines)}</pre>"
