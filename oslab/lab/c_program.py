"""A C program as a lab: read it, run it here under limits, change it; where nothing runs, its recorded run."""

from __future__ import annotations

import html
import shlex
import threading
from pathlib import Path
from typing import Any

import ipywidgets as widgets

from oslab.lab.highlighting import source_html
from oslab.lab.worker import Worker
from oslab.machine.capability import can
from oslab.machine.csource import ALWAYS, CRun, run_c
from oslab.machine.recorded import ProgramRun, load_program, save_program
from oslab.quizzes.messages import sentence

__all__ = ["CProgram", "program"]

_LOOK = (Path(__file__).parent / "c_program.css").read_text(encoding="utf-8")
_open: dict[str, CProgram] = {}
MOST_ROWS = 24


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
    if lab.original in _open:
        _open.pop(lab.original).close()
    _open[lab.original] = lab
    return lab


class CProgram:
    """A C program on the page; made by `program`.

    Attributes
    ----------
    original : str
        The source as it was given.
    result : CRun or None
        The last run here.
    recorded : ProgramRun or None
    box : Widget
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
        if not isinstance(source, str | Path):
            raise TypeError(f"source={source!r}: a C program is a string, or the path of its file")
        if isinstance(source, Path) and recorded is None and source.with_suffix(".json").exists():
            recorded = source.with_suffix(".json")
        text = source if isinstance(source, str) else source.read_text(encoding="utf-8")
        self.original = text.strip("\n") + "\n"
        self.recorded = _as_run(recorded)
        self.result: CRun | None = None
        self._limits = limits
        self._lock = threading.RLock()
        self._asked = threading.Event()
        self._worker = Worker(fail=self._failed)
        self._make(args, stdin)
        # Now, so that what is stored does not depend on what is run later.
        self._printed = {"text/plain": self.text, "text/html": self._still()}

    def _make(self, args: str, stdin: str) -> None:
        self._shown = widgets.HTML().add_class("oslab-source")
        rows = min(MOST_ROWS, self.original.count("\n") + 2)
        self._editor = widgets.Textarea(self.original, rows=rows, layout={"width": "100%", "display": "none"})
        self._editor.add_class("oslab-editor")
        self._run = self._button("run here", self._toggle_run, "compile it and run it on this machine")
        self._run.add_class("oslab-run")
        self._edit = self._button("edit", self._toggle_edit, "change the program")
        self._back = self._button("reset", self.reset, "the program as it was")
        self._args = widgets.Text(args, description="arguments", continuous_update=False)
        self._stdin = widgets.Text(stdin.rstrip("\n"), description="input", continuous_update=False)
        fields = [field for field, given in ((self._args, args), (self._stdin, stdin)) if given]
        flags = " ".join((*ALWAYS, *self._limits.get("flags", ("-O2",))))
        self._row = widgets.HBox(
            [self._run, self._edit, self._back, *fields, widgets.HTML(f"<code>cc {html.escape(flags)}</code>")]
        )
        self._row.add_class("oslab-program-row")
        self._said = widgets.HTML()
        look = widgets.HTML(f"<style>{_LOOK}</style>", layout={"display": "none"})
        self.box = widgets.VBox([look, self._shown, self._editor, self._row, self._said]).add_class("oslab-program")
        compiler = can("compiler")
        self._missing = "" if compiler else compiler.reason
        if self._missing:
            self._run.disabled, self._run.tooltip = True, f"{compiler.reason}; {compiler.remedy}"
        self._draw()

    def _button(self, word: str, act: Any, tooltip: str) -> widgets.Button:
        button = widgets.Button(description=word, tooltip=tooltip)
        button.on_click(lambda _: self._guard(act))
        return button

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
        """Run it here and now, in this thread, and return what became of it."""
        self._asked.clear()
        self._worker.run(self._job, self._delivered)
        assert self.result is not None
        return self.result

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
        self._asked.set()
        for widget in (*self._row.children, *self.box.children, self._args, self._stdin, self.box):
            widget.close()

    def _job(self) -> CRun:
        return run_c(
            self.source,
            args=shlex.split(self._args.value),
            stdin=self._stdin.value + "\n" if self._stdin.value else "",
            stop=self._asked.is_set,
            **self._limits,
        )

    def _toggle_run(self) -> None:
        if self._worker.running:
            self._asked.set()
            return
        self._asked.clear()
        self._run.description = "stop"
        self._run.add_class("oslab-busy")
        self._said.value = "<div class='oslab-ran oslab-recorded' role='status'><p>running …</p></div>"
        self._worker.start(self._job, self._delivered)

    def _toggle_edit(self) -> None:
        with self._lock:
            opening = self._editor.layout.display == "none"
            self._editor.layout.display = "" if opening else "none"
            self._shown.layout.display = "none" if opening else ""
            self._edit.description = "done" if opening else "edit"
            self._draw()

    def _delivered(self, data: Any, done: bool) -> None:
        with self._lock:
            self.result = data
            if data.diagnostics and self._editor.layout.display != "none":
                self._toggle_edit()  # to see the lines that the compiler names
            self._idle()
            self._draw()

    def _failed(self, error: Exception) -> None:
        self._idle()
        self._said.value = (
            f"<div class='oslab-ran oslab-failed' role='alert'><p>⚠ {html.escape(sentence(error))}</p></div>"
        )

    def _idle(self) -> None:
        self._run.description = "run here" if self.result is None else "run again"
        self._run.remove_class("oslab-busy")

    def _guard(self, act: Any) -> None:
        """Do what a press asks for; what goes wrong is said, since it would be shown nowhere."""
        try:
            act()
        except Exception as error:
            self._failed(error)

    def _now(self) -> CRun | None:
        return self.result or (self.recorded.run if self.recorded else None)

    def _where(self) -> str:
        where = self.recorded.where if self.recorded else ""
        return where[:1].upper() + where[1:]

    def _draw(self) -> None:
        found = self.result.diagnostics if self.result else ()
        self._shown.value = source_html(self.source, [(d.line, f"{d.kind}: {d.text}") for d in found])
        self._said.value = self._ran_html()
        self._idle()

    def _ran_html(self) -> str:
        run = self._now()
        missing = html.escape(self._missing)
        note = f"<p class='oslab-where'>It cannot be run here: {missing}.</p>" if missing else ""
        if run is None:
            return f"<div class='oslab-ran oslab-recorded'>{note or '<p>not run yet</p>'}</div>"
        kind = "oslab-recorded" if self.result is None else "" if run.ok else "oslab-failed"
        where = (
            self._where() if self.result is None else f"Ran here, {run.seconds * 1e3:.3g} ms" if run.compiled else ""
        )
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

    def _still(self) -> str:
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

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        """Return the live program, and its source and recorded run for where nothing runs."""
        live = self.box._repr_mimebundle_() or {}
        live = live[0] if isinstance(live, tuple) else live
        return {**live, **self._printed}


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
    raise TypeError(f"recorded={recorded!r}: what it prints, a run, or the file of one")
