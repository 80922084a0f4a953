"""Published exercises: at least a hundred answers of books and exams stand as tests, each beside its source."""

import importlib
import re

from tests.conftest import NOTEBOOKS

ROOT = NOTEBOOKS.parent
BOOKS = re.compile(
    r"Silberschatz|Tanenbaum|Stallings|OSTEP|Arpaci|GATE|Bach|CS:APP|Bryant|Belady|Habermann|Peterson|Dijkstra|Downey|mke2fs"
)
MODULES = [
    "processes.test_fork_tree",
    "scheduling.test_exercises",
    "memory.replacement.test_replacement",
    "memory.tlb.test_access_time",
    "memory.test_page_table",
    "filesystems.test_exercises",
]


def leaves(value):
    """Return how many answers a parameter holds: those of a table of faults by frames and policy, or one."""
    return sum(map(leaves, value.values())) if isinstance(value, dict) and value else 1


def answers(function):
    """Return how many published answers a test compares; 0 if it is about something else."""
    cases = [
        case if isinstance(case, tuple) else (case,)
        for m in getattr(function, "pytestmark", ())
        if m.name == "parametrize"
        for case in m.args[1]
    ]
    published = "published" in function.__name__
    if not cases:
        return int(published or bool(BOOKS.search(function.__doc__ or "")))
    tables = [
        [v for v in case if isinstance(v, dict) and all(isinstance(a, dict) for a in v.values())] for case in cases
    ]
    named = [published or any(isinstance(v, str) and BOOKS.search(v) for v in case) for case in cases]
    return sum(leaves(table[0]) if table and table[0] else 1 for table, yes in zip(tables, named) if yes)


def test_at_least_a_hundred_published_answers():
    found = {}
    for module in MODULES:
        tests = vars(importlib.import_module(f"tests.{module}"))
        found[module] = sum(answers(test) for name, test in tests.items() if name.startswith("test_"))
    assert all(found.values()) and sum(found.values()) >= 100, found


def test_every_table_of_published_exercises_names_its_sources():
    for module in MODULES:
        text = (ROOT / "tests" / (module.replace(".", "/") + ".py")).read_text(encoding="utf-8")
        assert len(BOOKS.findall(text)) >= 3, module
