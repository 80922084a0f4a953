"""oslab record: what a command did is written in a form that the labs read; what is missing is said."""

import shutil
import sys

import pytest

from oslab.course import record
from oslab.memory.traces import load
from oslab.scheduling import Workload

PROGRAM = """
with open({0!r}, "rb", buffering=0) as file:
    file.seek(4096 * 5)
    file.read(8192)
    file.seek(0)
    file.read(10)
"""


def needs(tool):
    return pytest.mark.skipif(not shutil.which(tool), reason=f"no {tool} here")


@needs("strace")
def test_reads_of_a_program_are_the_pages_that_it_read(tmp_path, capsys):
    (tmp_path / "data").write_bytes(bytes(10 * 4096))
    (tmp_path / "program.py").write_text(PROGRAM.format(str(tmp_path / "data")))
    out = tmp_path / "reads.txt"
    status = record.main(["reads", "-o", str(out), "--", sys.executable, "-I", "-S", str(tmp_path / "program.py")])
    if status:
        pytest.skip(f"strace may not watch here: {capsys.readouterr().err}")
    first = next(int(line.split()[2].split("-")[0]) for line in out.read_text().splitlines() if line.endswith("/data"))
    pages = load(out).numbers.tolist()
    start = len(pages) - pages[::-1].index(first) - 3
    assert pages[start : start + 3] == [first + 5, first + 6, first]
    head = out.read_text().splitlines()[:6]
    assert head[0] == "# oslab trace" and [line.split(":")[0] for line in head[1:]] == [
        f"# {name}" for name in ("kind", "command", "machine", "date", "page size")
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is needed")
def test_a_sampled_schedule_has_the_bursts_of_a_program(tmp_path):
    out = tmp_path / "tasks.txt"
    program = "import time\nfor k in range(3):\n    sum(range(10**6))\n    time.sleep(0.03)"
    assert record.main(["schedule", "--by", "sample", "-o", str(out), "--", sys.executable, "-c", program]) == 0
    work = Workload.parse(out.read_text())
    assert work.burst.sum() > 1 and "coarse" in out.read_text()


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is needed")
def test_a_working_set_over_time(tmp_path):
    out = tmp_path / "set.csv"
    program = "import time\nblock = bytearray(20_000_000)\ntime.sleep(0.4)"
    assert record.main(["faults", "--by", "sample", "-o", str(out), "--", sys.executable, "-c", program]) == 0
    title, *rows = out.read_text().splitlines()
    assert title == "time s,resident bytes,touched bytes" and max(int(row.split(",")[1]) for row in rows) > 20_000_000


@pytest.mark.parametrize("tool, kind", [("strace", "reads"), ("perf", "faults")])
def test_what_is_missing_is_said_with_what_helps(tmp_path, monkeypatch, capsys, tool, kind):
    monkeypatch.setattr(shutil, "which", lambda name: None if name == tool else name)
    assert record.main([kind, "-o", str(tmp_path / "x"), "--", "true"]) == 1
    said = capsys.readouterr().err
    assert f"{tool} is missing: install" in said and not (tmp_path / "x").exists()


@pytest.mark.parametrize(
    "arguments", [["reads", "-o", "x"], ["reads", "-o", "x", "-p", "1", "--", "true"], ["all", "-o", "x"]]
)
def test_what_to_watch_is_said_once(arguments):
    with pytest.raises(SystemExit):
        record.main(arguments)


def test_a_command_that_there_is_not(tmp_path, capsys):
    assert record.main(["reads", "-o", str(tmp_path / "x"), "--", "no-such-command"]) == 1
    assert "no such command" in capsys.readouterr().err
