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
  const ratio = () => Math.min(3, Math.max(1, window.devicePixelRatio || 1));

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
    img.style.width = `${model.get("width")}px`;
    img.dataset.shown = model.get("shown");
    words();
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
  model.on("change:frame", show);
  model.on("change:error", words);
  model.on("change:steps", keys);
  model.on("msg:custom", message);
  keys();
  if (model.get("frame")) show();
  return () => {
    clearTimeout(timer);
    if (url) URL.revokeObjectURL(url);
    model.off("change:frame", show);
    model.off("change:error", words);
    model.off("change:steps", keys);
    model.off("msg:custom", message);
  };
}
export default { render };
