"""Nothing a text holds becomes HTML, but the little markup."""

import re

import pytest
from hypothesis import given, strategies as st

from oslab.quizzes import Choice, as_html, as_text
from oslab.quizzes.markup import inline, to_html, to_text

ALLOWED = {"p", "ul", "ol", "li", "pre", "code", "b", "span", "table", "thead", "tbody", "tr", "th", "td"}


@given(st.text(st.sampled_from("<>&\"'`*|-$1. \nab/="), max_size=60))
def test_only_own_tags_come_out(text):
    page = re.sub(r'<ol start="\d+">', "<ol>", to_html(text))  # a list may begin with another number than 1
    assert {tag for tag in re.findall(r"</?([^\s>]*)[^>]*>", page)} <= ALLOWED
    assert not re.search(r"<[a-z]+\s", page)


@given(st.text(st.characters(exclude_characters="`*\0"), max_size=40))
def test_a_line_without_marks_is_kept(text):
    import html

    assert html.unescape(inline(text).replace("<span>$</span>", "$")) == text


def test_marks():
    assert inline("**`a*` b** $x") == "<b><code>a*</code> b</b> <span>$</span>x"
    page = "".join(to_html("a\nb\n- c\n- d\n\n1. e").replace("a\nb", "a b").split("\n"))
    assert page == "<p>a b</p><ul><li>c</li><li>d</li></ul><ol><li>e</li></ol>"
    assert to_html("```\na < b\n\n c\n```") == "<pre>a &lt; b\n\n c</pre>"
    assert to_html("| a | b |\n|---|---|\n| 1 | <2 |").count("<td>") == 2
    assert to_text("**a** `b`") == "a b"


@pytest.mark.parametrize(
    "text", ["_a_", "__init__", "*a*", "2*3*4", "# a", "> a", "[a](http://b)", "<http://b>", "![a](b)", "&amp;", "a\\*"]
)
def test_what_markdown_has_besides_is_text(text):
    assert to_html(text) == inline(text).join(("<p>", "</p>"))
    assert "<a" not in to_html(text) and "<em>" not in to_html(text)


def test_pictures_are_images_and_png_is_left_out_of_print():
    svg = Choice("Which?", "a", {"b": "r"}, why="So.", picture=lambda: "<svg><script/></svg>", picture_alt='a "line"')
    assert "data:image/svg+xml;base64," in as_html(svg) and "<script" not in as_html(svg)
    assert "&quot;line&quot;" in as_html(svg) and '[picture: a "line"]' in as_text(svg)
    png = Choice("Which?", "a", {"b": "r"}, why="So.", picture=b"\x89PNG\r\n\x1a\n0", picture_alt="dots")
    assert "base64" not in as_html(png) and "[picture: dots]" in as_html(png)


def test_a_table_is_shown_in_both():
    question = Choice(
        "Which?", "a", {"b": "r"}, why="So.", table=[{"frames": 1, "misses": 0.5}, {"frames": 16, "misses": 0.25}]
    )
    assert "<td>16</td>" in as_html(question) and "frames  misses\n1       0.5" in as_text(question)
