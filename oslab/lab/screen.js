// The picture of a lab: two canvases (what stays, what changes), the sentence under them, and the keys that step it.
// It also tells the kernel when the slider rests, since only the page knows that no new state is on its way.
const REST_MS = 140, EASE_MS = 180;
const views = new WeakMap();  // model → its views: a page that displays a lab anew just drops the old one

function render({ model, el }) {
  const make = (tag, name, ...children) => {
    const element = document.createElement(tag);
    element.className = name;
    element.append(...children);
    return element;
  };
  const under = make("canvas", "oslab-under"), over = make("canvas", "oslab-over");
  // What is pointed at: a frame around it, what is said of it, and the things in the picture as buttons for the keyboard.
  const spot = make("div", "oslab-spot"), tip = make("div", "oslab-tip"), things = make("div", "oslab-things");
  const sheet = make("div", "oslab-picture", under, over, spot, tip), caption = make("figcaption", "oslab-sentence");
  const figure = make("figure", "oslab-screen", sheet, things, caption);
  figure.setAttribute("data-lm-suppress-shortcuts", "true");
  sheet.setAttribute("role", "img");
  caption.setAttribute("aria-live", "polite");
  spot.hidden = true;
  tip.setAttribute("role", "status");
  things.setAttribute("role", "group");
  things.setAttribute("aria-label", "things in the picture: arrow keys go from one to the next, Enter clicks one, Shift with an arrow drags it");
  const kept = make("div", "oslab-pins");
  el.append(kept, figure);

  let dark = isDark(), timer = null, raw = null, back = null, live = null;
  let parted = [], aim = null, held = null, reach = null, takes = "", busy = -1e9, asking = null, listing = null;
  let attached = false, shownFor = { settings: {} }, eased = 0, frame = null, told = 0, telling = null;

  function alt({ title, sentence, shown }) {
    const settings = Object.entries(shown).map(([name, value]) => `${name.replaceAll("_", " ")} ${value}`).join("; ");
    return `${title}. ${sentence} Settings: ${settings}.`;
  }
  function words(state = model.get("state"), error = model.get("error")) {
    if (caption.textContent !== (error || state.sentence)) caption.textContent = error || state.sentence;
    caption.classList.toggle("oslab-error", Boolean(error));
    attribute(sheet, "aria-label", alt(state));
  }
  function draw(canvas, lists, move = null) {
    const [wide, high] = canvas.size || [model.get("width"), model.get("height")];
    const dots = (window.devicePixelRatio || 1) * ((canvas.clientWidth || wide) / wide);
    const [width, height] = [wide, high].map((side) => Math.max(1, Math.round(side * dots)));
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    const ctx = canvas.getContext("2d");
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.fillStyle = dark ? darken("#ffffff") : "#fff";
    if (canvas !== over) ctx.fillRect(0, 0, width, height);
    else ctx.clearRect(0, 0, width, height);
    for (const list of lists) paint(ctx, list, width / wide, { ...(dark ? { ink: darken } : {}), move });
  }
  // Pictures that are kept: each with its call, a button that takes it away, and one that shows it as large as the live one.
  function pins() {
    kept.replaceChildren(...model.get("pins").map((pin, k) => {
      const canvas = make("canvas", ""), away = make("button", "oslab-unpin", "✕"), whole = make("button", "oslab-kept", canvas);
      Object.assign(canvas, { size: [pin.width, pin.height], lists: [parse(pin.background), parse(pin.list)] });
      canvas.style.aspectRatio = `${pin.width} / ${pin.height}`;
      whole.setAttribute("aria-label", alt(pin));
      whole.title = "larger, or smaller again";
      whole.onclick = () => { whole.parentElement.classList.toggle("oslab-large"); drawPins(); };
      away.title = "remove this picture";
      away.setAttribute("aria-label", `remove: ${pin.code}`);
      away.onclick = () => model.send({ unpin: k });
      return make("figure", "oslab-pin", make("figcaption", "", make("code", "", pin.code), away), whole);
    }));
    drawPins();
  }
  const drawPins = () => { for (const canvas of kept.querySelectorAll("canvas")) draw(canvas, canvas.lists); };
  function put(state, bytes, list) {
    drawnBytes = bytes;
    const before = parted;
    [live, parted] = [list, parts(list)];
    ease(before, state);
    mark(state);
    seen();
  }
  // Things that keep their key move to their new place where one step is taken; not while a slider moves.
  function ease(before, state) {
    const { step: _, ...others } = state.settings, { step: __, ...were } = shownFor.settings;
    const one = Math.abs(state.step - shownFor.step) === 1 && keyOf(others) === keyOf(were), now = performance.now();
    const still = !one || now - eased < EASE_MS || matchMedia("(prefers-reduced-motion: reduce)").matches ||
      el.closest(".oslab-lab")?.querySelector(".noUi-active");
    [shownFor, eased] = [state, now];
    cancelAnimationFrame(frame);
    const only = (parts) => {  // what is there more than once does not say which of them moves where
      const found = new Map();
      for (const p of parts) found.set(p.key, found.has(p.key) ? null : p);
      return new Map([...found].filter(([, p]) => p));
    };
    const old = still ? new Map() : only(before), fresh = still ? [] : [...only(parted)];
    const ways = new Map(fresh.filter(([key, p]) => old.has(key) && Math.hypot(old.get(key).x - p.x, old.get(key).y - p.y) > 0.5)
      .map(([key, p]) => [key, [old.get(key).x - p.x, old.get(key).y - p.y]]));
    const paintAt = (time) => {
      const left = ways.size ? Math.max(0, 1 - (time - now) / EASE_MS) ** 2 : 0;
      draw(over, [live], left ? (key) => ways.get(key)?.map((v) => v * left) : null);
      if (left) frame = requestAnimationFrame(paintAt);
    };
    paintAt(now);
  }
  // What is pointed at, by hand or by keyboard, what is said of it, and what a touch of it sets.
  function place(event) {
    const box = sheet.getBoundingClientRect(), scale = model.get("width") / box.width;
    return [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
  }
  function point(part) {
    if (part?.key !== aim?.key) tip.textContent = takes = sheet.style.cursor = "";
    aim = part;
    spot.hidden = !part;
    if (!part) return;
    const share = (v, side) => `${100 * v / model.get(side)}%`;
    Object.assign(spot.style, part.line ? { width: 0, height: 0 } :
      { left: share(part.x, "width"), top: share(part.y, "height"), width: share(part.w, "width"), height: share(part.h, "height") });
    clearTimeout(asking);
    if (!held?.moved) asking = setTimeout(() => model.send({ over: part.key }), 40);
  }
  function answered({ tip: key, text, does }) {
    if (key !== aim?.key) return;
    [takes, sheet.style.cursor] = [does, { click: "pointer", drag: "grab", drop: "grab" }[does] || ""];
    if (held?.moved) return;
    tip.textContent = text;
    const right = aim.x > model.get("width") / 2, low = aim.y + aim.h > model.get("height") * 0.7;
    const side = (v, of) => `${100 * v / model.get(of)}%`;
    Object.assign(tip.style, { left: right ? "" : side(aim.x, "width"), right: right ? side(model.get("width") - aim.x - aim.w, "width") : "",
      top: low ? "" : side(aim.y + aim.h + 6, "height"), bottom: low ? side(model.get("height") - aim.y + 6, "height") : "" });
  }
  function pull(from, to) {  // a line from what is dragged to where it would be let go
    const ctx = over.getContext("2d"), dots = over.width / model.get("width");
    ctx.setTransform(dots, 0, 0, dots, 0, 0);
    ctx.setLineDash([6, 4]);
    [ctx.strokeStyle, ctx.lineWidth] = [dark ? darken("#0072b2") : "#0072b2", 2.5];
    ctx.beginPath(); ctx.moveTo(...from); ctx.lineTo(...to); ctx.stroke();
  }
  const send = (key, at) => { busy = performance.now(); model.send(at ? { touch: key, at } : { touch: key }); };
  sheet.addEventListener("pointermove", (event) => {
    const at = place(event);
    if (!held) { const part = partAt(parted, ...at); if (part?.key !== aim?.key) point(part); return; }
    if (!takes.startsWith("dr") || (!held.moved && Math.hypot(at[0] - held.at[0], at[1] - held.at[1]) < 4)) return;
    if (!held.moved) sheet.setPointerCapture(event.pointerId);
    Object.assign(held, { moved: true, to: takes === "drag" ? at : null });
    tip.textContent = "";
    if (takes === "drop") draw(over, [live]), pull(held.at, at);  // it sets something where it is let go
    else if (performance.now() - busy > 400) send(held.key, held.to), held.to = null;  // one at a time; the answer sends the next
  });
  sheet.addEventListener("pointerleave", () => { if (!held && !things.contains(document.activeElement)) point(null); });
  sheet.addEventListener("pointerdown", (event) => {
    const at = place(event), part = event.button ? null : partAt(parted, ...at);
    point(part);
    held = part ? { key: part.key, at } : null;
  });
  sheet.addEventListener("pointerup", (event) => {
    const was = held, at = place(event);
    held = null;
    if (was?.moved) draw(over, [live]), send(was.key, at);
    else if (was && partAt(parted, ...at)?.key === was.key) send(was.key);
  });
  sheet.addEventListener("pointercancel", () => { held = null; draw(over, [live]); });
  // Called for each picture: the frame stays with its thing, the hand goes on, the buttons follow when the picture rests.
  function seen() {
    busy = -1e9;
    if (held?.to) send(held.key, held.to), held.to = null;
    if (aim) point(parted.find((p) => p.key === aim.key) || null);
    clearTimeout(listing);
    listing = setTimeout(list, 250);
  }
  function list() {
    const keys = [...new Set(parted.map((p) => p.key))].sort((a, b) => a.localeCompare(b, undefined, { numeric: true }));
    const had = things.contains(document.activeElement) && document.activeElement;
    if (keys.join("\n") === [...things.children].map((b) => b.textContent).join("\n")) return;
    const kept = keys.indexOf(had?.textContent), at = kept < 0 ? Math.min(had ? [...things.children].indexOf(had) : 0, keys.length - 1) : kept;
    things.replaceChildren(...keys.map((key, k) => {
      const button = make("button", "", key);
      button.tabIndex = k === at ? 0 : -1;
      return button;
    }));
    if (had) things.children[at]?.focus();
  }
  things.addEventListener("focusin", ({ target }) => {
    for (const button of things.children) button.tabIndex = button === target ? 0 : -1;
    reach = null;
    point(parted.find((p) => p.key === target.textContent));
  });
  things.addEventListener("focusout", (event) => { if (!things.contains(event.relatedTarget)) point(null); });
  things.addEventListener("click", ({ target }) => { if (target !== things) send(target.textContent); });
  things.addEventListener("keydown", (event) => {
    const [dx, dy] = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] }[event.key] || [0, 0];
    const all = [...things.children], k = all.indexOf(document.activeElement), end = { Home: 0, End: all.length - 1 }[event.key];
    if (event.key === "Escape" && aim) { event.stopPropagation(); tip.textContent = ""; return; }
    if (!dx && !dy && end === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.shiftKey && aim) {  // dragged on from where it was, also where the thing itself has not followed yet
      reach = reach || [aim.x + aim.w / 2, aim.y + aim.h / 2];
      send(aim.key, reach = [reach[0] + 10 * dx, reach[1] + 10 * dy]);
    } else (all[end ?? (k + dx + dy + all.length) % all.length])?.focus();
  });
  // Which settings the picture stands for: other settings may give the same picture, which is then not drawn again.
  function mark(state) {
    sheet.dataset.frame = `${model.get("frame")} ${state.step} ${Object.values(state.settings)}`;
  }
  // States sent ahead; look_ahead.py says by which rules.
  const ahead = new Map();
  let version = -1, drawn = null, drawnBytes = null, readable = [];
  const plain = (value) => (typeof value === "number" ? +value.toPrecision(12) : value);  // a slider says 3.9999999999999996
  const keyOf = (settings) => JSON.stringify(Object.entries(settings).sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => [name, plain(value)]));
  const wire = (name, control, trait) => (name === "step" && control.get("value") >= control.get("max") ? "end" : control.get(trait));
  const keyNow = () => keyOf(Object.fromEntries(readable.map(([name, control, trait]) => [name, wire(name, control, trait)])));
  function moved() {
    const key = keyNow(), known = ahead.get(key);
    if (known && drawn === key) return;  // the kernel says of the step what the page knew
    drawn = known ? key : null;
    if (!known) return;
    ground(known.background);
    put(known.state, known.bytes, known.list);
    sheet.dataset.shown = JSON.stringify(known.state.shown);
    words(known.state, "");
  }
  function show() {
    const state = model.get("state"), key = keyOf(state.settings);
    if (state.version !== version) { ahead.clear(); version = state.version; }
    else if (drawn !== null && drawn !== key && drawn === keyNow()) return;  // the answer to an earlier move
    const bytes = model.get("scene"), same = !ground(model.get("background")) && drawnBytes && equal(bytes, drawnBytes);
    drawn = null;
    if (same) { shownFor = state; mark(state); seen(); }
    else put(state, bytes, parse(bytes));
    const shown = JSON.stringify(state.shown);
    if (sheet.dataset.shown !== shown) sheet.dataset.shown = shown;
    words();
    clearTimeout(timer);
    if (state.pending) timer = setTimeout(() => model.send({ rest: true }), REST_MS);
  }
  function ground(bytes) {  // draws what stays where it is another; returns whether it was
    const other = bytes !== raw && !(raw && equal(bytes, raw));
    if (other) draw(under, [back = parse(bytes)]);
    raw = bytes;
    return other;
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
    if (state.version === version)
      ahead.set(keyOf(state.settings), { state, bytes: buffers[0], list: parse(buffers[0]), background: buffers[1] || model.get("background") });
  }
  function size() {
    sheet.style.aspectRatio = `${model.get("width")} / ${model.get("height")}`;
    if (!model.get("lecture")) sheet.style.width = `${model.get("width")}px`;
    else fit();
  }
  const redraw = () => {
    attached ||= el.isConnected;
    if (live) { draw(under, [back]); draw(over, [live]); drawPins(); }
  };
  fontsReady.then(redraw);
  const sharp = new ResizeObserver(redraw);
  const themed = new MutationObserver(() => { if (dark !== isDark()) { dark = !dark; redraw(); } });
  sharp.observe(sheet);
  sharp.observe(kept);
  themed.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light", "class"] });
  const zoomed = () => { if (Math.abs(under.width - sheet.clientWidth * devicePixelRatio) > 1) redraw(); };
  window.addEventListener("resize", zoomed);
  function keys() {
    if (model.get("steps") || model.get("lecture")) figure.tabIndex = 0;
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
    if (content.tip !== undefined) answered(content);
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
  const corner = lectureCorner(figure, model.get("page"));
  const pressed = (event) => {
    const step = model.get("steps") ? readable.find(([name]) => name === "step")?.[1] : undefined;
    if (model.get("lecture")) lectureKey(event, el.closest(".oslab-lab"), corner.lastChild, step);
  };
  const fitter = new ResizeObserver(() => fit());
  let watched = null;
  function lecture() {
    const lab = el.closest(".oslab-lab"), on = model.get("lecture");
    if (!lab) return;
    lab.classList.toggle("oslab-lecture", on);
    lab.closest(".jp-Notebook")?.classList.toggle("oslab-lecturing", on);
    keys();
    lab.toggleAttribute("data-lm-suppress-shortcuts", on);
    lab.removeEventListener("keydown", pressed, true);
    if (on) lab.append(corner);
    if (on) lab.addEventListener("keydown", pressed, true);
    else {
      corner.remove();
      sheet.style.width = `${model.get("width")}px`;
    }
    const pane = lab.closest(".jp-WindowedPanel-outer") || document.documentElement;
    if (watched !== pane) { fitter.disconnect(); fitter.observe(watched = pane); fitter.observe(lab); }
    fit();
  }
  // The kernel lays the picture out for the room that the page has: in lecture mode, for the shape of that room.
  function tell(wide) {
    clearTimeout(telling);
    if (wide > 0 && Math.abs(wide - told) > 4) telling = setTimeout(() => model.send({ room: told = wide }), 60);
  }
  function fit() {
    const lab = el.closest(".oslab-lab");
    if (!lab) return;
    if (!model.get("lecture")) { tell(lab.clientWidth - 20); return; }
    const alone = document.fullscreenElement === lab;
    const pane = alone ? document.documentElement : lab.closest(".jp-WindowedPanel-outer") || document.documentElement;
    const question = [...lab.children].find((c) => c.classList.contains("oslab-compact"));
    const parts = [...lab.children].filter((c) => c !== corner && (alone || c !== question));
    // Unrounded: rounded heights change with the width that they lead to, and the picture would never rest.
    const tall = (element) => element.getBoundingClientRect().height;
    const others = parts.reduce((sum, c) => sum + tall(c) + 4, alone ? 24 : 8) - tall(sheet);
    const aspect = model.get("width") / model.get("height"), wide = lab.clientWidth - 24, high = pane.clientHeight - others - 12;
    tell(high > 0 ? Math.min(Math.max(Math.round(model.get("height") * wide / high), 640), 1200) : 1200);
    const width = Math.round(Math.max(Math.min(wide, high * aspect), Math.min(wide, 656)));
    if (Math.abs(width - sheet.offsetWidth) > 2) sheet.style.width = `${width}px`;
  }
  model.on("change:lecture", lecture);
  model.on("change:width", size);
  let unnamed = () => {};
  requestAnimationFrame(() => {
    const lab = el.closest(".oslab-lab");
    if (lab) unnamed = keepNamed(lab);
    lecture();
  });
  model.on("change:frame", show);
  const failed = () => words(), followed = () => follow().catch(() => {});
  model.on("change:error", failed);
  model.on("change:pins", pins);
  model.on("change:controls", followed);
  model.on("change:steps", keys);
  model.on("msg:custom", message);
  keys();
  size();
  followed();
  pins();
  if (model.get("frame")) show();
  model.send({ ready: true });
  const end = () => {
    for (const one of [timer, asking, listing, telling]) clearTimeout(one);
    cancelAnimationFrame(frame);
    unnamed();
    fitter.disconnect();
    sharp.disconnect();
    themed.disconnect();
    window.removeEventListener("resize", zoomed);
    corner.remove();
    model.off("change:lecture", lecture);
    model.off("change:width", size);
    model.off("change:frame", show);
    model.off("change:error", failed);
    model.off("change:pins", pins);
    model.off("change:controls", followed);
    for (const [, control, trait] of readable) control.off(`change:${trait}`, moved);
    model.off("change:steps", keys);
    model.off("msg:custom", message);
  };
  const known = (views.get(model) || []).filter((view) => !view.dropped() || view.end());
  views.set(model, [...known, { end, dropped: () => attached && !el.isConnected }]);
  return end;
}
export default { render };
