"""environment.yml, constraints.txt and pyproject.toml say the same."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name as canonical
from packaging.version import Version

from tools.constraints import merge

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]
CONDA_NAMES = {"matplotlib-base": "matplotlib"}
ONLY_CONDA = {"python", "pip", "hatchling", "editables"}  # python itself; what postBuild needs to install oslab
ONLY_PIP = {"liburing"}  # not on conda-forge; everything but a real ring works without


def needed(*extras):
    lines = [*PROJECT["dependencies"], *(line for extra in extras for line in EXTRAS[extra])]
    return {canonical(r.name): r.specifier for r in map(Requirement, lines)}


def differences(conda, needed):
    """What a conda environment says otherwise than pyproject.toml."""
    if any(not isinstance(line, str) for line in conda):
        return ["a pip section"]
    split = [re.fullmatch(r"([\w-]+)(.*)", line).groups() for line in conda]
    given = {canonical(CONDA_NAMES.get(name, name)): bounds for name, bounds in split}
    missing = needed.keys() - given.keys() - ONLY_PIP
    other = [n for n in given.keys() & needed.keys() if given[n] != str(needed[n])]
    return [*(f"no {n}" for n in sorted(missing)), *(f"other bounds for {n}" for n in sorted(other))]


def test_conda_installs_what_pip_would():
    conda = yaml.safe_load((ROOT / "environment.yml").read_text())
    assert conda["channels"] == ["conda-forge"]
    assert differences(conda["dependencies"], needed("lab")) == []
    known = needed("lab", "test").keys() | ONLY_CONDA
    names = {re.match(r"[\w-]+", line)[0] for line in conda["dependencies"]}
    assert {canonical(CONDA_NAMES.get(name, name)) for name in names} <= known
    python = next(line for line in conda["dependencies"] if line.startswith("python="))
    assert re.fullmatch(r"python=3\.\d+", python)
    assert Version(python[7:]) in Requirement("python" + PROJECT["requires-python"]).specifier


@pytest.mark.parametrize(
    "conda", [["numpy>=2", "numba>=1"], ["numpy>=1"], ["numpy"], ["numba>=1"], ["numpy>=2", {"pip": ["-e ."]}]]
)
def test_a_difference_is_seen(conda):
    wanted = {"numpy": Requirement("numpy>=2").specifier}
    assert bool(differences(conda, wanted)) == (conda != ["numpy>=2", "numba>=1"])


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13", "3.14"])
def test_everything_needed_is_pinned_within_its_bounds(python):
    lines = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if not line.startswith("#")]
    pins = [Requirement(line) for line in lines]
    assert not any(r.url for r in pins) and all(len(r.specifier) == 1 and "==" in str(r.specifier) for r in pins)
    where = {"python_version": python, "python_full_version": f"{python}.0", "sys_platform": "linux"}
    here = [r for r in pins if r.marker is None or r.marker.evaluate(where)]
    pinned = {canonical(r.name): str(r.specifier)[2:] for r in here}
    assert len(pinned) == len(here)
    for name, bounds in needed(*EXTRAS).items():
        assert name in pinned and bounds.contains(pinned[name]), name


def test_versions_that_differ_get_markers():
    found = {(3, 11): {"a": "1", "b": "1", "old": "7"}, (3, 12): {"a": "1", "b": "2"}, (3, 13): {"a": "1", "b": "3"}}
    assert merge(found) == [
        "a==1",
        'b==1 ; python_version < "3.12"',
        'b==2 ; python_version >= "3.12" and python_version < "3.13"',
        'b==3 ; python_version >= "3.13"',
        "old==7",
    ]
