// Draws a display list (scene.py says what is in it) on a canvas, at any resolution.
const FINE = 16, CAPS = ["butt", "round", "square"], JOINS = ["miter", "round", "bevel"];
const POINTS = { M: 1, L: 1, Q: 2, C: 3, Z: 0 };
const FACES = '"Oslab Sans", "DejaVu Sans", "Bitstream Vera Sans", Verdana, sans-serif';

// The course's font, the same as matplotlib's: theme.py puts each cut's weight and bytes (base64) here.
const FONT = {};
const fontsReady = Promise.all(Object.entries(FONT).map(([weight, text]) => {
  const known = [...document.fonts].find((face) => face.family.includes("Oslab Sans") && face.weight === weight);
  const face = known || new FontFace("Oslab Sans", Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)), { weight });
  if (!known) document.fonts.add(face);
  return face.load();
})).catch(() => {});

// Inks on a dark page: theme.py's table; what has no place there (pale fills) keeps its hue and changes its lightness.
const DARK = {};
function darken(color) {
  const known = DARK[color.slice(0, 7)];
  if (known) return known + color.slice(7);
  const n = parseInt(color.slice(1, 7), 16), rgb = [n >> 16, (n >> 8) & 255, n & 255].map((v) => v / 255);
  const high = Math.max(...rgb), low = Math.min(...rgb), light = (high + low) / 2, range = high - low, [r, g, b] = rgb;
  const hue = !range ? 0 : high === r ? ((g - b) / range + 6) % 6 : high === g ? (b - r) / range + 2 : (r - g) / range + 4;
  const full = range ? range / (1 - Math.abs(2 * light - 1)) : 0, alpha = color.length > 7 ? parseInt(color.slice(7), 16) / 255 : 1;
  return `hsla(${hue * 60},${full * 70}%,${light > 0.35 && light < 0.62 ? light * 100 + 8 : 94 - light * 82}%,${alpha})`;
}
const isDark = () => ["vscode-dark", "vscode-high-contrast"].some((name) => document.body.classList.contains(name)) ||
  document.body.dataset.jpThemeLight === "false";

const pointsOf = (letters) => [...letters].reduce((sum, letter) => sum + POINTS[letter], 0);
const total = (lengths) => lengths.reduce((sum, n) => sum + Math.abs(n), 0);

// Bytes → {o: operations, each with `at`, where its coordinates begin; s: styles; xy: coordinates in CSS pixels}.
function parse(view) {
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  const sizes = new DataView(view.buffer, view.byteOffset, 8), head = sizes.getUint32(0, true), body = sizes.getUint32(4, true);
  const list = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + head)));
  list.xy = Float32Array.from(new Int16Array(bytes.slice(8 + head, 8 + head + body).buffer), (v) => v / FINE);
  let at = 0, pixel = 8 + head + body;
  for (const op of list.o) {
    op.at = at;
    if (op[0] < 2) at += 2 * total(op[2]);
    else if (op[0] === 2) at += 2 * pointsOf(op[2]);
    else if (op[0] === 3) at += 2 * (pointsOf(op[2]) + op[3]);
    else if (op[0] === 5) { op.pixels = bytes.slice(pixel, pixel + op[3] * op[4]); pixel += op[3] * op[4]; }
    else if (op[0] === 6) at += 4 * op[2];
  }
  return list;
}

// Matplotlib's hatches: a tile of 72 points.
const hatches = new Map();
function hatch(ctx, code, color, width, scale) {
  const key = [code, color, width, scale].join();
  if (hatches.has(key)) return hatches.get(key);
  if (hatches.size > 200) hatches.clear();
  const c = document.createElement("canvas"), size = c.width = c.height = Math.max(8, Math.round(100 * scale));
  const g = c.getContext("2d"), count = (letters) => [...code].filter((l) => letters.includes(l)).length * 6;
  g.strokeStyle = g.fillStyle = color; g.lineWidth = width * scale; g.lineCap = "square";
  const line = (x0, y0, x1, y1) => { g.beginPath(); g.moveTo(x0 * size, y0 * size); g.lineTo(x1 * size, y1 * size); g.stroke(); };
  let n = count("/xX"); for (let k = 0; n && k <= n; k++) line(2 * k / n - 1, 1, 2 * k / n, 0);
  n = count("\\xX"); for (let k = 0; n && k <= n; k++) line(2 * k / n - 1, 0, 2 * k / n, 1);
  n = count("-+"); for (let k = 0; k < n; k++) line(0, (k + 0.5) / n, 1, (k + 0.5) / n);
  n = count("|+"); for (let k = 0; k < n; k++) line((k + 0.5) / n, 0, (k + 0.5) / n, 1);
  n = count(".");
  for (let row = 0; n && row <= n; row++) for (let k = 0; k <= n; k++) {
    g.beginPath(); g.arc((k + (row % 2 ? 0.5 : 0)) / n * size, row / n * size, 0.1 / n * size, 0, 7); g.fill(); g.stroke();
  }
  const pattern = ctx.createPattern(c, "repeat");
  pattern.setTransform(new DOMMatrix().scale(100 / size));
  hatches.set(key, pattern);
  return pattern;
}

// Paint a list.  `scale`: dots for a CSS pixel of the list; `ink(color, use)`: the colour to use (themes);
// `move(key)`: by how much a part with that key is moved now (transitions), or nothing.
function paint(ctx, list, scale, { ink = (color) => color, move = null } = {}) {
  const xy = list.xy, keyed = new Map(Object.entries(move ? list.k || {} : {}).map(([index, keys]) => [list.o[index], keys]));
  const moved = (op, k) => {
    const keys = keyed.get(op);
    return (keys && move(Array.isArray(keys) ? keys[k] : keys)) || [0, 0];
  };
  ctx.setTransform(scale, 0, 0, scale, 0, 0);
  let clipped = "";
  const clipTo = (box) => {
    const key = box.join();
    if (key === clipped) return;
    if (clipped) ctx.restore();
    clipped = key;
    if (!key) return;
    const low = (v) => Math.floor(v * scale) / scale, high = (v) => Math.ceil(v * scale) / scale, [x, y, w, h] = box;
    ctx.save(); ctx.beginPath(); ctx.rect(low(x), low(y), high(x + w) - low(x), high(y + h) - low(y)); ctx.clip();
  };
  const use = (s) => {
    clipTo(s[10]);
    if (!s[0]) return;
    ctx.strokeStyle = ink(s[0], "stroke"); ctx.lineWidth = s[1]; ctx.setLineDash(s[3]); ctx.lineDashOffset = s[4];
    ctx.lineCap = CAPS[s[5]]; ctx.lineJoin = JOINS[s[6]];
  };
  const finish = (s) => {
    if (s[2]) { ctx.fillStyle = ink(s[2], "fill"); ctx.fill(); }
    if (s[7]) { ctx.fillStyle = hatch(ctx, s[7], ink(s[8], "stroke"), s[9], scale); ctx.fill(); }
    if (s[0]) ctx.stroke();
  };
  const straight = (at, n, closed, s) => {
    let right = n <= 64;                         // outlines of right angles sit on the screen's dots, as in Agg
    for (let i = 2; right && i < 2 * n; i += 2) right = xy[at + i] === xy[at + i - 2] || xy[at + i + 1] === xy[at + i - 1];
    const half = s[0] && Math.round(s[1] * scale) % 2 ? 0.5 : 0;
    const put = right ? (v) => (Math.round(v * scale - half) + half) / scale : (v) => v;
    ctx.moveTo(put(xy[at]), put(xy[at + 1]));
    for (let i = 2; i < 2 * n; i += 2) ctx.lineTo(put(xy[at + i]), put(xy[at + i + 1]));
    if (closed) ctx.closePath();
  };
  const trace = (letters, at, dx = 0, dy = 0) => {
    const v = (k) => xy[at + k] + (k % 2 ? dy : dx);
    for (const letter of letters) {
      if (letter === "M") ctx.moveTo(v(0), v(1));
      else if (letter === "L") ctx.lineTo(v(0), v(1));
      else if (letter === "Q") ctx.quadraticCurveTo(v(0), v(1), v(2), v(3));
      else if (letter === "C") ctx.bezierCurveTo(v(0), v(1), v(2), v(3), v(4), v(5));
      else ctx.closePath();
      at += 2 * POINTS[letter];
    }
  };
  const draw = [
    (op, s) => {
      let at = op.at;
      ctx.beginPath();
      for (const n of op[2]) { straight(at, Math.abs(n), n < 0, s); at += 2 * Math.abs(n); }
      finish(s);
    },
    (op) => {
      let at = op.at;
      op[2].forEach((n, k) => {
        const s = list.s[Array.isArray(op[1]) ? op[1][k] : op[1]];
        use(s); ctx.beginPath(); straight(at, Math.abs(n), n < 0, s); finish(s);
        at += 2 * Math.abs(n);
      });
    },
    (op, s) => { ctx.beginPath(); trace(op[2], op.at); finish(s); },
    (op, s) => {
      const at = op.at + 2 * pointsOf(op[2]);
      for (let k = 0; k < 2 * op[3]; k += 2) {
        const [dx, dy] = moved(op, k / 2);
        ctx.beginPath(); trace(op[2], op.at, xy[at + k] + dx, xy[at + k + 1] + dy); finish(s);
      }
    },
    (op) => {
      const [, x, y, text, size, color, share, bold, angle] = op, by = move && op.key && move(op.key);
      if (!color) return;
      clipTo([]);
      ctx.fontKerning = "none"; ctx.font = `${bold ? "bold " : ""}${size}px ${FACES}`;
      ctx.fillStyle = ink(color, "text"); ctx.textAlign = ["left", "center", "right"][2 * share];
      if (!angle) ctx.fillText(text, x + (by ? by[0] : 0), y + (by ? by[1] : 0));
      else { ctx.save(); ctx.translate(x, y); ctx.rotate(-angle * Math.PI / 180); ctx.fillText(text, 0, 0); ctx.restore(); }
    },
    (op, s) => {
      const [, , box, columns, rows, palette] = op, c = document.createElement("canvas");
      c.width = columns; c.height = rows;
      const g = c.getContext("2d", { willReadFrequently: true }), image = g.createImageData(columns, rows), colors = [];
      for (let k = 0; k < palette.length; k += 8) {
        g.fillStyle = ink(`#${palette.slice(k, k + 8)}`, "fill"); g.clearRect(0, 0, 1, 1); g.fillRect(0, 0, 1, 1);
        colors.push(g.getImageData(0, 0, 1, 1).data);
      }
      op.pixels.forEach((index, k) => image.data.set(colors[index], 4 * k));
      g.putImageData(image, 0, 0);
      ctx.imageSmoothingEnabled = false; ctx.drawImage(c, ...box);
    },
    (op, s) => {
      for (let k = 0, at = op.at; k < op[2]; k++, at += 4) {
        const [dx, dy] = moved(op, k);
        ctx.beginPath(); ctx.roundRect(xy[at] + dx, xy[at + 1] + dy, xy[at + 2], xy[at + 3], op[3]); finish(s);
      }
    },
  ];
  for (const op of list.o) {
    const s = op[0] === 4 || Array.isArray(op[1]) ? null : list.s[op[1]];
    if (s) use(s);
    draw[op[0]](op, s);
  }
  if (clipped) ctx.restore();
}

// The parts that have keys: {key, x, y, w, h, line: its points if it is one, texts inside a part get its key}.
function parts(list) {
  const found = [], xy = list.xy;
  const put = (key, at, n, line, wide = 0) => {
    if (!key) return;
    const points = Array.from({ length: n }, (_, k) => [xy[at + 2 * k], xy[at + 2 * k + 1]]);
    const [left, top] = [0, 1].map((side) => Math.min(...points.map((p) => p[side])) - wide);
    const [right, low] = [0, 1].map((side) => Math.max(...points.map((p) => p[side])) + wide);
    found.push({ key, x: left, y: top, w: right - left, h: low - top, line: line && points });
  };
  for (const [index, keys] of Object.entries(list.k || {})) {
    const op = list.o[index], of = (k) => (Array.isArray(keys) ? keys[k] : keys);
    const s = list.s[Array.isArray(op[1]) ? op[1][0] : op[1]], line = op[0] < 2 && !s[2];
    let at = op.at;
    if (op[0] < 2) op[2].forEach((n, k) => { put(of(k), at, Math.abs(n), line); at += 2 * Math.abs(n); });
    else if (op[0] === 3) for (let k = 0; k < op[3]; k++) put(of(k), at + 2 * pointsOf(op[2]) + 2 * k, 1, false, 9);
    else if (op[0] === 4) {
      const wide = op[4] * 0.6 * op[3].length, [, x, y, , size, , share] = op;
      found.push({ key: of(0), x: x - share * wide, y: y - 0.8 * size, w: wide, h: size });
    } else if (op[0] === 6) for (let k = 0; k < op[2]; k++, at += 4) {
      const [x, y, w, h] = xy.subarray(at, at + 4);
      if (of(k)) found.push({ key: of(k), x, y, w, h });
    }
  }
  for (const op of found.length ? list.o : []) if (op[0] === 4)
    op.key = found.findLast((p) => op[1] >= p.x && op[1] <= p.x + p.w && op[2] >= p.y && op[2] <= p.y + p.h + 2)?.key;
  return found;
}
// How far a place is from a part, in CSS pixels; inside it, 0.
function away(part, x, y) {
  if (!part.line) return Math.hypot(Math.max(part.x - x, 0, x - part.x - part.w), Math.max(part.y - y, 0, y - part.y - part.h));
  return Math.min(...part.line.slice(1).map(([bx, by], k) => {
    const [ax, ay] = part.line[k], dx = bx - ax, dy = by - ay;
    const t = Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy || 1)));
    return Math.hypot(ax + t * dx - x, ay + t * dy - y);
  }));
}
// The part at a place: the one drawn last of those that hold it; lines, and what is small, are met at some distance.
function partAt(parts, x, y) {
  const near = (p) => away(p, x, y) <= (p.line ? 6 : Math.max(0, (12 - Math.min(p.w, p.h)) / 2));
  return parts.findLast((p) => !p.line && near(p)) || parts.findLast(near);
}

export { darken, fontsReady, isDark, paint, parse, partAt, parts };
