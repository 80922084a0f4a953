// The picture of a lab: an <img> with alternative text, the sentence under it, and the keys that step it.
// It also tells the kernel when the slider rests, since only the page knows that no new frame is on its way.
const REST_MS = 140;

function render({ model, el }) {
  const figure = document.createElement("figure");
  const img = document.createElement("img");
  const caption = document.createElement("figcaption");
  figure.className = "oslab-screen";
  figure.setAttribute("data-lm-suppress-shortcuts", "true");
  img.className = "oslab-picture";
  caption.className = "oslab-sentence";
  caption.setAttribute("aria-live", "polite");
  figure.append(img, caption);
  el.append(figure);

  let url = null, timer = null;
  const ratio = () => {
    const enlarged = img.clientWidth / model.get("width") || 1;
    return Math.min(3, Math.max(1, (window.devicePixelRatio || 1) * Math.max(1, enlarged)));
  };

  function words() {
    const error = model.get("error");
    caption.textContent = error || model.get("text");
    caption.classList.toggle("oslab-error", Boolean(error));
    img.alt = model.get("text");
  }
  function show() {
    const before = url;
    url = URL.createObjectURL(new Blob([model.get("png")], { type: "image/png" }));
    img.onload = () => { if (before) URL.revokeObjectURL(before); };
    img.src = url;
    img.style.aspectRatio = `${model.get("width")} / ${model.get("height")}`;
    if (!model.get("lecture")) img.style.width = `${model.get("width")}px`;
    img.dataset.shown = model.get("shown");
    words();
    sharpen();
  }
  function sharpen() {
    clearTimeout(timer);
    if (model.get("pending") || Math.abs(ratio() - model.get("scale")) > 0.01)
      timer = setTimeout(() => model.send({ rest: true, ratio: ratio() }), REST_MS);
  }
  function keys() {
    if (model.get("steps")) figure.tabIndex = 0;
    else figure.removeAttribute("tabindex");
  }
  figure.addEventListener("keydown", (event) => {
    const by = { ArrowRight: 1, ArrowLeft: -1, PageDown: 10, PageUp: -10, Home: -1e9, End: 1e9 }[event.key];
    if (by === undefined || !model.get("steps")) return;
    event.preventDefault();
    event.stopPropagation();
    model.send({ step: by });
  });
  function message(content, buffers) {
    if (content.copy !== undefined) navigator.clipboard?.writeText(content.copy).catch(() => {});
    if (content.save !== undefined) {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([buffers[0]], { type: "image/png" }));
      link.download = content.save;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    }
  }
  // Lecture mode: the lab is as large as its window allows, code is hidden, and one press gives it the whole screen.
  const whole = document.createElement("button");
  whole.className = "oslab-whole";
  whole.textContent = "whole window";
  whole.title = "this lab alone; Escape leads back";
  whole.onclick = () => {
    const lab = el.closest(".oslab-lab");
    if (document.fullscreenElement) document.exitFullscreen();
    else lab?.requestFullscreen?.().then(() => figure.focus());
  };
  const fitter = new ResizeObserver(() => fit());
  let watched = null;
  function lecture() {
    const lab = el.closest(".oslab-lab"), on = model.get("lecture");
    if (!lab) return;
    lab.classList.toggle("oslab-lecture", on);
    lab.closest(".jp-Notebook")?.classList.toggle("oslab-lecturing", on);
    if (on && !whole.isConnected) lab.append(whole);
    if (!on) {
      whole.remove();
      img.style.width = `${model.get("width")}px`;
    }
    const pane = lab.closest(".jp-WindowedPanel-outer") || document.documentElement;
    if (watched !== pane) { fitter.disconnect(); fitter.observe(watched = pane); fitter.observe(lab); }
    fit();
  }
  function fit() {
    const lab = el.closest(".oslab-lab");
    if (!lab || !model.get("lecture")) return;
    const alone = document.fullscreenElement === lab;
    const pane = alone ? document.documentElement : lab.closest(".jp-WindowedPanel-outer") || document.documentElement;
    const question = [...lab.children].find((c) => c.classList.contains("oslab-compact"));
    const parts = [...lab.children].filter((c) => c !== whole && (alone || c !== question));
    // Unrounded: rounded heights change with the width that they lead to, and the picture would never rest.
    const tall = (element) => element.getBoundingClientRect().height;
    const others = parts.reduce((sum, c) => sum + tall(c) + 4, alone ? 24 : 8) - tall(img);
    const aspect = model.get("width") / model.get("height");
    const room = Math.min(lab.clientWidth - 24, (pane.clientHeight - others - 12) * aspect);
    const width = Math.round(Math.max(room, model.get("width") * 0.8));
    if (Math.abs(width - img.offsetWidth) > 2) { img.style.width = `${width}px`; sharpen(); }
  }
  model.on("change:lecture", lecture);
  requestAnimationFrame(lecture);
  model.on("change:frame", show);
  model.on("change:error", words);
  model.on("change:steps", keys);
  model.on("msg:custom", message);
  keys();
  if (model.get("frame")) show();
  return () => {
    clearTimeout(timer);
    fitter.disconnect();
    whole.remove();
    model.off("change:lecture", lecture);
    if (url) URL.revokeObjectURL(url);
    model.off("change:frame", show);
    model.off("change:error", words);
    model.off("change:steps", keys);
    model.off("msg:custom", message);
  };
}
export default { render };
