"""The rules of the house hold, and each catches what is planted against it."""

import pytest

from tools import house
from tools.sources import PACKAGE


@pytest.mark.parametrize("rule", house.RULES, ids=lambda rule: rule.__name__)
def test_rule(rule):
    assert rule.__doc__ and list(rule(PACKAGE)) == []


LAZY = '"""A room."""\nimport lazy_loader as _lazy\n\n__getattr__, __dir__, __all__ = _lazy.attach(__name__, {})\n'


@pytest.fixture
def small(tmp_path):
    """Write a small oslab of the files given, on top of one that keeps all rules."""

    def write(**planted):
        text = {
            "__init__": '"""A course."""',
            "_jit": '"""Kernels."""\nimport os',
            "picture/__init__": LAZY.format('submod_attrs={"view": ["View"]}'),
            "picture/view": '"""Views."""\nimport matplotlib\n\nclass View:\n    """Draws."""',
            "base/__init__": '"""What models stand on."""',
            "base/registry": '"""Registries."""',
            "base/series": '"""Series."""\nimport numpy',
            "machine/__init__": '"""The machine."""',
            "machine/procfs": '"""Files."""\nfrom oslab.base import series',
            "memory/__init__": LAZY.format('submod_attrs={"paging": ["simulate"], "views.grid": ["Grid"]}'),
            "memory/paging": '"""A model."""\nimport numpy\nfrom oslab import _jit\nfrom oslab.memory import lists\n\n'
            'def simulate():\n    """Run."""',
            "memory/lists": '"""A kernel."""\nfrom __future__ import annotations\nimport oslab._jit',
            "memory/views/__init__": '"""Pictures."""',
            "memory/views/grid": '"""A view."""\nfrom oslab.picture.view import View\nfrom oslab.memory import paging\n\n'
            'class Grid(View):\n    """Draws."""',
            "memory/measure": '"""Measures."""\nfrom oslab.machine import procfs\nfrom oslab.memory import paging',
            "scheduling/__init__": '"""A wing."""',
            "scheduling/engine": '"""A model."""',
            "processes/__init__": '"""A wing."""',
            "processes/cycle": '"""Runs."""\nfrom typing import TYPE_CHECKING\nfrom oslab.scheduling import engine\n\n'
            "if TYPE_CHECKING:\n    import matplotlib",
        }
        text.update({name.replace("__", "/", 1) if name[0] != "_" else name: t for name, t in planted.items()})
        for name, content in text.items():
            file = tmp_path / "oslab" / f"{name}.py"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content + "\n")
        return tmp_path / "oslab"

    return write


def test_a_small_house_keeps_all_rules(small):
    assert house.check(small()) == []


@pytest.mark.parametrize(
    "file, text, said",
    [
        ("memory__paging", "import numba", "imports numba"),
        ("memory__paging", "def f():\n    from matplotlib import figure", "imports matplotlib"),
        ("memory__paging", "import ipywidgets as w", "imports ipywidgets"),
        ("memory__paging", "import scipy.stats", "imports scipy.stats"),
        ("memory__paging", "from oslab.memory.views import grid", "model imports oslab.memory.views.grid"),
        ("memory__paging", "from .views.grid import Grid", "model imports oslab.memory.views.grid"),
        ("memory__paging", "from oslab.memory import measure", "model imports oslab.memory.measure"),
        ("memory__paging", "from oslab.picture.view import View", "model imports oslab.picture.view"),
        ("memory__paging", "from oslab import machine", "model imports oslab.machine"),
        ("memory__paging", "from oslab.scheduling import engine", "imports oslab.scheduling.engine"),
        ("memory__views/grid", "from oslab.scheduling import engine", "imports oslab.scheduling.engine"),
        ("memory__views/grid", "from oslab.memory import measure", "views imports oslab.memory.measure"),
        ("memory__views/grid", "import ipywidgets", "views imports ipywidgets"),
        ("memory__measure", "from oslab.memory.views import grid", "measure imports oslab.memory.views.grid"),
        ("memory__measure_chases", "from oslab.memory.views import grid", "measure imports oslab.memory.views.grid"),
        ("scheduling__engine", "from oslab.processes import cycle", "imports oslab.processes.cycle"),
        ("picture__view", "import oslab.memory", "picture imports oslab.memory"),
        ("picture__view", "import numba", "picture imports numba"),
        ("machine__procfs", "from oslab import memory", "machine imports oslab.memory"),
        ("machine__procfs", "import matplotlib", "machine imports matplotlib"),
    ],
)
def test_a_forbidden_import_is_caught(small, file, text, said):
    [message] = house.who_may_import_whom(small(**{file: f'"""X."""\n{text}'}))
    assert said in message


@pytest.mark.parametrize(
    "rule, planted",
    [
        (house.no_file_shadows_a_public_name, {"memory__simulate": '"""A model."""'}),
        (house.no_file_shadows_a_public_name, {"memory__Grid/__init__": '"""A folder."""'}),
        (house.public_names_exist, {"memory__paging": '"""A model."""'}),
        (house.public_names_have_docstrings, {"memory__paging": "def simulate():\n    '''Run.'''"}),
        (house.public_names_have_docstrings, {"memory__paging": '"""A model."""\ndef simulate(): pass'}),
        (house.public_names_have_docstrings, {"memory__paging": '"""A model."""\nclass simulate: pass'}),
        (house.files_are_short, {"memory__paging": '"""A model."""\n' + "a = 1\n" * 301}),
        (house.folders_are_small, {f"memory__model_{k}": '"""A model."""' for k in range(24)}),
        (house.no_imports_in_circles, {"memory__lists": '"""X."""\ndef f():\n    from oslab.memory import paging'}),
        (house.imports_load_little, {"__init__": '"""A course."""\nimport numpy'}),
        (house.imports_load_little, {"picture__view": '"""Views."""', "memory__paging": '"""X."""\nimport matplotlib'}),
        (house.imports_load_little, {"memory__paging": '"""X."""\nfrom oslab.picture import view'}),
        (house.imports_load_little, {"memory__paging": '"""X."""\n1 / 0'}),
    ],
)
def test_a_planted_breach_is_caught(small, rule, planted):
    assert list(rule(small(**planted)))
