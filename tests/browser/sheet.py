"""A notebook open in JupyterLab, as a reader sees and uses it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page

from oslab.picture.canvas import WIDTHS
from tests.browser.jupyter import Server

CURRENT = "jupyterapp.shell.currentWidget"
BROKEN = "Error displaying widget", "model not found", "Error creating widget", "Loading widget"
QUIET_MS, LONG_MS = 400, 120_000


class Sheet:
    """One notebook on one page.

    Attributes
    ----------
    page : Page
    errors : list of str
        What the page's scripts raised so far.
    """

    def __init__(self, page: Page, server: Server, name: str):
        self.page, self._server, self._name = page, server, name
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)[:300]))
        page.set_default_timeout(30_000)

    def open(self) -> None:
        """Open the notebook and wait for its kernel."""
        self._goto()
        self._kernel_is_idle()

    def open_without_kernel(self) -> None:
        """Open the notebook where no kernel can be started."""
        self._server.stop_kernels()
        self.page.route(
            "**/api/sessions*", lambda route: route.abort() if route.request.method == "POST" else route.fallback()
        )
        self._goto()
        dialog = self.page.locator(".jp-Dialog")
        dialog.first.wait_for()
        for _ in range(10):  # that none could be started, which one is wanted instead
            if not dialog.count():
                break
            dialog.last.locator(".jp-mod-reject, .jp-mod-accept").first.click()
            self.page.wait_for_timeout(1500)

    def _goto(self) -> None:
        self.page.goto(
            f"{self._server.url}/lab/tree/{self._name}?token={self._server.token}&reset",
            wait_until="domcontentloaded",
            timeout=LONG_MS,
        )
        self.page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=LONG_MS)

    def _kernel_is_idle(self) -> None:
        self.page.wait_for_function(
            f"() => {{ const w = window.jupyterapp && {CURRENT};"
            " const k = w && w.sessionContext && w.sessionContext.session && w.sessionContext.session.kernel;"
            " return k && k.status === 'idle' }",
            timeout=LONG_MS,
        )

    def run_all(self) -> None:
        """Run all cells and wait until the last has run."""
        # Not awaited: should a kernel die, the command never ends, and neither would the test.
        self.page.evaluate("() => { jupyterapp.commands.execute('notebook:run-all-cells'); }")
        self.page.wait_for_function(f"() => {CURRENT}.content.widgets.some(c => c.model.executionCount > 0)")
        self.page.wait_for_function(
            f"() => !{CURRENT}.content.widgets.some(c => c.model.type === 'code' &&"
            " c.model.executionState && c.model.executionState !== 'idle')",
            timeout=LONG_MS,
        )
        self._kernel_is_idle()

    def execute(self, code: str) -> None:
        """Run code in the notebook's kernel, in no cell."""
        self.page.evaluate(f"code => {CURRENT}.sessionContext.session.kernel.requestExecute({{code}}).done", code)

    def save(self) -> dict[str, Any]:
        """Save the notebook and return what is in its file then."""
        self.page.evaluate("() => jupyterapp.commands.execute('docmanager:save')")
        return json.loads((self._server.folder / self._name).read_text(encoding="utf-8"))

    def outputs(self) -> list[dict[str, Any]]:
        """Return the outputs of all cells, as the page has them."""
        cells = self.page.evaluate(f"() => {CURRENT}.model.toJSON().cells")
        return [output for cell in cells for output in cell.get("outputs", [])]

    def cell(self, k: int) -> Locator:
        """Return a cell, scrolled into view."""
        self.page.evaluate(f"k => {CURRENT}.content.scrollToItem(k, 'start')", k)
        found = self.page.locator(f".jp-Notebook .jp-Cell[data-windowed-list-index='{k}']")
        found.wait_for()
        return found

    def height(self) -> float:
        """Return the height of the part of the page in which cells are seen, in CSS pixels."""
        return self.page.locator(".jp-WindowedPanel-outer:visible").first.bounding_box()["height"]

    def broken(self) -> list[str]:
        """Return which messages of a widget that could not be drawn are on the page."""
        text = self.page.locator(".jp-Notebook").inner_text()
        return [words for words in BROKEN if words in text]


class LabOnSheet:
    """The lab in one cell's output."""

    def __init__(self, cell: Locator):
        self.page = cell.page
        self.box = cell.locator(".oslab-lab")
        self.picture = self.box.locator(".oslab-picture").first
        self.handle = self.box.locator(".noUi-target:not([disabled]) .noUi-handle:visible").first

    def wait_until_drawn(self) -> None:
        """Wait for the picture to be drawn, at the screen's resolution."""
        self.picture.wait_for()
        self._wait("sheet => sheet.dataset.frame && sheet.querySelector('canvas').width > 100")

    def wait_until_laid_out(self) -> None:
        """Wait until the picture is laid out for the page as it is now, at the screen's resolution."""
        self.page.wait_for_timeout(100)  # the page tells its width when that rests
        if self.box.evaluate("lab => lab.classList.contains('oslab-lecture')"):
            self.settle()
            return
        self._wait(
            """(sheet, widths) => {
              const room = sheet.closest('.oslab-lab').clientWidth - 20, now = parseInt(sheet.style.aspectRatio);
              return now === Math.max(widths[0], ...widths.filter(w => w <= room)); }""",
            list(WIDTHS),
        )

    def _wait(self, condition: str, argument: Any = None) -> None:
        element = self.picture.element_handle()
        self.page.wait_for_function(f"([sheet, a]) => ({condition})(sheet, a)", arg=[element, argument])

    @property
    def error(self) -> str:
        """What the lab says is wrong, or ''."""
        said = self.box.locator(".oslab-error")
        return said.first.inner_text() if said.count() else ""

    @property
    def source(self) -> str:
        """The number of the picture: another with each."""
        return self.picture.get_attribute("data-frame") or ""

    def dots(self) -> float:
        """Return how many dots the picture has for a dot of the screen, from left to right."""
        return self.picture.evaluate(
            "sheet => sheet.querySelector('canvas').width / sheet.clientWidth / devicePixelRatio"
        )

    def shown(self) -> dict[str, str]:
        """Return the controls' values that the picture was drawn for."""
        return json.loads(self.picture.get_attribute("data-shown") or "{}")

    def settle(self) -> None:
        """Wait until the picture has not changed for a while."""
        self.page.evaluate(
            """([img, quiet]) => new Promise(done => {
                 let timer = setTimeout(done, quiet);
                 new MutationObserver(() => { clearTimeout(timer); timer = setTimeout(done, quiet); })
                   .observe(img, { attributes: true }); })""",
            [self.picture.element_handle(), QUIET_MS],
        )
        self.wait_until_drawn()

    def press(self, key: str) -> None:
        """Press a key on the first slider and let the picture settle."""
        self.handle.focus()
        self.page.keyboard.press(key)
        self.settle()

    def has_slider(self) -> bool:
        """Whether there is a slider to move."""
        return self.handle.count() > 0

    def at_upper_end(self) -> bool:
        """Whether the first slider stands at its maximum."""
        now, most = (float(self.handle.get_attribute(f"aria-value{n}") or 0) for n in ("now", "max"))
        return now >= most

    def drag(self, share: float, steps: int = 40) -> str:
        """Drag the first slider quickly to a share of its way, and return what it then reads."""
        self.handle.scroll_into_view_if_needed()
        knob = self.handle.bounding_box()
        track = self.handle.locator("xpath=ancestor::*[contains(@class,'noUi-target')]").bounding_box()
        y, start = knob["y"] + knob["height"] / 2, knob["x"] + knob["width"] / 2
        end = track["x"] + share * track["width"]
        self.page.mouse.move(start, y)
        self.page.mouse.down()
        for k in range(1, steps + 1):
            self.page.mouse.move(start + (end - start) * k / steps, y)
        self.page.mouse.up()
        self.settle()
        row = self.handle.locator("xpath=ancestor::*[contains(@class,'widget-slider')]")
        return row.locator(".widget-readout").inner_text()

    def height_below_prediction(self) -> float:
        """Return the height of controls, picture, sentence and buttons, in CSS pixels."""
        question = self.box.locator("> .oslab-compact")
        return self.box.bounding_box()["height"] - (question.bounding_box()["height"] if question.count() else 0)

    def hide_prediction(self) -> None:
        """Take the question before the lab out of sight."""
        self.box.locator("> .oslab-compact").evaluate_all("boxes => boxes.forEach(box => box.style.display = 'none')")

    def shoot(self, file: Path) -> None:
        """Keep a picture of the whole lab, on a page made high enough for it."""
        file.parent.mkdir(parents=True, exist_ok=True)
        screen = self.page.viewport_size
        self.page.set_viewport_size({**screen, "height": 1100})
        self.box.scroll_into_view_if_needed()
        self.page.wait_for_timeout(150)
        self.box.screenshot(path=file)
        self.page.set_viewport_size(screen)

    def shoot_page(self, file: Path) -> None:
        """Keep a picture of the page as it is."""
        file.parent.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=file)


def same_value(read: str, drawn: str) -> bool:
    """Return whether a slider's readout and the value that a picture was drawn for agree."""
    try:
        one, two = (float("".join(text.replace(",", "").split())) for text in (read, drawn))
    except ValueError:
        return " ".join(read.split()) == " ".join(drawn.split())
    return abs(one - two) <= 0.01 * max(abs(one), abs(two))
