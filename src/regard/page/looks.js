// Looks at parts of a picture: which were made, their windows and their path on it, and what came in through each.

import { make, percent, shown } from "./dom.js";
import { photo } from "./light.js";

const NOW = "#ff9614";
const BEFORE = "#3ca0eb";
const HALO = "rgb(0 0 0 / 0.55)";

// All looks of an answer at parts of its picture, in their order; t is the word that each was made for, n its number.
export function looked(answer) {
  return (answer?.lesson.steps ?? []).flatMap((step, t) =>
    (step.looks ?? []).map((look, n) => ({ ...look, t, n, of: step.looks.length, top: look.top ?? (n === step.looks.length - 1 ? step.top : null) }))).filter((look) => look.box);
}

// The window around a window: the same middle, twice as wide for each scale.
function wider([left, top, right, bottom], scale) {
  const [x, y, across, down] = [(left + right) / 2, (top + bottom) / 2, ((right - left) / 2) * 2 ** scale, ((bottom - top) / 2) * 2 ** scale];
  return [x - across, y - down, x + across, y + down];
}

const middle = ([left, top, right, bottom]) => [(left + right) / 2, (top + bottom) / 2];

// The first `count` looks on a canvas over the picture: the windows of the last of them, and the path to it.
export function path(canvas, looks, count, { width, height }) {
  Object.assign(canvas, { width, height });
  const pen = canvas.getContext("2d");
  const made = looks.slice(0, count);
  const thin = Math.max(1.5, width / 240);
  const places = made.map((look) => middle(look.box)).map(([x, y]) => [x * width, y * height]);
  const twice = (draw, colour) => { // dark around bright: seen on black and on white
    for (const [stroke, line] of [[HALO, thin + 2], [colour, thin]]) {
      Object.assign(pen, { strokeStyle: stroke, lineWidth: line });
      draw();
    }
  };
  if (places.length > 1) twice(() => { pen.beginPath(); for (const [i, place] of places.entries()) pen[i ? "lineTo" : "moveTo"](...place); pen.stroke(); }, BEFORE);
  const last = made.at(-1);
  const scales = last?.seen?.shape[0] ?? 1;
  for (let scale = scales - 1; last && scale >= 0; scale--) {
    const [left, top, right, bottom] = wider(last.box, scale);
    twice(() => pen.strokeRect(left * width, top * height, (right - left) * width, (bottom - top) * height), scale ? BEFORE : NOW);
  }
  for (const [i, place] of places.entries()) dot(pen, place, i + 1, Math.max(7, width / 42), i === places.length - 1);
  return canvas;
}

function dot(pen, [x, y], number, size, now) {
  pen.beginPath();
  pen.arc(x, y, size, 0, 2 * Math.PI);
  Object.assign(pen, { fillStyle: now ? NOW : BEFORE, strokeStyle: HALO, lineWidth: 1.5 });
  pen.fill();
  pen.stroke();
  Object.assign(pen, { fillStyle: "#10151a", font: `600 ${1.3 * size}px system-ui, sans-serif`, textAlign: "center", textBaseline: "middle" });
  pen.fillText(String(number), x, y + size * 0.08);
}

// A picture with looks on it. `paint` shows the first so many of them.
export function scene(image, looks, width = 640) {
  const frame = make("div", "photo-frame");
  const base = photo(make("canvas", "photo-canvas"), image, width);
  const over = make("canvas", "veil");
  over.setAttribute("role", "img");
  frame.append(base, over);
  const paint = (count) => {
    path(over, looks, count, base);
    over.setAttribute("aria-label", count ? `The picture, and ${where(looks[count - 1])}` : "The picture; nothing of it was looked at yet");
  };
  return { frame, paint };
}

export const where = (look) => {
  const [x, y] = middle(look.box);
  return `look ${look.n + 1} at ${percent(x)} from the left, ${percent(y)} from the top`;
};

// What came in through one window, in as many pixels as the model has of it.
function pane(seen, scale) {
  const [, rows, columns, channels] = seen.shape;
  const canvas = make("canvas");
  Object.assign(canvas, { width: columns, height: rows });
  const pen = canvas.getContext("2d");
  const pixels = pen.createImageData(columns, rows);
  for (let i = 0; i < rows * columns; i++) {
    const first = (scale * rows * columns + i) * channels;
    for (let c = 0; c < 3; c++) pixels.data[4 * i + c] = seen.values[first + Math.min(c, channels - 1)];
    pixels.data[4 * i + 3] = 255;
  }
  pen.putImageData(pixels, 0, 0);
  return canvas;
}

// All windows of a look, the sharpest first.
export function windows(look, small = false) {
  const list = make("div", `windows${small ? " small" : ""}`);
  if (!look?.seen) return list;
  const [scales, rows, columns] = look.seen.shape;
  for (let scale = 0; scale < scales; scale++) {
    const canvas = pane(look.seen, scale);
    if (small) {
      list.append(canvas);
      continue;
    }
    const card = make("figure", scale ? "wide" : "sharp");
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", `What came in through ${scales > 1 ? `window ${scale + 1}` : "the window"}`);
    card.append(canvas, make("figcaption", "", scale ? `${2 ** scale} times as wide, in ${columns} × ${rows}` : `${columns} × ${rows} pixels`));
    list.append(card);
  }
  return list;
}

// The likeliest words, with a bar for each.
export function chances(top, taken) {
  const list = make("ol", "chances");
  for (const [token, p] of top) {
    const item = make("li", token === taken ? "taken" : "");
    const bar = make("i");
    bar.style.width = `${Math.max(0.3, 100 * p)}%`;
    const room = make("span", "room");
    room.append(bar);
    item.append(make("span", "name", shown(token)), room, make("span", "chance", percent(p)));
    list.append(item);
  }
  return list;
}

// What the answer would have been, had a look been the last.
export const early = (look) => (look.top?.length ? `${shown(look.top[0][0])} ${percent(look.top[0][1])}` : "");
