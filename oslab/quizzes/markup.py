"""The little markup of prompts and reasons, turned into safe HTML or plain text.

Paragraphs are parted by blank lines; ``- `` and ``1. `` start list items; ``| a | b |`` is a table row, the
first of them its head; three backticks fence a block kept as it is; code stands between single backticks,
bold between double stars.  Everything else is text: it is escaped, never read as HTML.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

__all__ = ["html_table", "inline", "text_table", "to_html", "to_text"]

_FENCE = "```"
_BOLD = re.compile(r"\*\*(.+?)\*\*")
_NUMBERED = re.compile(r"\d+\. ")


def _escape(text: str) -> str:
    # A dollar in a span of its own is not taken for the start of a formula by the notebook's typesetter.
    return html.escape(text, quote=True).replace("$", "<span>$</span>")


def inline(text: str) -> str:
    """Return one line as HTML: code and bold marked, the rest escaped."""
    pieces = text.replace("\0", "").split("`")
    if len(pieces) % 2 == 0:
        pieces[-2:] = ["`".join(pieces[-2:])]
    # Code is set aside while bold is looked for, so that bold may hold code and stars in code stay stars.
    bold = _BOLD.sub(r"<b>\1</b>", _escape("\0".join(pieces[::2])))
    parts = bold.split("\0")
    code = [f"<code>{_escape(piece)}</code>" for piece in pieces[1::2]]
    return "".join(part + mark for part, mark in zip(parts, [*code, ""], strict=True))


def _blocks(text: str) -> Iterator[tuple[bool, list[str]]]:
    """The blocks of a text: whether it is fenced, and its lines."""
    lines: list[str] = []
    fenced = False
    for line in text.strip("\n").split("\n"):
        if line.strip().startswith(_FENCE):
            if lines:
                yield fenced, lines
            lines, fenced = [], not fenced
        elif fenced or line.strip():
            lines.append(line)
        elif lines:
            yield fenced, lines
            lines = []
    if lines:
        yield fenced, lines


def _runs(lines: list[str]) -> Iterator[tuple[str, list[str]]]:
    """The lines of a block in runs of one sort: 'ul', 'ol', 'table' or 'p'."""
    run: list[str] = []
    sort = ""
    for line in (line.strip() for line in lines):
        now = (
            "ul"
            if line.startswith("- ")
            else "ol"
            if _NUMBERED.match(line)
            else "table"
            if line.startswith("|")
            else "p"
        )
        if now != sort and run:
            yield sort, run
            run = []
        sort = now
        run.append(line)
    yield sort, run


def _run_html(sort: str, lines: list[str]) -> str:
    if sort in ("ul", "ol"):
        bare = (line[2:] if sort == "ul" else _NUMBERED.sub("", line, count=1) for line in lines)
        return f"<{sort}>{''.join(f'<li>{inline(line)}</li>' for line in bare)}</{sort}>"
    if sort == "table":
        rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
        rows = [row for row in rows if not all(re.fullmatch(r":?-+:?", cell) for cell in row)]
        return _rows_html(rows[0], rows[1:]) if rows else ""
    return f"<p>{inline(' '.join(lines))}</p>"


def _rows_html(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    top = "".join(f"<th>{inline(cell)}</th>" for cell in head)
    body = "".join(f"<tr>{''.join(f'<td>{inline(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"


def to_html(text: str) -> str:
    """Return a text in the little markup as HTML that holds nothing but what the markup makes."""
    parts = []
    for fenced, lines in _blocks(text):
        if fenced:
            parts.append(f"<pre>{_escape(chr(10).join(lines))}</pre>")
        else:
            parts.extend(_run_html(sort, run) for sort, run in _runs(lines))
    return "".join(parts)


def to_text(text: str) -> str:
    """Return a text in the little markup without its marks."""
    kept = (line for line in text.strip("\n").split("\n") if not line.strip().startswith(_FENCE))
    return _BOLD.sub(r"\1", "\n".join(kept)).replace("`", "")


def html_table(rows: Iterable[Mapping[str, Any]]) -> str:
    """Return rows (name of column → value) as an HTML table."""
    rows = list(rows)
    return _rows_html(rows[0], ([str(v) for v in row.values()] for row in rows)) if rows else ""


def text_table(rows: Iterable[Mapping[str, Any]]) -> str:
    """Return rows (name of column → value) as aligned lines of text."""
    rows = list(rows)
    if not rows:
        return ""
    lines = [list(rows[0]), *([str(v) for v in row.values()] for row in rows)]
    widths = [max(len(line[k]) for line in lines) for k in range(len(lines[0]))]
    return "\n".join("  ".join(cell.rjust(w) for cell, w in zip(line, widths, strict=True)) for line in lines)
