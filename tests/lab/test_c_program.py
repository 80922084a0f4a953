"""A C program on the page: live where there is a kernel, its recorded run where nothing runs."""

import html
import re
import time

import pytest

from oslab import program
from oslab.lab import c_program
from oslab.lab.highlighting import source_html
from oslab.machine import csource
from oslab.machine.capability import Capability
from oslab.machine.csource import CRun

HELLO = '#include <stdio.h>\nint main(int n, char **a) {\n    printf("hello %d\\n", n); /* a\n<b> */\n    return n > 2;\n}\n'
needs_cc = pytest.mark.skipif(csource.compiler() is None, reason="no C compiler here")


def plain(page):
    return html.unescape(re.sub(r"<[^>]*>", "", page))


def test_static_face_is_source_and_recorded_run():
    lab = program(HELLO, recorded="hello 1\n")
    bundle = lab._repr_mimebundle_()
    assert bundle["text/plain"] == "hello 1\n[Exit code 0. Recorded.]"
    assert plain(bundle["text/html"]) == HELLO + "hello 1Exit code 0. Recorded."
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert bundle == program(HELLO, recorded="hello 1\n")._repr_mimebundle_() | {
        k: v for k, v in bundle.items() if "widget" in k
    }


@needs_cc
def test_static_face_does_not_change_when_it_runs():
    lab = program(HELLO, recorded="hello 1\n")
    before = dict(lab._printed)
    lab.source = HELLO.replace("hello", "hi")
    assert lab.run().stdout == "hi 1\n"
    assert lab._printed == before and lab.text == "hi 1\n[Exit code 0.]"
    assert "Ran here" in lab._outcome.value and "oslab-recorded" not in lab._outcome.value
    lab.reset()
    assert lab.source == HELLO and lab.text == "hello 1\n[Exit code 0. Recorded.]"


@needs_cc
def test_arguments_and_input_are_given_and_can_be_changed():
    lab = program(HELLO, args="'one two' three")
    assert lab.run().stdout == "hello 3\n" and lab.result.exit_code == 1
    assert "oslab-failed" in lab._outcome.value
    lab._args.value = "one"
    assert lab.run().stdout == "hello 2\n"
    echo = program(
        "#include <stdio.h>\nint main(void) { for (int c; (c = getchar()) != EOF;) putchar(c); }", stdin="abc\n"
    )
    assert echo.run().stdout == "abc\n"


@needs_cc
def test_errors_stand_at_their_lines():
    lab = program(HELLO)
    lab._toggle_edit()
    lab.source = HELLO.replace("n > 2", "m > 2")
    lab.run()
    assert lab._editor.layout.display == "none" and "undeclared" in lab._listing.value
    marked = lab._listing.value.partition("oslab-faulty")[2]
    assert plain("<" + marked).startswith("5    return m > 2;▲ error: 'm' undeclared")
    lab.source = "int main(void) { return 0; }"
    lab.run()
    assert "oslab-faulty" not in lab._listing.value


@needs_cc
def test_a_press_runs_and_another_stops():
    lab = program("int main(void) { for (;;); }", seconds=20)
    lab._run.click()
    assert lab._run.description == "stop"
    time.sleep(0.2)
    lab._run.click()
    end = time.monotonic() + 10
    while lab.result is None and time.monotonic() < end:
        time.sleep(0.02)
    assert lab.result.stopped == "asked" and lab._run.description == "run again"


def test_what_goes_wrong_is_said():
    lab = program(HELLO, args="x")
    lab._args.value = "'<"
    with pytest.raises(ValueError, match="No closing quotation"):
        lab.run()
    lab._run.click()
    lab._worker.join(10)
    assert "⚠ No closing quotation" in lab._outcome.value and lab._run.description == "run here"


def test_a_compiler_that_cannot_be_started_is_said(monkeypatch):
    def broken(*args, **more):
        raise OSError("no room <on> device")

    monkeypatch.setattr(c_program, "run_c", broken)
    lab = program(HELLO)
    with pytest.raises(OSError, match="no room"):
        lab.run()
    lab._run.click()
    lab._worker.join(10)
    assert "no room &lt;on&gt; device" in lab._outcome.value


def test_without_a_compiler_the_recorded_run_is_shown(monkeypatch):
    monkeypatch.setattr(
        c_program, "can", lambda _: Capability("compiler", "a C compiler", False, "none found", "install", (1,))
    )
    lab = program(HELLO, recorded="hello 1\n")
    assert lab._run.disabled and "none found" in lab._run.tooltip
    assert "hello 1" in lab._outcome.value and "It cannot be run here: none found." in lab._outcome.value


@needs_cc
def test_a_program_in_a_file_has_its_run_beside_it(tmp_path):
    file = tmp_path / "hello.c"
    file.write_text(HELLO)
    lab = program(file)
    assert lab.recorded is None and lab.text == "[not run yet]"
    lab.save_recorded(tmp_path / "hello.json")
    again = program(file)
    assert again.recorded.run.stdout == "hello 1\n" and "Recorded on" in again.text


def test_displayed_again_the_old_one_is_closed():
    first = program(HELLO)
    second = program(HELLO)
    assert first.box.comm is None and second.box.comm is not None


def test_source_is_coloured_and_nothing_of_it_is_markup():
    page = source_html(HELLO, [(3, "warning: <x>")])
    assert plain(re.sub(r"<span class='oslab-n'>\d+</span>", "", page)).startswith("#include <stdio.h>int main")
    assert "<b>" not in page and "<x>" not in page and page.count("oslab-faulty") == 1
    assert "<b>" not in source_html(HELLO, inline=True)


def test_a_run_is_shown_as_it_ended():
    lab = program(HELLO, recorded=CRun("killed by signal 6 (SIGABRT)", stderr="<oops>\n", stderr_bytes=7))
    assert lab.text == "<oops>\n[Killed by signal 6 (SIGABRT). Recorded.]" and "&lt;oops&gt;" in lab._outcome.value


@pytest.mark.parametrize("source, options, said", [(3, {}, "source=3"), (HELLO, {"recorded": 3}, "recorded=3")])
def test_what_is_no_program_is_refused(source, options, said):
    with pytest.raises(TypeError, match=said):
        program(source, **options)
