"""Text as HTML: escaped, and rows as tables.  Imports no widgets."""

import html
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from oslab.base import readable

__all__ = ["escape", "html_table"]

ROWS = 200


def escape(text: str) -> str:
    """Return a text as HTML that shows it as it is; a notebook does not take its dollar signs for formulas."""
    return html.escape(text, quote=True).replace("$", "<span>$</span>")


def html_table(rows: Iterable[Mapping[str, Any]], limit: int = ROWS) -> str:
    """Return rows of equal keys as an HTML table; it says how many of them it leaves out.

    Parameters
    ----------
    rows : iterable of mappings
        Name of column → value; texts are escaped, floats rounded to 4 digits.
    limit : int
        How many rows are shown.
    """
    listed = [dict(row) for row in rows]
    if not listed:
        return "<p>nothing to list</p>"
    head = "".join(f"<th>{escape(str(key))}</th>" for key in listed[0])
    body = "".join(
        f"<tr>{''.join(f'<td>{escape(_cell(value))}</td>' for value in row.values())}</tr>"
        for row in islice(listed, limit)
    )
    rest = f"<p>… and {len(listed) - limit} rows more</p>" if len(listed) > limit else ""
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{rest}"


def _cell(value: Any) -> str:
    return readable(value, 4) if isinstance(value, float) else str(value)
