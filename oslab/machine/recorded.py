"""Recorded runs: what was measured on another day or machine, drawn until "measure here" is pressed.

A run is one small JSON file in the wing's ``runs`` folder: its series, and the machine, kernel and date.  A run of
a C program is a JSON file beside its source.
"""

import datetime
import json
import os
import platform
import re
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from importlib import resources
from pathlib import Path
from typing import Any

from oslab.base import Series
from oslab.machine import CRun, Diagnostic, procfs

__all__ = [
    "ProgramRun",
    "here",
    "load",
    "load_program",
    "machine_kind",
    "measured",
    "names",
    "runs_of",
    "save",
    "save_program",
]

FOLDER = "runs"


def machine_kind() -> str:
    """Describe this machine in words that fit any like it, never by its name.

    Returns
    -------
    str
        Such as ``"2-CPU virtual machine, AMD EPYC (family 23 model 1)"``; a virtual machine's processor is what
        its hypervisor reports.
    """
    cpu = procfs.cpuinfo()
    count = os.cpu_count() or 1
    what = "virtual machine" if cpu and cpu.virtual else "machine"
    name = (cpu.model_name if cpu else None) or _arm_mac() or platform.machine() or "unknown processor"
    name = re.sub(r"\(R\)|\(TM\)|\b\d+-Core\b|\bProcessor\b|\bCPU\b|@.*", "", name)
    name = " ".join(name.split())
    if cpu and cpu.family is not None and cpu.model is not None:
        name += f" (family {cpu.family} model {cpu.model})"
    return f"{count}-CPU {what}, {name}"


def here() -> dict[str, str]:
    """Return `machine`, `kernel` and `date`, the fields a series measured here carries."""
    release = re.match(r"\d+(\.\d+)*", platform.release())
    kernel = f"{platform.system()} {release.group() if release else platform.release()}"
    return {"machine": machine_kind(), "kernel": kernel, "date": datetime.date.today().isoformat()}


def save(path: str | Path, series: Iterable[Series], note: str = "") -> Path:
    """Write a run as JSON.

    Parameters
    ----------
    path : path
        The file; its folder is made.
    series : iterable of Series
        Measured on this machine; each has its machine, kernel and date, or gets those of today.
    note : str
        What else a reader must know: the program, its arguments.

    Raises
    ------
    ValueError
        No series, or one that was not measured.
    """
    listed = list(series)
    if not listed:
        raise ValueError("series is empty: a run has at least one")
    for one in listed:
        if one.origin == "model":
            raise ValueError(f"series {one.label!r} comes from a model: only what was measured can be recorded")
    today = here()
    records = []
    for one in listed:
        fields = {key: getattr(one, key) or today[key] for key in today}
        records.append(_short(replace(one, origin="recorded", **fields).to_json()))
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"note": note, "series": records}, indent=1) + "\n")
    return path


def load(package: str, name: str) -> list[Series]:
    """Return the series of a recorded run.

    Parameters
    ----------
    package : str
        The wing: ``"oslab.memory"``.
    name : str
        The run, without folder and ending.

    Raises
    ------
    ValueError
        No such run (the message lists those there are), or a file that is not one.
    """
    known = names(package)
    if name not in known:
        raise ValueError(f"name={name!r}: recorded in {package} are {', '.join(known) or 'none'}")
    text = resources.files(package).joinpath(FOLDER, f"{name}.json").read_text()
    try:
        return [Series.from_json({**record, "origin": "recorded"}) for record in json.loads(text)["series"]]
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{package}, run {name!r}: not a recorded run ({error})") from error


def runs_of(package: str) -> Callable[[str], Callable[[], list[Series] | None]]:
    """Return what gives a wing's recorded runs to its labs: a function of a run's name that returns its loader.

    Parameters
    ----------
    package : str
        The wing: ``"oslab.memory"``.  A loader returns None where the run was never recorded.
    """
    return lambda name: lambda: load(package, name) if name in names(package) else None


def measured(label: str, x: Any, repeats: Any, unit: str, **more: Any) -> Series:
    """Return a series that was measured on this machine just now; parameters as for `Series.of_repeats`."""
    return Series.of_repeats(label, x, repeats, unit, origin="this machine", **here(), **more)


def names(package: str) -> list[str]:
    """Return the names of the runs that a wing has."""
    folder = resources.files(package).joinpath(FOLDER)
    return (
        sorted(f.name.removesuffix(".json") for f in folder.iterdir() if f.name.endswith(".json"))
        if folder.is_dir()
        else []
    )


@dataclass(frozen=True)
class ProgramRun:
    """A run of a C program, and the machine, kernel and date of it; these are empty if not known."""

    run: CRun
    machine: str = ""
    kernel: str = ""
    date: str = ""

    @property
    def where(self) -> str:
        """Where it comes from, as `Series.where` says it."""
        return f"recorded on {self.machine}, {self.date}" if self.machine else "recorded"


def save_program(path: str | Path, run: CRun) -> Path:
    """Write a run of a C program as JSON, with the machine, kernel and date of now.

    Raises
    ------
    ValueError
        It did not run.
    """
    if run.wait_status is None:
        raise ValueError(f"run: {run.message} Only what ran can be recorded")
    path = Path(path)
    path.write_text(json.dumps({**here(), "run": asdict(run)}, indent=1) + "\n")
    return path


def load_program(path: str | Path) -> ProgramRun:
    """Return the run that `save_program` wrote.

    Raises
    ------
    OSError, ValueError
        No such file, or it is not one.
    """
    try:
        record = json.loads(Path(path).read_text())
        fields = record.pop("run")
        found = tuple(Diagnostic(**one) for one in fields.pop("diagnostics"))
        litter = tuple(fields.pop("litter", ()))
        return ProgramRun(CRun(**fields, litter=litter, diagnostics=found), **record)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{Path(path).name}: not a recorded run of a program ({error})") from error


def _short(record: dict[str, Any]) -> dict[str, Any]:
    """Numbers to 5 digits: the files stay small, and no measurement here is better than that."""
    return {
        key: [float(f"{v:.5g}") if isinstance(v, float) else v for v in value] if isinstance(value, list) else value
        for key, value in record.items()
    }


def _arm_mac() -> str | None:
    return "Apple silicon" if platform.system() == "Darwin" and platform.machine() == "arm64" else None
