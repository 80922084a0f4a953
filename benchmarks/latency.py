"""How long from a slider's or step's move to the painted frame, in a real browser: one row a lab.

    python -m benchmarks.latency [NOTEBOOK …] [-n MOVES] [--peers] [--budget]

Each lab's first slider (or its step) is moved by single key presses, at least 150 ms apart and only once the picture
has come to rest.  A move's latency runs from the key event's time stamp to the frame in which the output was painted
for the last time because of it: a canvas, an SVG or an image.  Printed are median and 95th percentile, in ms, what share
of the moves had been sent ahead (drawn in the event itself); and the sizes of frames.
With ``--peers`` the same figure is made also by `interact`, ipympl, plotly and bqplot (extra ``bench``), and timed alike.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat

from benchmarks import frames
from tests.browser.conftest import FLAGS, NOTEBOOKS, chromium
from tests.browser.jupyter import running
from tests.browser.sheet import LabOnSheet, Sheet
from tools.anatomy import lab_cells
from tools.notebooks import read

MEDIAN, P95 = 16, 40  # design.md's budget, ms
APART, QUIET = 150, 160
WATCH = """
(() => { const seen = window.__paints = { key: 0, at: 0, pending: false, ahead: false };
  const mark = (element) => { if (seen.pending || !element?.closest(".jp-OutputArea-output")) return; seen.pending = true;
    requestAnimationFrame(() => { const c = new MessageChannel();
      c.port1.onmessage = () => { seen.pending = false; seen.at = performance.now(); }; c.port2.postMessage(0); }); };
  document.addEventListener("keydown", (e) => { seen.key = e.timeStamp; seen.at = 0;
    setTimeout(() => { seen.ahead = seen.pending || seen.at > 0; }, 0); }, true);  // the kernel cannot have answered by then
  document.addEventListener("load", (e) => { if (e.target.tagName === "IMG") mark(e.target); }, true);
  for (const name of ["clearRect", "drawImage", "putImageData"]) {
    const own = CanvasRenderingContext2D.prototype[name];
    CanvasRenderingContext2D.prototype[name] = function (...a) { mark(this.canvas); return own.apply(this, a); }; }
  const svg = new MutationObserver((all) => { for (const { target } of all)
    if (target.nodeType === 1 && target.closest("svg")) mark(target); });
  document.addEventListener("DOMContentLoaded", () =>
    svg.observe(document.body, { subtree: true, childList: true, attributes: true })); })();
"""
REST = """([quiet, most]) => new Promise((done) => { const begun = performance.now(); const look = () => {
  const now = performance.now(), p = window.__paints;
  if (!p.pending && p.at && now - p.at > quiet) done([p.at - p.key, p.ahead]);
  else if (now - begun > most) done(null); else setTimeout(look, 10); }; look(); })"""
PEERS = {
    "setup": """%matplotlib inline
import ipywidgets as widgets
import matplotlib.pyplot as plt
from IPython.display import display
from oslab import explore, memory, slider

COLORS = "#0072b2", "#e69f00", "#009e73"
def counts(frames):
    return memory.fault_counts("1 2 3 4 1 2 5 1 2 3 4 5", ("fifo", "lru", "opt"), focus=frames)
def title(result):
    return f"Faults with {result.focus} frames: " + ", ".join(
        f"{result.labels[key]} {of[result.focus - 1]}" for key, of in result.faults.items())
def moved(change):
    frames = widgets.IntSlider(3, 1, 7, description="frames")
    frames.observe(lambda _: change(counts(frames.value), frames.value), "value")
    return frames""",
    "oslab": """@explore(memory.FaultsByFrames, focus=slider(1, 7, unit="frames"))
def anomaly(focus=3):
    return counts(focus)""",
    "interact, inline": """@widgets.interact(frames=widgets.IntSlider(3, 1, 7))
def inline(frames):
    result = counts(frames)
    figure, axes = plt.subplots(figsize=(8.2, 3.8))
    for color, (key, faults) in zip(COLORS, result.faults.items()):
        axes.plot(result.frames[:frames], faults[:frames], "o-", color=color, label=result.labels[key])
    axes.axvline(frames, color="gray", ls=":")
    axes.set(xlim=(0.7, 7.3), ylim=(0, 13), xlabel="frames", ylabel="faults", title=title(result))
    axes.legend(loc="right")
    plt.show()""",
    "ipympl": """%matplotlib widget
with plt.ioff():
    figure, axes = plt.subplots(figsize=(8.2, 3.8))
result = counts(3)
lines = [axes.plot(result.frames[:3], of[:3], "o-", color=color, label=result.labels[key])[0]
         for color, (key, of) in zip(COLORS, result.faults.items())]
mark = axes.axvline(3, color="gray", ls=":")
axes.set(xlim=(0.7, 7.3), ylim=(0, 13), xlabel="frames", ylabel="faults", title=title(result))
axes.legend(loc="right")
def change(result, frames):
    for line, of in zip(lines, result.faults.values()):
        line.set_data(result.frames[:frames], of[:frames])
    mark.set_xdata([frames, frames])
    axes.set_title(title(result))
    figure.canvas.draw_idle()
display(widgets.VBox([moved(change), figure.canvas]))""",
    "plotly": """import plotly.graph_objects as go
result = counts(3)
chart = go.FigureWidget([
    go.Scatter(x=result.frames[:3], y=of[:3], mode="lines+markers", name=result.labels[key], line_color=color)
    for color, (key, of) in zip(COLORS, result.faults.items())])
chart.update_layout(width=820, height=380, xaxis_range=[0.7, 7.3], yaxis_range=[0, 13], title_text=title(result),
                    xaxis_title="frames", yaxis_title="faults", shapes=[dict(type="line", x0=3, x1=3, y0=0, y1=13)])
def change(result, frames):
    with chart.batch_update():
        for line, of in zip(chart.data, result.faults.values()):
            line.x, line.y = result.frames[:frames], of[:frames]
        chart.layout.title.text = title(result)
        chart.layout.shapes[0].x0 = chart.layout.shapes[0].x1 = frames
display(widgets.VBox([moved(change), chart]))""",
    "bqplot": """import bqplot
result = counts(3)
x, y = bqplot.LinearScale(min=0.7, max=7.3), bqplot.LinearScale(min=0, max=13)
scales = {"x": x, "y": y}
marks = [bqplot.Lines(x=result.frames[:3], y=of[:3], scales=scales, colors=[color], marker="circle", labels=[result.labels[key]],
                      display_legend=True) for color, (key, of) in zip(COLORS, result.faults.items())]
focus = bqplot.Lines(x=[3, 3], y=[0, 13], scales=scales, colors=["gray"], line_style="dotted")
drawn = bqplot.Figure(marks=[*marks, focus], title=title(result), layout={"width": "820px", "height": "380px"},
                      axes=[bqplot.Axis(scale=x, label="frames"), bqplot.Axis(scale=y, label="faults", orientation="vertical")])
def change(result, frames):
    for mark, of in zip(marks, result.faults.values()):
        with mark.hold_sync():
            mark.x, mark.y = result.frames[:frames], of[:frames]
    focus.x = [frames, frames]
    drawn.title = title(result)
display(widgets.VBox([moved(change), drawn]))""",
}


def measure(page: Any, handle: Any, moves: int, upper: bool = False) -> list[tuple[float, bool]]:
    """Return of single moves of a slider the latency, in ms, and whether the picture was drawn before the kernel knew."""
    found, key = [], "ArrowLeft" if upper else "ArrowRight"
    handle.focus()
    for k in range(moves + 3):
        page.wait_for_timeout(APART)
        page.keyboard.press(key)
        took = page.evaluate(REST, [QUIET, 4000])
        if took is None or k % 4 == 3:  # at an end, or far enough
            key = "ArrowLeft" if key == "ArrowRight" else "ArrowRight"
        if took is not None and k >= 3:
            found.append(tuple(took))
    return sorted(found)


def summary(found: list[tuple[float, bool]]) -> tuple[float, float, float]:
    """Return median, 95th percentile, and the share of what had been sent ahead."""
    times = [took for took, _ in found]
    p95 = times[min(len(times) - 1, int(0.95 * len(times)))]
    return statistics.median(times), p95, statistics.mean(ahead for _, ahead in found)


def time_labs(browser: Any, server: Any, path: Path, moves: int) -> Iterator[str]:
    """Print a row for each lab of a notebook, and yield those over the budget."""
    sent = {name: frames.sizes(lab) for name, lab in frames.labs(path)}
    page = browser.new_page(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    page.add_init_script(WATCH)
    sheet = Sheet(page, server, path.name)
    sheet.open()
    sheet.run_all()
    wanted = [cell["id"] for cell in lab_cells(read(path))]
    for k, cell in enumerate(read(path)["cells"]):
        if (name := cell["id"]) not in wanted:
            continue
        lab = LabOnSheet(sheet.cell(k))
        lab.wait_until_drawn()
        times = measure(page, lab.handle, moves, lab.at_upper_end()) if lab.has_slider() else []
        if times:
            median, p95, share = summary(times)
            first, found = sent[name]
            size = f"{statistics.median(found) / 1024:.1f} | {max(found) / 1024:.1f} | {first / 1024:.1f}"
            print(f"| {path.stem[:2]} {name} | {median:.0f} | {p95:.0f} | {share:.0%} | {size} |", flush=True)
            if median > MEDIAN or p95 > P95:
                yield f"{path.stem[:2]} {name}"
    page.close()
    server.stop_kernels()


def time_peers(browser: Any, server: Any, name: str, moves: int) -> None:
    """Print a row for each way to make the figure."""
    print("\n| the same figure by | median, ms | p95, ms |\n|---|---:|---:|")
    page = browser.new_page(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    page.add_init_script(WATCH)
    sheet = Sheet(page, server, name)
    sheet.open()
    sheet.run_all()
    for k, way in enumerate(PEERS):
        if way != "setup":
            handle = sheet.cell(k).locator(".noUi-handle:visible").first
            handle.wait_for()
            page.wait_for_timeout(1500)
            if times := measure(page, handle, moves):
                median, p95, _ = summary(times)
                print(f"| {way} | {median:.0f} | {p95:.0f} |", flush=True)
            else:
                print(f"| {way} | never painted | |", flush=True)
    page.close()


def main() -> int:
    """Measure, print the table, and compare with the budget."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.latency", description=__doc__.splitlines()[0])
    parser.add_argument("notebook", nargs="*", type=Path, help="all if none is given, unless --peers is")
    parser.add_argument("-n", type=int, default=20, help="moves a lab")
    parser.add_argument("--peers", action="store_true", help="the same figure by interact, ipympl, plotly and bqplot")
    parser.add_argument("--budget", action="store_true", help="fail where a lab is over the budget")
    given = parser.parse_args()
    from playwright.sync_api import sync_playwright

    over = []
    notebooks = given.notebook or ([] if given.peers else NOTEBOOKS[:-1])
    with tempfile.TemporaryDirectory() as home, sync_playwright() as play:
        peers = Path(home, "peers.ipynb")
        kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
        cells = [*map(nbformat.v4.new_code_cell, PEERS.values())]
        nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), peers)
        with running([*notebooks, peers], Path(home, "server")) as server:
            browser = play.chromium.launch(executable_path=chromium(), args=FLAGS, chromium_sandbox=False)
            if notebooks:
                print(
                    "| lab | median, ms | p95, ms | ahead | frame, KiB | largest | first |\n|---|---:|---:|---:|---:|---:|---:|"
                )
            for path in notebooks:
                over += time_labs(browser, server, path, given.n)
            if given.peers:
                time_peers(browser, server, peers.name, given.n)
            browser.close()
    if notebooks:
        print(f"\nover the budget: {', '.join(over) or 'none'}")
    return int(given.budget and bool(over))


if __name__ == "__main__":
    sys.exit(main())
