// Drawings, to be played and stepped: the canvas after each step, where it was written on, and which words were read.
// A word can be switched off: it is drawn again with the same luck, and both are shown.

import { button, make, percent, shade, shown, SIGNS } from "./dom.js";
import * as api from "./api.js";

const PACE = 350; // milliseconds that a step stays when it plays
const NOW = "#ff9614";
const LARGE = 384; // pixels of a drawing's width, about
const state = { of: null, now: null, off: new Set(), drawing: 0, at: 0 };
let page, parts, asking, playing;

export function drawn(main, shared) {
  page = shared;
  const before = state.of;
  if (before !== page.answer) Object.assign(state, { of: page.answer, now: page.answer, off: new Set() });
  if (before?.record.source !== page.answer.record.source) state.drawing = 0;
  state.drawing = Math.min(state.drawing, count() - 1);
  state.at = steps();
  parts = { words: make("div", "words source"), stage: make("div", "canvases"), strip: make("div", "gaze-strip"), sheet: make("div", "gaze-strip"), says: make("p", "says") };
  for (const [name, label] of [["words", "What is drawn"], ["strip", "Steps"], ["sheet", "Drawings"]]) {
    parts[name].setAttribute("role", "group");
    parts[name].setAttribute("aria-label", label);
  }
  parts.says.setAttribute("aria-live", "polite");
  const section = make("section", "drawn");
  section.setAttribute("aria-label", "Drawing");
  section.append(parts.words, parts.says, controls(), parts.stage, parts.strip);
  main.append(section, sheet());
  document.addEventListener("keydown", onKey);
  page.leave = () => { stop(); asking?.abort(); document.removeEventListener("keydown", onKey); };
  render();
}

const count = () => state.now.drawings.length;
const current = () => state.now.drawings[state.drawing];
const steps = () => current().shape[0];
const reads = () => current().attention.some((row) => row.some((weight) => weight > 0));
const bytes = (data) => Uint8Array.from(atob(data), (sign) => sign.charCodeAt(0));

// The canvas of a drawing after so many steps, each of its pixels as a square of `scale`.
function painted(drawing, after, width, outlined = false) {
  const [, rows, columns, channels] = drawing.shape;
  const small = make("canvas");
  Object.assign(small, { width: columns, height: rows });
  const pen = small.getContext("2d");
  const pixels = pen.createImageData(columns, rows);
  drawing.bytes ??= bytes(drawing.canvases);
  for (let i = 0; i < rows * columns; i++) {
    const first = ((after - 1) * rows * columns + i) * channels;
    for (let c = 0; c < 3; c++) pixels.data[4 * i + c] = after ? drawing.bytes[first + Math.min(c, channels - 1)] : 0;
    pixels.data[4 * i + 3] = 255;
  }
  pen.putImageData(pixels, 0, 0);
  const canvas = make("canvas");
  const scale = Math.max(1, Math.round(width / columns));
  Object.assign(canvas, { width: columns * scale, height: rows * scale });
  const large = canvas.getContext("2d");
  large.imageSmoothingEnabled = false;
  large.drawImage(small, 0, 0, canvas.width, canvas.height);
  if (outlined && after && drawing.boxes.length) outline(large, drawing.boxes[after - 1], canvas);
  return canvas;
}

// A window that reaches beyond the picture ends at its edge.
function outline(pen, box, { width, height }) {
  const [left, top, right, bottom] = box.map((edge, i) => Math.min(1, Math.max(0, edge)) * (i % 2 ? height : width));
  Object.assign(pen, { strokeStyle: NOW, lineWidth: 3 });
  pen.strokeRect(left + 1.5, top + 1.5, Math.max(1, right - left - 3), Math.max(1, bottom - top - 3));
}

// ---- what is shown ----

function render() {
  const tokens = current().source_tokens;
  parts.words.replaceChildren(...tokens.map(word));
  parts.words.hidden = !reads() || tokens.length < 2;
  parts.strip.replaceChildren(...Array.from({ length: steps() + 1 }, (_, after) => chip(after)));
  parts.sheet.replaceChildren(...state.now.drawings.map((drawing, number) => {
    const made = button("look", "", () => { stop(); Object.assign(state, { drawing: number, at: steps() }); render(); });
    made.append(painted(drawing, drawing.shape[0], 72));
    made.setAttribute("aria-label", `Drawing ${number + 1}`);
    made.setAttribute("aria-pressed", String(number === state.drawing));
    return made;
  }));
  show(state.at);
}

function word(text, place) {
  const made = button(`word${SIGNS.has(text) ? " sign" : ""}`, shown(text), () => toggle(place));
  made.setAttribute("aria-pressed", String(state.off.has(place)));
  made.title = state.off.has(place) ? "Switch it on again" : "Switch it off: it is drawn without it";
  made.classList.toggle("off", state.off.has(place));
  return made;
}

function chip(after) {
  const made = button("look", "", () => { stop(); show(after); });
  made.append(painted(current(), after, 40), make("span", "number", after ? String(after) : "before"));
  made.setAttribute("aria-label", after ? `After step ${after}` : "Before the first step");
  return made;
}

function show(after) {
  state.at = Math.min(steps(), Math.max(0, after));
  const figures = [figure(current(), state.off.size ? `without ${without()}` : "")];
  if (state.off.size) figures.push(figure(state.of.drawings[state.drawing], "with all words"));
  parts.stage.replaceChildren(...figures);
  const weights = current().attention[state.at - 1];
  for (const [place, made] of [...parts.words.children].entries()) shade(made, state.off.has(place) ? 0 : weights?.[place] ?? 0);
  for (const [i, made] of [...parts.strip.children].entries()) {
    if (i === state.at) made.setAttribute("aria-current", "step");
    else made.removeAttribute("aria-current");
  }
  parts.slider.value = state.at;
  parts.counter.textContent = `step ${state.at} of ${steps()}`;
  parts.says.textContent = told(weights);
}

function figure(drawing, note) {
  const made = make("figure");
  const canvas = painted(drawing, state.at, LARGE, true);
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", `The drawing after step ${state.at} of ${steps()}${note ? `, ${note}` : ""}`);
  made.append(canvas);
  if (note) made.append(make("figcaption", "", note));
  return made;
}

const without = () => [...state.off].sort((a, b) => a - b).map((place) => `“${shown(current().source_tokens[place])}”`).join(", ");

function told(weights) {
  if (!reads()) return current().source_tokens.length < 2 ? "It draws without words." : "This model has no attention: the words were read once, before the first step.";
  if (!weights) return "Click a word to switch it off.";
  const places = weights.map((weight, place) => [weight, place]).sort((a, b) => b[0] - a[0]).filter(([weight]) => weight >= 0.05).slice(0, 3);
  return `Read at this step: ${places.map(([weight, place]) => `${shown(current().source_tokens[place])} ${percent(weight)}`).join(", ")}.`;
}

function sheet() {
  const figure = make("figure", "sheet-of-drawings");
  figure.append(make("figcaption", "", count() > 1 ? "Drawings: the same words, other luck" : "The drawing"), parts.sheet, button("tool", "Draw others", () => page.again()));
  return figure;
}

// ---- a word less ----

async function toggle(place) {
  const off = new Set(state.off);
  if (!off.delete(place)) off.add(place);
  asking?.abort();
  const mine = (asking = new AbortController());
  try {
    const given = { source: page.source, options: page.options(), what_if: { off: [...off] } };
    const now = off.size ? await api.lesson(page.model.name, given, mine.signal) : state.of;
    Object.assign(state, { now, off });
    page.say("");
    render();
    parts.words.children[place]?.focus();
  } catch (error) {
    if (error.name !== "AbortError") page.say(error.message, "wrong");
  }
}

// ---- stepping ----

function controls() {
  const bar = make("div", "controls");
  bar.setAttribute("role", "group");
  bar.setAttribute("aria-label", "Steps");
  const tool = (label, text, by) => {
    const made = button("tool", text, () => { stop(); show(state.at + by); });
    made.setAttribute("aria-label", label);
    made.title = label;
    return made;
  };
  parts.player = button("tool play", "Play", () => (playing ? stop() : play()));
  parts.slider = make("input");
  Object.assign(parts.slider, { type: "range", min: 0, max: steps(), step: 1 });
  parts.slider.setAttribute("aria-label", "Step");
  parts.slider.addEventListener("input", () => { stop(); show(Number(parts.slider.value)); });
  parts.counter = make("span", "quiet");
  bar.append(tool("Step before (left arrow)", "‹", -1), parts.player, tool("Next step (right arrow)", "›", 1), parts.slider, parts.counter);
  return bar;
}

function play() {
  if (state.at === steps()) show(0);
  playing = setInterval(() => {
    show(state.at + 1);
    if (state.at === steps()) stop();
  }, PACE);
  parts.player.textContent = "Stop";
}

function stop() {
  clearInterval(playing);
  playing = null;
  parts.player.textContent = "Play";
}

function onKey(event) {
  if (event.target.closest("textarea, input, select") || event.altKey || event.ctrlKey || event.metaKey) return;
  if (event.key === " " && event.target.closest("button, a")) return;
  const act = { ArrowRight: () => show(state.at + 1), ArrowLeft: () => show(state.at - 1), Home: () => show(0), End: () => show(steps()), " ": () => (playing ? stop() : play()) }[event.key];
  if (!act) return;
  event.preventDefault();
  if (event.key !== " ") stop();
  act();
}
