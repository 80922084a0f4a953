"""The markup of prompts and reasons, turned into safe HTML or plain text.

It is Markdown's paragraphs, lists, tables, fenced blocks, code between backticks and bold between double stars.
Everything else is text: it is escaped, never read as HTML, as a link or as emphasis.
"""

import re
from typing import Any

import mistune
from mistune.plugins.table import table

from oslab.picture.html_text import escape

__all__ = ["inline", "labelled", "to_html", "to_text"]

BOLD = r"\*\*(?:`[^`]*`|[^`])+?\*\*"


class _Page(mistune.HTMLRenderer):
    """HTML without attributes, in which every text is escaped."""

    text = staticmethod(escape)

    def codespan(self, text: str) -> str:
        return f"<code>{escape(text)}</code>"

    def block_code(self, code: str, info: str | None = None) -> str:
        return f"<pre>{escape(code.rstrip())}</pre>"

    def bold(self, text: str) -> str:
        return f"<b>{text}</b>"

    def table_cell(self, text: str, align: str | None = None, head: bool = False) -> str:
        return f"<th>{text}</th>" if head else f"<td>{text}</td>"


def _parse_bold(parser: Any, match: re.Match[str], state: Any) -> int:
    inside = state.copy()
    inside.src = match.group()[2:-2]
    state.append_token({"type": "bold", "children": parser.render(inside)})
    return match.end()


_block, _inline = mistune.BlockParser(), mistune.InlineParser()
_block.rules, _inline.rules = ["fenced_code", "list", "blank_line"], ["codespan"]
_block.list_rules = ["fenced_code", "blank_line"]
for _rule in _block.specification.keys() - _block.rules:  # a list asks for others as well
    _block.specification[_rule] = r"(?!)"
_inline.register("bold", BOLD, _parse_bold)
_page = mistune.Markdown(_Page(), _block, _inline, [table])


def inline(text: str) -> str:
    """Return one line as HTML: code and bold marked, the rest escaped."""
    return _page.renderer.render_tokens(_page.inline(text, {}), _page.block.state_cls()) if text else ""


def to_html(text: str) -> str:
    """Return a text as HTML that holds nothing but what the markup makes."""
    return str(_page(text)).strip()


def labelled(label: str, text: str) -> str:
    """Return a text as HTML after a bold label, on the same line."""
    page = to_html(text)
    return f"<b>{label}.</b> {page[3:].replace('</p>', '', 1) if page.startswith('<p>') else page}"


def to_text(text: str) -> str:
    """Return a text without its marks."""
    kept = (line for line in text.strip("\n").split("\n") if not line.strip().startswith("```"))
    return re.sub(r"\*\*(.+?)\*\*", r"\1", "\n".join(kept)).replace("`", "")
