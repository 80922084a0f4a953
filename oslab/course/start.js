// The button that runs a chapter.  JupyterLab and Notebook follow its command (`data-commandlinker-command`); there
// Run All ends at the last cell, so whoever runs all is brought back to the top, until the page is used.
const STAY = 4000; // milliseconds
function backToTop(panel, pane) {
  const end = new AbortController(), used = { signal: end.signal, capture: true, passive: true };
  for (const kind of ["wheel", "pointerdown", "keydown", "touchstart"]) panel.addEventListener(kind, () => end.abort(), used);
  const stay = () => { if (!end.signal.aborted) pane.scrollTop = 0; };
  pane.addEventListener("scroll", stay, { signal: end.signal });
  setTimeout(() => end.abort(), STAY);
  panel.querySelector(".jp-Cell")?.dispatchEvent(new MouseEvent("mousedown", { bubbles: true, button: 0 }));
  stay();
}

export default {
  render({ model, el }) {
    const begin = () => {
      const panel = el.closest(".jp-NotebookPanel"), pane = panel?.querySelector(".jp-WindowedPanel-outer");
      if (!pane) return;
      el.innerHTML = model.get("html");
      const at = el.getBoundingClientRect(), seen = pane.getBoundingClientRect();
      if (at.top > seen.bottom || at.bottom < seen.top) backToTop(panel, pane);
    };
    requestAnimationFrame(() => requestAnimationFrame(begin));
  },
};
