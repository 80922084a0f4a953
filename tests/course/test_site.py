"""The web edition: states that are the lab's own, keys that are the questions' own, pages that link to each other."""

import base64
import html
import json
import re
import struct
import zlib
from importlib import resources

import pytest
from hypothesis import given, strategies as st

from oslab import memory, scheduling
from oslab.course.addresses import binder_address, colab_address, page_address
from oslab.course.notebook_copies import originals
from oslab.course.site.build import build
from oslab.course.site.pages import anchor, markdown, page_name
from oslab.course.site.questions import key_of, question_html
from oslab.course.site.states import gather, thin


def unpacked(text):
    data = zlib.decompress(base64.b64decode(text), -15)
    end = 4 + struct.unpack("<I", data[:4])[0]
    return json.loads(data[4:end])["rows"], lambda place: data[end + place[0] : end + sum(place)]


def stands(lab):
    return {name: control.value for name, control in lab.controls.items()}, lab.step, lab.text


@pytest.mark.parametrize(
    "notebook, name", [("03_memory", "faults"), ("03_memory", "anomaly"), ("05_filesystems", "table")]
)
def test_a_page_has_the_states_of_the_lab(lab_of, notebook, name):
    lab = lab_of(notebook, name).lab
    before, state = stands(lab), lab.state
    found = gather(lab, 5, 3)
    assert stands(lab) == before and lab.state.list == state.list
    assert found.first.sentence == state.sentence and found.first.settings == state.settings
    assert len(found.rows) <= 3 and max(map(len, found.rows)) <= 6
    rows, cut = unpacked(found.packed())
    for row, shown in zip(found.rows, rows, strict=True):
        for one, page in zip(row, shown, strict=True):
            assert cut(page.pop("list")) == one.list and cut(page.pop("background")) == one.background
            assert page == json.loads(json.dumps(one.header))


def test_the_control_that_the_text_names_is_taken(lab_of):
    lab = lab_of("03_memory", "switches").lab
    assert gather(lab, 3, 1).axis.startswith("pages") and gather(lab, 3, 1, ["turn length"]).axis[:4] == "turn"


@given(st.integers(1, 200), st.integers(1, 80), st.integers(0))
def test_thin_keeps_ends_order_and_what_it_must(count, most, keep):
    few = thin(range(count), most, keep % count)
    assert few == sorted(set(few)) and set(few) <= set(range(count)) and keep % count in few
    assert len(few) <= most + 1 and (most < 2 or (few[0] == 0 and few[-1] == count - 1))


@pytest.mark.parametrize("bank", [memory.QUIZ, scheduling.QUIZ], ids=["memory", "scheduling"])
def test_keys_grade_as_the_questions_do(bank):
    for question in (q for key in bank for q in bank.draw(key).values()):
        key, options = key_of(question), question.options(1)
        if question.kind == "choice":
            assert [o["right"] for o in key["options"]] == [question.grade(o).right for o in options]
        if question.kind == "choices":
            assert question.grade([o for o, k in zip(options, key["options"]) if k["right"]]).right
        if question.kind == "number":
            for value in (key["right"], *(wrong for wrong, _, _ in key["wrong"]), *question.wrong_answers()):
                assert (abs(value - key["right"]) <= key["reach"]) == question.grade(value).right
        if question.kind == "order":
            assert question.grade([options[k] for k in key["right"]]).right
        if question.kind == "match":
            assert question.grade(dict(zip(question.right, (options[k] for k in key["right"])))).right
        page = question_html(question, "q")
        assert "</script>" not in page.split("application/json", 1)[1].removesuffix("</script></form>")


@pytest.mark.parametrize(
    "target, page",
    [
        ("03_memory.ipynb", "03_memory.html"),
        ("glossary.md#page-fault", "glossary.html#page-fault"),
        ("00_start_here.ipynb", "index.html"),
        ("../notebooks/07_ai_workloads.ipynb#x", "07_ai_workloads.html#x"),
        ("https://example.org/a.md", "https://example.org/a.md"),
        ("nbgrader/README.md", "nbgrader.html"),
        ("../teaching.md#the-gradebook", "teaching.html#the-gradebook"),
    ],
)
def test_links_lead_to_pages(target, page):
    assert page_name(target) == page


def test_a_heading_has_the_address_that_the_glossary_links_use():
    assert 'id="page-fault"' in markdown("## Page fault") and anchor("System call") == "system-call"
    assert 'href="03_memory.html"' in markdown("[3](03_memory.ipynb)")
    assert markdown("| a |\n|---|\n| b |").startswith('<div class="scroll"')


def test_addresses_are_made_of_the_repositorys():
    address = "https://github.com/Some-Body/oslab"
    assert binder_address(address, "a.ipynb").endswith("/gh/Some-Body/oslab/HEAD?urlpath=lab/tree/notebooks/a.ipynb")
    assert colab_address(address, "a.ipynb").endswith("/github/Some-Body/oslab/blob/HEAD/notebooks/a.ipynb")
    assert page_address(address, "a.html") == "https://some-body.github.io/oslab/a.html"
    for make in (binder_address, colab_address, page_address):
        with pytest.raises(ValueError, match="OWNER/NAME"):
            make("https://example.org/x", "a")


def test_a_pages_own_script_is_short():
    assert len(resources.files("oslab.course.site").joinpath("site.js").read_text().splitlines()) <= 300


def test_links_between_the_pages_lead_somewhere(tmp_path):
    build(tmp_path, "00", 3, 1)
    chapters = {page_name(path.name): None for path in originals().glob("*.ipynb")}
    texts = chapters | {path.name: path.read_text(encoding="utf-8") for path in tmp_path.glob("*.html")}
    assert len(texts) >= 14 and "nbgrader.html" in texts
    for name, text in texts.items():
        for target in map(html.unescape, re.findall(r'<a [^>]*href="([^"]*)"', text or "")):
            file, _, part = target.partition("#")
            if re.match("https?:", target) or file.startswith("reference/"):
                continue
            assert (file or name) in texts, (name, target)
            assert not part or texts[file or name] is None or f'id="{part}"' in texts[file or name], (name, target)
