"""README, citation and license: what the tools write, what they run, and that the repository's address is one."""

import re
import tomllib

import nbformat
import pytest
import yaml

import oslab
from oslab.course import addresses
from tools import readme, readme_check
from tools.sources import ROOT

DOCUMENTS = [
    ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CITATION.cff", "LICENSE-notebooks", "docs/teaching.md")
]


def notebook(folder, name, first):
    cells = [nbformat.v4.new_markdown_cell(text) for text in (first, "## 1 · Why?\n\ntext", "## 2 · How?", "## Quiz")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / name)


def test_the_list_of_chapters_is_that_of_the_notebooks():
    text = readme.README.read_text(encoding="utf-8")
    assert readme.renewed(text) == text, "run make readme"


def test_a_row_says_what_the_notebook_says(tmp_path):
    notebook(tmp_path, "09_it.ipynb", "# 9 · It\n\n**What is it?**\n\nTime: about 40 minutes for two labs; alone.\n")
    text = readme.renewed(f"a\n{readme.BEGIN}\nold\n{readme.END}\nb", folder=tmp_path, address="https://github.com/a/b")
    assert text.startswith("a\n") and text.endswith("\nb") and "old" not in text
    page = "https://a.github.io/b/09_it.html"
    assert (
        f"| [9 · It]({page}) ([notebook](notebooks/09_it.ipynb)) | What is it? | about 40 minutes for two labs |"
        in text
    )
    assert "(https://mybinder.org/v2/gh/a/b/HEAD?urlpath=lab/tree/notebooks/09_it.ipynb)" in text
    assert "- **9 · It**: Why? · How?\n" in text


def test_what_is_missing_is_said(tmp_path):
    notebook(tmp_path, "09_it.ipynb", "# 9 · It\n\nTime: about 40 minutes")
    with pytest.raises(ValueError, match=r"09_it.ipynb: its first cell must have"):
        list(readme.lines(tmp_path, "https://github.com/a/b"))
    with pytest.raises(ValueError, match="lacks the lines"):
        readme.renewed("no marks")
    with pytest.raises(ValueError, match="allowed is https://github.com/OWNER/NAME"):
        addresses.binder_address("https://example.org/a/b", "x.ipynb")


def test_every_badge_and_link_has_the_address_of_pyproject():
    address, known = readme.repository(), 0
    for document in filter(lambda path: path.exists(), DOCUMENTS):
        text = document.read_text(encoding="utf-8")
        named = re.findall(
            r"https://github\.com/[\w.-]+/oslab\b|/v2/gh/[\w.-]+/[\w.-]+|repo=https%3A%2F%2F[\w.%-]+", text
        )
        known += len(named)
        for link in named:
            owner = re.search(r"(?:github\.com(?:/|%2F)|/v2/gh/)([\w.-]+)(?:/|%2F)([\w.-]+)", link)
            assert owner and f"https://github.com/{owner[1]}/{owner[2]}" == address, f"{document.name}: {link}"
    assert known >= 3


def test_one_command_writes_the_address_anew_everywhere():
    old, new = readme.repository(), "https://github.com/Some-Body/os.course"
    texts = [path.read_text(encoding="utf-8") for path in readme.ADDRESSED]
    moved = [readme.addressed(text, old, new) for text in texts]
    assert all(before != after for before, after in zip(texts, moved))
    assert not any(
        re.search(r"github(\.com(/|%2F)|\.io/)oslab-course|oslab-course\.github|gh/oslab-course", text)
        for text in moved
    )
    assert [readme.addressed(text, new, old) for text in moved] == texts


def test_what_a_newcomer_types_first_depends_on_no_address():
    first = readme.README.read_text(encoding="utf-8").split("## Two commands")[1].split("```sh")[1].split("```")[0]
    assert "make lab" in first and "http" not in first


def test_the_citation_is_that_of_the_project():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert (
        citation["version"] == project["version"] == oslab.__version__
        and citation["repository-code"] == readme.repository()
    )
    assert " AND ".join(citation["license"]) == project["license"]
    assert f"## {project['version']} " in (ROOT / "CHANGELOG.md").read_text()


def test_links_to_files_lead_somewhere():
    for document in filter(lambda path: path.suffix == ".md" and path.exists(), DOCUMENTS):
        text = document.read_text(encoding="utf-8")
        for link in re.findall(r"\]\(([^)#]+)[^)]*\)|src=\"([^\"]+)\"", text):
            target = "".join(link)
            assert target.startswith("https://") or (document.parent / target).exists(), f"{document.name}: {target}"


SHOWN = """Say `make help`, `OSLAB_JIT=0 make lab` or `nothing`.

```sh
git clone https://example.org/x && cd x
make lab     # and more
make help
```

```python
print(1 + 1)  # → 2
```
"""


def test_all_that_is_shown_is_run_once_and_in_order():
    kinds = [(piece.kind, piece.text.strip()) for piece in readme_check.pieces(SHOWN)]
    assert kinds == [
        ("sh", "make help"),
        ("sh", "OSLAB_JIT=0 make lab"),
        ("sh", "git clone https://example.org/x && cd x"),
        ("sh", "make lab"),
        ("python", "print(1 + 1)  # → 2"),
    ]
    with pytest.raises(ValueError, match="language 'bash'"):
        readme_check.pieces("```bash\nmake\n```\n")


@pytest.mark.parametrize(
    "command, serves",
    [
        ("make lab", True),
        ("OSLAB_JIT=0 make lab PYTHON=python3", True),
        ("python -m oslab my-notebooks", True),
        ("python -m oslab.course.warm", False),
        ("python -m oslab --fresh 03 my-notebooks", False),
        ("make help", False),
    ],
)
def test_servers_are_told_from_commands_that_end(command, serves):
    assert bool(readme_check.SERVERS.match(command)) == serves


def test_a_promise_that_is_not_kept_is_seen():
    assert readme_check.broken_promises("print(2)  # → 2\nprint(3)  # → 4", "2\n3\n") == ["4"]
