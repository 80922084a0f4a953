// The web edition.  A lab moves along one control, and one menu, through states worked out beforehand: a classic script
// beside the page brings them when the lab comes into view (states.py says in which form).  Questions answer by a key.
const SOON = "300px";

function theme() {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const follow = () => { document.body.dataset.jpThemeLight = dark.matches ? "false" : "true"; labs.forEach((lab) => lab.redraw?.()); };
  dark.addEventListener("change", follow);
  follow();
}

async function unpack(text) {
  const packed = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  const all = new Uint8Array(await new Response(stream).arrayBuffer());
  const size = new DataView(all.buffer).getUint32(0, true), begin = 4 + size;
  const { rows } = JSON.parse(new TextDecoder().decode(all.subarray(4, begin)));
  const lists = new Map();
  const list = ([at, length]) => {
    if (!lists.has(at)) lists.set(at, parse(new DataView(all.buffer, begin + at, length)));
    return lists.get(at);
  };
  return { rows, list };
}

const waiting = new Map();
window.oslabStates = (name, text) => waiting.get(name)?.(unpack(text));
function load(name) {
  return new Promise((resolve, reject) => {
    waiting.set(name, resolve);
    const script = document.createElement("script");
    script.src = `${name}.js`;
    script.onerror = () => reject(new Error(`${name}.js is missing`));
    document.head.append(script);
  });
}

const alt = (state) => `${state.title}. ${state.sentence} Settings: ` +
  `${Object.entries(state.shown).map(([name, value]) => `${name.replaceAll("_", " ")} ${value}`).join("; ")}.`;

function makeLab(figure) {
  const slider = figure.querySelector("input[type=range]"), menu = figure.querySelector("select");
  const output = figure.querySelector("output"), caption = figure.querySelector("figcaption");
  const sheet = figure.querySelector(".sheet"), still = sheet.querySelector("img");
  const width = Number(still.getAttribute("width"));
  const lab = { figure };
  let states = null, under = null, over = null, state = null, background = null, asked = false;

  function clear(canvas, opaque) {
    const scale = (devicePixelRatio || 1) * sheet.clientWidth / width;
    const size = [sheet.clientWidth, sheet.clientHeight].map((side) => Math.max(1, Math.round(side * (devicePixelRatio || 1))));
    if (canvas.width !== size[0] || canvas.height !== size[1]) [canvas.width, canvas.height] = size;
    const ctx = canvas.getContext("2d");
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.fillStyle = isDark() ? darken("#ffffff") : "#fff";
    if (opaque) ctx.fillRect(0, 0, ...size);
    else ctx.clearRect(0, 0, ...size);
    return [ctx, scale];
  }
  function draw(canvas, place) {
    const [ctx, scale] = clear(canvas, canvas === under);
    paint(ctx, states.list(place), scale, isDark() ? { ink: darken } : {});
  }
  const row = () => states.rows[menu ? menu.selectedIndex : 0];
  // What the slider says: the value that differs along the row, as the lab's own readout has it.
  function said(name) {
    const own = name.toLowerCase().split(",")[0].replaceAll(" ", "_");
    return state.shown[own] ?? state.shown[Object.keys(state.shown).find((key) => own.startsWith(key))] ?? "";
  }
  function show() {
    asked = false;
    const place = slider ? Math.min(Number(slider.value), row().length - 1) : 0;
    state = row()[place];
    if (background !== state.background[0]) { draw(under, state.background); background = state.background[0]; }
    draw(over, state.list);
    if (slider) {
      output.textContent = said(slider.dataset.axis);
      slider.setAttribute("aria-valuetext", output.textContent);
    }
    if (caption.textContent !== state.sentence) caption.textContent = state.sentence;
    sheet.setAttribute("aria-label", alt(state));
    figure.dataset.shown = `${menu ? menu.selectedIndex : 0} ${place}`;
  }
  const move = () => { if (!asked) { asked = true; requestAnimationFrame(show); } };
  lab.redraw = () => { if (states) { background = null; show(); } };
  function choose() {
    if (slider) {
      const before = Number(slider.max), last = row().length - 1, atEnd = Number(slider.value) === before;
      slider.max = last;
      slider.value = atEnd ? last : Math.min(Number(slider.value), last);
    }
    move();
  }
  lab.start = async () => {
    try {
      states = await load(figure.dataset.states);
    } catch (error) {
      caption.textContent += ` (This lab does not move: ${error.message}.)`;
      return;
    }
    under = document.createElement("canvas");
    over = document.createElement("canvas");
    still.replaceWith(under, over);
    show();
    fontsReady.then(lab.redraw);
    new ResizeObserver(lab.redraw).observe(sheet);
    for (const control of [slider, menu]) if (control) control.disabled = false;
    slider?.addEventListener("input", move);
    menu?.addEventListener("change", choose);
    figure.dataset.ready = "true";
  };
  return lab;
}

const labs = [...document.querySelectorAll("figure.lab")].map(makeLab);
const seen = new IntersectionObserver((found) => {
  for (const entry of found) if (entry.isIntersecting) {
    seen.unobserve(entry.target);
    labs.find((lab) => lab.figure === entry.target).start();
  }
}, { rootMargin: SOON });
theme();
labs.forEach((lab) => seen.observe(lab.figure));
document.documentElement.classList.add("scripted");

// Questions: each kind returns [right, what is said as HTML], or a sentence alone where there is no answer yet.
function number(text, unit) {
  let bare = text.trim();
  for (const end of [unit, unit.replace(/s$/, "")]) if (end && bare.toLowerCase().endsWith(end.toLowerCase())) bare = bare.slice(0, -end.length);
  bare = bare.replace(/[\s_\u00a0\u2009\u202f]/g, "").replace("\u2212", "-");
  const [above, below] = bare.split("/");
  return bare === "" ? NaN : below === undefined ? Number(bare) : Number(above) / Number(below);
}
const judges = {
  choice(form, key) {
    const picked = form.querySelector("input:checked");
    if (!picked) return "Choose one of the options first.";
    const { right, said } = key.options[picked.value];
    return [right, right ? key.why : said];
  },
  choices(form, key) {
    const ticked = [...form.querySelectorAll("input")].map((box) => box.checked);
    const bad = key.options.filter((option, k) => ticked[k] && !option.right);
    const missing = key.options.filter((option, k) => !ticked[k] && option.right).length;
    if (!bad.length && !missing) return [true, key.why];
    return [false, `${bad.map((option) => option.said).join(" ")} ${missing ? `${missing} more to tick.` : ""}`];
  },
  number(form, key) {
    const value = number(form.querySelector("input").value, key.unit);
    if (!Number.isFinite(value)) return "Write one number, such as 12, 2.5, 1e6, 3/8 or 0x1f.";
    if (Math.abs(value - key.right) <= key.reach) return [true, key.why];
    const near = key.wrong.filter(([wrong, reach]) => Math.abs(value - wrong) <= reach)
      .sort(([a], [b]) => Math.abs(a - value) - Math.abs(b - value))[0];
    return [false, `It is too ${value > key.right ? "high" : "low"}. ${near ? near[2] : ""}`];
  },
  order(form, key) {
    const given = [...form.querySelectorAll("li")].map((item) => Number(item.dataset.item));
    const wrong = given.findIndex((item, k) => item !== key.right[k]);
    if (wrong < 0) return [true, key.why];
    const said = key.wrong.filter(([early, late]) => given.indexOf(early) < given.indexOf(late)).map(([, , reason]) => reason);
    return [false, `Place ${wrong + 1} is not right yet. ${said.join(" ")}`];
  },
  match(form, key) {
    const given = [...form.querySelectorAll("select")].map((menu) => menu.value);
    if (given.includes("")) return "Choose a partner for each.";
    const bad = given.map((value, k) => Number(value) !== key.right[k]);
    if (!bad.includes(true)) return [true, key.why];
    const said = key.wrong.filter(([item, partner]) => Number(given[item]) === partner).map(([, , reason]) => reason);
    return [false, `${bad.filter((one) => !one).length} of ${bad.length} are right. ${said.join(" ")}`];
  },
};
for (const form of document.querySelectorAll("form.question")) {
  const key = JSON.parse(form.querySelector("script").textContent), verdict = form.querySelector(".verdict");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const judged = judges[key.kind]?.(form, key);
    if (!judged) return;
    const [right, said] = typeof judged === "string" ? [null, judged] : judged;
    verdict.className = `verdict ${right === null ? "" : right ? "right" : "wrong"}`;
    verdict.innerHTML = `${right === null ? "" : `<b>${right ? "✓ Right." : "✗ Not yet."}</b> `}${said}`;
  });
  form.addEventListener("click", (event) => {
    const by = Number(event.target.dataset?.by), item = event.target.closest("li");
    if (!by || !item) return;
    if (by < 0) item.previousElementSibling?.before(item);
    else item.nextElementSibling?.after(item);
    event.target.focus();
  });
}
