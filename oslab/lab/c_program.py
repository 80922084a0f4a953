"""A C program as a lab: read it, run it here under limits, change it; where nothing runs, its recorded run."""

from __future__ import annotations

import html
import shlex
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import ipywidgets as widgets

from oslab.base import Instance, checked, duration, shown, text
from oslab.lab.highlighting import source_html
from oslab.lab.worker import Worker
from oslab.machine.capability import can
from oslab.machine.csource import ALWAYS, CRun, run_c
from oslab.machine.recorded import ProgramRun, load_program, save_program
from oslab.picture.displayed import Displayed, open_in_cell, sentence
from oslab.picture.theme import style_sheet

__all__ = ["CProgram", "program"]

_STYLES = style_sheet((Path(__file__).parent / "c_program.css").read_text(encoding="utf-8"))
MOST_ROWS = 24
LONGEST = 200_000  # characters of a program


@checked(source=Instance((str, Path)), args=text(10_000), stdin=text(1_000_000))
def program(
    source: str | Path,
    *,
    recorded: str | Path | CRun | ProgramRun | None = None,
    args: str = "",
    stdin: str = "",
    **limits: Any,
) -> CProgram:
    """Show a C program that can be run and changed.

    Parameters
    ----------
    source : str or Path
        The program, or its file.
    recorded : str, Path, CRun or ProgramRun, optional
        What is shown until it is run here, and where it cannot be: what it prints, or a run, or the file of one.
        A source in a file ``name.c`` has its own in ``name.json`` beside it.
    args, stdin : str
        Its arguments, as in a shell, and what it reads; where given, they can be changed.
    **limits
        As for `oslab.machine.run_c`: `seconds`, `memory_mb`, `output_kb`, `processes`, `linger`, `flags`.

    Returns
    -------
    CProgram
        To be displayed; also the handle by which scripts and tests drive it.

    Raises
    ------
    OSError
        A file that cannot be read.
    TypeError, ValueError
        What cannot be a program, arguments, or a recorded run.

    Examples
    --------
    >>> from oslab import program
    >>> hello = program("int main(void) { return 3; }", recorded="")
    >>> hello.text
    '[Exit code 0. Recorded.]'
    """
    lab = CProgram(source, recorded=recorded, args=args, stdin=stdin, **limits)
    open_in_cell(lab, lab.original)
    return lab


class CProgram(Displayed):
    """A C program on the page; made by `program`.

    Attributes
    ----------
    original : str
        The source as it was given.
    result : CRun or None
        The last run here.
    recorded : ProgramRun or None
        What is shown until it is run here.
    box : Widget
        To be displayed.
    """

    def __init__(
        self,
        source: str | Path,
        *,
        recorded: str | Path | CRun | ProgramRun | None = None,
        args: str = "",
        stdin: str = "",
        **limits: Any,
    ):
        if isinstance(source, Path) and recorded is None and source.with_suffix(".json").exists():
            recorded = source.with_suffix(".json")
        given = source if isinstance(source, str) else source.read_text(encoding="utf-8")
        self.original = text(LONGEST).check("source", given).strip("\n") + "\n"
        self.recorded = _as_run(recorded)
        self.result: CRun | None = None
        self._limits = limits
        self._lock = threading.RLock()
        self._stopping = threading.Event()
        self._worker = Worker(fail=self._fail)
        self._make(args, stdin)
        # Now, so that what is stored does not depend on what is run later.
        self._printed = {"text/plain": self.text, "text/html": self._printed_html()}

    def _make(self, args: str, stdin: str) -> None:
        self._listing = widgets.HTML().add_class("oslab-source")
        rows = min(MOST_ROWS, self.original.count("\n") + 2)
        self._editor = widgets.Textarea(self.original, rows=rows, layout={"width": "100%", "display": "none"})
        self._editor.add_class("oslab-editor")
        self._run = self._button("run here", self._toggle_run, "compile and run the program on this machine")
        self._run.add_class("oslab-run")
        self._edit = self._button("edit", self._toggle_edit, "change the program")
        self._back = self._button("reset", self.reset, "undo all changes to the program")
        self._args = widgets.Text(args, description="arguments", continuous_update=False)
        self._stdin = widgets.Text(stdin.rstrip("\n"), description="input", continuous_update=False)
        fields = [field for field, given in ((self._args, args), (self._stdin, stdin)) if given]
        flags = " ".join((*ALWAYS, *self._limits.get("flags", ("-O2",))))
        self._row = widgets.HBox(
            [self._run, self._edit, self._back, *fields, widgets.HTML(f"<code>cc {html.escape(flags)}</code>")]
        )
        self._row.add_class("oslab-program-row")
        self._outcome = widgets.HTML()
        styles = widgets.HTML(f"<style>{_STYLES}</style>", layout={"display": "none"})
        self.box = widgets.VBox([styles, self._listing, self._editor, self._row, self._outcome]).add_class(
            "oslab-program"
        )
        compiler = can("compiler")
        self._missing = "" if compiler else compiler.reason
        if self._missing:
            self._run.disabled, self._run.tooltip = True, f"{compiler.reason}; {compiler.remedy}"
        self._draw()

    @property
    def source(self) -> str:
        """The program as it is now; it can be set."""
        return self._editor.value

    @source.setter
    def source(self, text: str) -> None:
        with self._lock:
            self._editor.value = text
            self._draw()

    @property
    def text(self) -> str:
        """What it printed and how it ended, as plain text."""
        run = self._now()
        if run is None:
            return "[not run yet]"
        parts = [part.rstrip("\n") for part in (run.stdout, run.stderr) if part]
        return "\n".join([*parts, f"[{run.message}{'' if self.result else f' {self._where()}.'}]"])

    def run(self) -> CRun:
        """Run it here and now, in this thread, and return what became of it.

        Raises
        ------
        OSError, ValueError
            What the compiler or the program could not be started for, such as arguments without a closing quote.
        """
        self._stopping.set()
        self._worker.stop()
        self._stopping.clear()
        run = self._job()
        self._take(run)
        return run

    def save_recorded(self, path: str | Path) -> Path:
        """Run the original program and keep that as the recorded run."""
        self.reset()
        return save_program(path, self.run())

    def reset(self) -> None:
        """Put the program back as it was, and the recorded run."""
        with self._lock:
            self._editor.value, self.result = self.original, None
            self._draw()

    def close(self) -> None:
        """Stop what runs and close every widget."""
        self._stopping.set()
        for field in (self._args, self._stdin):  # in the row only where they are given
            field.close()
        super().close()

    def _job(self) -> CRun:
        return run_c(
            self.source,
            args=shlex.split(self._args.value),
            stdin=self._stdin.value + "\n" if self._stdin.value else "",
            stop=self._stopping.is_set,
            **self._limits,
        )

    def _toggle_run(self) -> None:
        if self._worker.running:
            self._stopping.set()
            return
        self._stopping.clear()
        self._run.description = "stop"
        self._run.add_class("oslab-busy")
        self._outcome.value = "<div class='oslab-ran oslab-recorded' role='status'><p>running …</p></div>"
        self._worker.start(self._job, self._take)

    def _toggle_edit(self) -> None:
        with self._lock:
            opening = self._editor.layout.display == "none"
            self._editor.layout.display = "" if opening else "none"
            self._listing.layout.display = "none" if opening else ""
            self._edit.description = "done" if opening else "edit"
            self._draw()

    def _take(self, run: CRun, done: bool = True) -> None:
        with self._lock:
            self.result = run
            if run.diagnostics and self._editor.layout.display != "none":
                self._toggle_edit()  # to see the lines that the compiler names
            self._draw()

    def _fail(self, error: Exception) -> None:
        self._say_trouble(sentence(error))

    def _say_trouble(self, said: str) -> None:
        self._label_run()
        self._outcome.value = f"<div class='oslab-ran oslab-failed' role='alert'><p>⚠ {html.escape(said)}</p></div>"

    def _label_run(self) -> None:
        self._run.description = "run here" if self.result is None else "run again"
        self._run.remove_class("oslab-busy")

    def _now(self) -> CRun | None:
        return self.result or (self.recorded.run if self.recorded else None)

    def _where(self) -> str:
        where = self.recorded.where if self.recorded else ""
        return where[:1].upper() + where[1:]

    def _draw(self) -> None:
        found = self.result.diagnostics if self.result else ()
        self._listing.value = source_html(self.source, [(d.line, f"{d.kind}: {d.text}") for d in found])
        self._outcome.value = self._ran_html()
        self._label_run()

    def _ran_html(self) -> str:
        run = self._now()
        missing = html.escape(self._missing)
        note = f"<p class='oslab-where'>It cannot be run here: {missing}.</p>" if missing else ""
        if run is None:
            return f"<div class='oslab-ran oslab-recorded'>{note or '<p>not run yet</p>'}</div>"
        kind = "oslab-recorded" if self.result is None else "" if run.ok else "oslab-failed"
        where = self._where() if self.result is None else f"Ran here, {duration(run.seconds)}" if run.compiled else ""
        body = "".join(
            f"<pre class='oslab-{name}'>{html.escape(text.rstrip())}</pre>"
            for name, text in (("stdout", run.stdout), ("stderr", run.stderr if run.compiled else ""))
            if text
        )
        mark = "✓" if run.ok else "✗"
        return (
            f"<div class='oslab-ran {kind}' role='status'>{body}<p>{mark} {html.escape(run.message)} "
            f"<span class='oslab-where'>{html.escape(where)}{'.' if where else ''}</span></p>{note}</div>"
        )

    def _printed_html(self) -> str:
        """The program and its recorded run as HTML that needs neither styles nor scripts."""
        run = self.recorded.run if self.recorded else None
        if run is None:
            return source_html(self.original, inline=True)
        printed = html.escape("".join((run.stdout, run.stderr)).rstrip())
        said = f"{html.escape(run.message)} {html.escape(self._where())}."
        return (
            source_html(self.original, inline=True)
            + (f"<pre style='color: #59636e'>{printed}</pre>" if printed else "")
            + f"<p>{said}</p>"
        )

    def _still(self) -> Mapping[str, Any]:
        return self._printed


def _as_run(recorded: str | Path | CRun | ProgramRun | None) -> ProgramRun | None:
    if recorded is None or isinstance(recorded, ProgramRun):
        return recorded
    if isinstance(recorded, Path):
        return load_program(recorded)
    if isinstance(recorded, CRun):
        return ProgramRun(recorded)
    if isinstance(recorded, str):
        size = len(recorded.encode())
        return ProgramRun(CRun("exit code 0", stdout=recorded, wait_status=0, exit_code=0, stdout_bytes=size))
    raise TypeError(f"recorded={shown(recorded)}: allowed is what it prints, a run, or the file of one")
