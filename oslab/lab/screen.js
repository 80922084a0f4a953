// The picture of a lab: two canvases (what stays, what changes), the sentence under them, and the keys that step it.
// It also tells the kernel when the slider rests, since only the page knows that no new state is on its way.
const REST_MS = 140;

function render({ model, el }) {
  const make = (tag, name, ...children) => {
    const element = document.createElement(tag);
    element.className = name;
    element.append(...children);
    return element;
  };
  const under = make("canvas", "oslab-under"), over = make("canvas", "oslab-over");
  const sheet = make("div", "oslab-picture", under, over), caption = make("figcaption", "oslab-sentence");
  const figure = make("figure", "oslab-screen", sheet, caption);
  figure.setAttribute("data-lm-suppress-shortcuts", "true");
  sheet.setAttribute("role", "img");
  caption.setAttribute("aria-live", "polite");
  el.append(figure);

  let dark = isDark(), timer = null, raw = null, back = null, live = null;

  function words(state = model.get("state"), error = model.get("error")) {
    if (caption.textContent !== (error || state.sentence)) caption.textContent = error || state.sentence;
    caption.classList.toggle("oslab-error", Boolean(error));
    const settings = Object.entries(state.shown).map(([name, value]) => `${name.replaceAll("_", " ")} ${value}`).join("; ");
    attribute(sheet, "aria-label", `${state.title}. ${state.sentence} Settings: ${settings}.`);
  }
  function fresh(canvas, opaque) {
    const dots = (window.devicePixelRatio || 1) * ((sheet.clientWidth || model.get("width")) / model.get("width"));
    const [width, height] = ["width", "height"].map((side) => Math.max(1, Math.round(model.get(side) * dots)));
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    const ctx = canvas.getContext("2d");
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.fillStyle = dark ? darken("#ffffff") : "#fff";
    if (opaque) ctx.fillRect(0, 0, width, height);
    else ctx.clearRect(0, 0, width, height);
    return [ctx, width / model.get("width")];
  }
  const draw = (canvas, list) => {
    const [ctx, scale] = fresh(canvas, canvas === under);
    paint(ctx, list, scale, dark ? { ink: darken } : {});
  };
  function put(state, bytes, list) {
    drawnBytes = bytes;
    draw(over, live = list);
    mark(state);
  }
  // Which settings the picture stands for: other settings may give the same picture, which is then not drawn again.
  function mark(state) {
    sheet.dataset.frame = `${model.get("frame")} ${state.step} ${Object.values(state.settings)}`;
  }
  // States sent ahead; look_ahead.py says by which rules.
  const ahead = new Map();
  let version = -1, drawn = null, drawnBytes = null, readable = [];
  const keyOf = (settings) => JSON.stringify(Object.entries(settings).sort(([a], [b]) => (a < b ? -1 : 1)));
  const keyNow = () => keyOf(Object.fromEntries(readable.map(([name, control, trait]) => [name, control.get(trait)])));
  function moved() {
    const key = keyNow(), known = ahead.get(key);
    drawn = known ? key : null;
    if (!known) return;
    put(known.state, known.bytes, known.list);
    sheet.dataset.shown = JSON.stringify(known.state.shown);
    words(known.state, "");
  }
  function show() {
    const state = model.get("state"), key = keyOf(state.settings);
    if (state.version !== version) { ahead.clear(); version = state.version; }
    else if (drawn !== null && drawn !== key && drawn === keyNow()) return;  // the answer to an earlier move
    const bytes = model.get("scene"), same = drawnBytes && model.get("background") === raw && equal(bytes, drawnBytes);
    drawn = null;
    if (model.get("background") !== raw) draw(under, back = parse(raw = model.get("background")));
    if (same) mark(state);
    else put(state, bytes, parse(bytes));
    const shown = JSON.stringify(state.shown);
    if (sheet.dataset.shown !== shown) sheet.dataset.shown = shown;
    words();
    clearTimeout(timer);
    if (state.pending) timer = setTimeout(() => model.send({ rest: true }), REST_MS);
  }
  const equal = (a, b) => a.byteLength === b.byteLength &&
    new Uint8Array(a.buffer, a.byteOffset, a.byteLength).every((v, k) => v === b.getUint8(k));
  async function follow() {
    const wanted = Object.entries(model.get("controls"));
    if (wanted.map(([name, [id]]) => name + id).join() === readable.map(([name, , , id]) => name + id).join()) return;
    const found = await Promise.all(wanted.map(async ([name, [id, trait]]) => [name, await model.widget_manager.get_model(id), trait, id]));
    for (const [, control, trait] of readable) control.off(`change:${trait}`, moved);
    for (const [, control, trait] of (readable = found)) control.on(`change:${trait}`, moved);
  }
  function foreseen(content, buffers) {
    if (content.forget) ahead.clear();
    const state = content.ahead;
    if (state.version === version) ahead.set(keyOf(state.settings), { state, bytes: buffers[0], list: parse(buffers[0]) });
  }
  function size() {
    sheet.style.aspectRatio = `${model.get("width")} / ${model.get("height")}`;
    if (!model.get("lecture")) sheet.style.width = `${model.get("width")}px`;
  }
  const redraw = () => { if (live) { draw(under, back); draw(over, live); } };
  fontsReady.then(redraw);
  const sharp = new ResizeObserver(redraw);
  const themed = new MutationObserver(() => { if (dark !== isDark()) { dark = !dark; redraw(); } });
  sharp.observe(sheet);
  themed.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light", "class"] });
  const zoomed = () => { if (Math.abs(under.width - sheet.clientWidth * devicePixelRatio) > 1) redraw(); };
  window.addEventListener("resize", zoomed);
  function keys() {
    if (model.get("steps")) figure.tabIndex = 0;
    else figure.removeAttribute("tabindex");
  }
  figure.addEventListener("keydown", (event) => {
    const by = { ArrowRight: 1, ArrowLeft: -1, PageDown: 10, PageUp: -10, Home: -1e9, End: 1e9 }[event.key];
    if (by === undefined || !model.get("steps")) return;
    event.preventDefault();
    event.stopPropagation();
    const step = readable.find(([name]) => name === "step")?.[1];
    if (!step) { model.send({ step: by }); return; }
    step.set("value", Math.min(Math.max(step.get("value") + by, step.get("min")), step.get("max")));
    step.save_changes();
  });
  function message(content, buffers) {
    if (content.ahead !== undefined) foreseen(content, buffers);
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
      sheet.style.width = `${model.get("width")}px`;
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
    const others = parts.reduce((sum, c) => sum + tall(c) + 4, alone ? 24 : 8) - tall(sheet);
    const aspect = model.get("width") / model.get("height");
    const room = Math.min(lab.clientWidth - 24, (pane.clientHeight - others - 12) * aspect);
    const width = Math.round(Math.max(room, model.get("width") * 0.8));
    if (Math.abs(width - sheet.offsetWidth) > 2) sheet.style.width = `${width}px`;
  }
  model.on("change:lecture", lecture);
  let unnamed = () => {};
  requestAnimationFrame(() => {
    const lab = el.closest(".oslab-lab");
    if (lab) unnamed = keepNamed(lab);
    lecture();
  });
  model.on("change:frame", show);
  const told = () => words(), followed = () => follow().catch(() => {});
  model.on("change:error", told);
  model.on("change:controls", followed);
  model.on("change:steps", keys);
  model.on("msg:custom", message);
  keys();
  size();
  followed();
  if (model.get("frame")) show();
  model.send({ ready: true });
  return () => {
    clearTimeout(timer);
    unnamed();
    fitter.disconnect();
    sharp.disconnect();
    themed.disconnect();
    window.removeEventListener("resize", zoomed);
    whole.remove();
    model.off("change:lecture", lecture);
    model.off("change:frame", show);
    model.off("change:error", told);
    model.off("change:controls", followed);
    for (const [, control, trait] of readable) control.off(`change:${trait}`, moved);
    model.off("change:steps", keys);
    model.off("msg:custom", message);
  };
}
export default { render };
