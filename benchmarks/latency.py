"""How long from a slider's or step's move to the painted frame, in a real browser: one row a lab.

    python -m benchmarks.latency [NOTEBOOK …] [-n MOVES] [--budget]

Each lab's first slider (or its step) is moved by single key presses, at least 150 ms apart and only once the picture
has come to rest.  A move's latency runs from the key event's time stamp to the frame in which the canvas was painted
for the last time because of it.  Printed are median and 95th percentile, in ms, and what share of the moves was
painted before the kernel could answer (within 16 ms): those were sent ahead.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

from tests.browser.conftest import FLAGS, NOTEBOOKS, chromium
from tests.browser.jupyter import running
from tests.browser.sheet import LabOnSheet, Sheet
from tools.anatomy import lab_cells
from tools.notebooks import read

MEDIAN, P95 = 16, 40  # design.md's budget, ms
APART, QUIET = 150, 160
WATCH = """
(() => { const seen = window.__paints = { key: 0, at: 0, pending: false };
  const mark = () => { if (seen.pending) return; seen.pending = true;
    requestAnimationFrame(() => { const c = new MessageChannel();
      c.port1.onmessage = () => { seen.pending = false; seen.at = performance.now(); }; c.port2.postMessage(0); }); };
  document.addEventListener("keydown", (e) => { seen.key = e.timeStamp; seen.at = 0; }, true);
  const own = CanvasRenderingContext2D.prototype.clearRect;
  CanvasRenderingContext2D.prototype.clearRect = function (...a) {
    if (this.canvas.classList.contains("oslab-over")) mark();
    return own.apply(this, a); }; })();
"""
REST = """([quiet, most]) => new Promise((done) => { const begun = performance.now(); const look = () => {
  const now = performance.now(), p = window.__paints;
  if (!p.pending && p.at && now - p.at > quiet) done(p.at - p.key);
  else if (now - begun > most) done(null); else setTimeout(look, 10); }; look(); })"""


def measure(lab: LabOnSheet, moves: int) -> list[float]:
    """Return the latencies of single moves of the lab's first slider, in ms."""
    page, found, key = lab.page, [], "ArrowLeft" if lab.at_upper_end() else "ArrowRight"
    lab.handle.focus()
    for k in range(moves + 3):
        page.wait_for_timeout(APART)
        page.keyboard.press(key)
        took = page.evaluate(REST, [QUIET, 4000])
        if took is None or k % 5 == 4:  # at an end, or far enough
            key = "ArrowLeft" if key == "ArrowRight" else "ArrowRight"
        if took is not None and k >= 3:
            found.append(took)
    return found


def main() -> int:
    """Measure, print the table, and compare with the budget."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.latency", description=__doc__.splitlines()[0])
    parser.add_argument("notebook", nargs="*", type=Path, default=NOTEBOOKS[:-1])
    parser.add_argument("-n", type=int, default=20, help="moves a lab")
    parser.add_argument("--budget", action="store_true", help="fail where a lab is over the budget")
    given = parser.parse_args()
    from playwright.sync_api import sync_playwright

    print("| lab | median, ms | p95, ms | ahead |\n|---|---:|---:|---:|")
    over = []
    with (
        tempfile.TemporaryDirectory() as home,
        running(given.notebook, Path(home)) as server,
        sync_playwright() as play,
    ):
        browser = play.chromium.launch(executable_path=chromium(), args=FLAGS, chromium_sandbox=False)
        for path in given.notebook:
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.add_init_script(WATCH)
            sheet = Sheet(page, server, path.name)
            sheet.open()
            sheet.run_all()
            wanted = [cell["id"] for cell in lab_cells(read(path))]
            for k, cell in enumerate(read(path)["cells"]):
                if cell["id"] not in wanted:
                    continue
                lab = LabOnSheet(sheet.cell(k))
                lab.wait_until_drawn()
                times = sorted(measure(lab, given.n)) if lab.has_slider() else []
                if times:
                    median, p95 = statistics.median(times), times[min(len(times) - 1, int(0.95 * len(times)))]
                    share = sum(t <= MEDIAN for t in times) / len(times)
                    print(f"| {path.stem[:2]} {cell['id']} | {median:.0f} | {p95:.0f} | {share:.0%} |", flush=True)
                    if median > MEDIAN or p95 > P95:
                        over.append(cell["id"])
            page.close()
        browser.close()
    print(f"\nover the budget: {', '.join(over) or 'none'}")
    return int(given.budget and bool(over))


if __name__ == "__main__":
    sys.exit(main())
