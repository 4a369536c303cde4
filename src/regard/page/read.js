// Read: the output, how sure the model was of each word, and where each word looked.

import { at, button, choice, draw, make, number, percent, roving, shade, SIGNS } from "./dom.js";
import { download, heatmap, panels, toCanvas, toSvg } from "./figure.js";
import { Gaze } from "./gaze.js";
import { links, measured } from "./links.js";
import { most, photo, veil } from "./light.js";
import { early, looked, path, where } from "./looks.js";
import { map } from "./map.js";
import { tree } from "./tree.js";

const state = { hypothesis: 0, unit: "words", focus: null, pinned: null, playing: null };
let page, parts;

const chosen = () => page.answer.item.hypotheses[state.hypothesis] ?? page.answer.item.hypotheses[0];
const grid = () => (state.unit === "tokens" && chosen().tokens) || chosen().words;
const attends = () => grid().weights.some((row) => row.some((weight) => weight > 0));
const gazes = () => looked(page.answer).length > 0 && page.answer.item.hypotheses[0] === chosen(); // of the best output only
const pictured = () => Boolean(page.answer.record.grid);
const weightOf = (focus, other) => (focus.side === "target" ? grid().weights[focus.index][other] : grid().weights[other][focus.index]) / 1000;

export function read(main, shared) {
  page = shared;
  Object.assign(state, { hypothesis: 0, focus: null, pinned: null });
  parts = { tools: make("div", "tools"), stage: make("div", "stage"), bridge: make("div", "bridge"), says: make("p", "says"), map: make("div", "scroll") };
  parts.says.setAttribute("aria-live", "polite");
  Object.assign(parts.map, { tabIndex: 0 }).setAttribute("role", "region");
  parts.map.setAttribute("aria-label", "Heat map");
  const sentence = make("section", "sentence");
  sentence.setAttribute("aria-label", "Output");
  sentence.append(parts.tools, parts.stage, parts.bridge, parts.says, verdict());
  const below = make("div", "below");
  const maps = figure("Heat map", parts.map, "Each row is an output word: what it looked at sums to 100 %.");
  below.append(maps, others());
  main.append(sentence, below, beam());
  maps.hidden = pictured() || !attends();
  render();
  parts.watch = new ResizeObserver(() => { parts.frame ??= requestAnimationFrame(() => { Object.assign(parts, { frame: null, boxes: null }); if (parts.svg?.isConnected) lines(); }); });
  parts.watch.observe(parts.bridge);
  page.leave = () => { stop(); parts.gaze?.leave(); parts.watch.disconnect(); };
}

function figure(title, content, note) {
  const element = make("figure");
  element.append(make("figcaption", "", title), content);
  if (note) element.append(make("p", "", note));
  return element;
}

// ---- what is drawn once for a hypothesis ----

function render() {
  stop();
  const { source, target } = grid();
  parts.svg = draw("svg", { class: "links", "aria-hidden": "true" });
  parts.source = words("source", source);
  parts.target = words("target", target);
  parts.bridge.replaceChildren(parts.svg, ...(pictured() ? [] : [parts.source]), parts.target);
  parts.bridge.style.setProperty("--gap", `${Math.min(9, 4.5 + source.length / 10)}rem`);
  parts.boxes = null;
  parts.words = { source: [...parts.source.children], target: [...parts.target.children] };
  tools();
  if (pictured()) stage();
  else if (attends()) {
    parts.drawn = map(grid(), parts.map.clientWidth || 700);
    parts.map.replaceChildren(parts.drawn.element);
    parts.drawn.slant();
  }
  listen();
  paint();
}

function words(side, labels) {
  const line = make("p", "words");
  Object.assign(line, { dir: "auto" }).setAttribute("role", "group");
  line.setAttribute("aria-label", side === "source" ? "Source" : "Output");
  line.classList.add(side);
  line.append(...labels.map((label, index) => word(side, label, index)));
  roving(line, ".word");
  return line;
}

function word(side, label, index) {
  const element = make("button", `word${SIGNS.has(label) ? " sign" : ""}`, label);
  Object.assign(element, { type: "button", tabIndex: index ? -1 : 0 });
  Object.assign(element.dataset, { side, index });
  if (side === "target") {
    const sure = grid().confidence[index] / 1000;
    const bar = make("span", "sure");
    const length = make("i");
    length.style.width = `${100 * sure}%`;
    bar.append(length);
    element.append(bar);
    element.title = `probability ${percent(sure)}`;
    element.classList.toggle("doubtful", sure < 0.5);
  }
  return element;
}

function stage() {
  parts.gaze?.leave();
  parts.gaze = null;
  if (gazes()) {
    parts.gaze = new Gaze(page, page.answer);
    parts.stage.replaceChildren(parts.gaze.element);
    return;
  }
  const frame = make("div", "photo-frame");
  parts.photo = photo(make("canvas", "photo-canvas"), page.image, 900);
  parts.photo.setAttribute("role", "img");
  parts.photo.setAttribute("aria-label", "The picture");
  parts.veil = make("canvas", "veil");
  parts.veil.hidden = true;
  frame.append(parts.photo, parts.veil);
  const list = make("div", "panels");
  for (const [t, label] of grid().target.entries()) {
    if (SIGNS.has(label)) continue;
    const panel = make("figure", "panel");
    panel.dataset.t = t;
    const pane = make("div", "pane");
    const over = veil(make("canvas", "veil"), page.answer.gaze, page.answer.record.grid, grid().weights[t]);
    over.setAttribute("role", "img");
    over.setAttribute("aria-label", `${label} looked most at ${most(page.answer.record.grid, grid().weights[t])}`);
    pane.append(photo(make("canvas"), page.image, 260), over);
    const name = make("figcaption", "", label);
    name.append(make("span", "", percent(grid().confidence[t] / 1000)));
    panel.append(pane, name);
    list.append(panel);
  }
  list.addEventListener("click", (event) => {
    const found = event.target.closest(".panel");
    if (found) pin({ side: "target", index: Number(found.dataset.t) });
  });
  parts.panels = list;
  parts.stage.replaceChildren(frame, ...(attends() ? [list] : []));
}

function verdict() {
  const { record, lesson } = page.answer;
  const whole = Math.exp(record.score);
  const list = make("dl", "verdict");
  const add = (name, value) => list.append(make("dt", "", name), make("dd", "", value));
  add("Score", `${number(record.score)}  (log-probability; ${whole >= 0.001 ? `probability ${(100 * whole).toPrecision(2)} %` : "probability below 0.1 %"})`);
  if (!lesson.looks) add("Attention", "none: one vector had to carry the whole source");
  return list;
}

function others() {
  const all = page.answer.item.hypotheses;
  const set = make("fieldset", "others");
  set.append(make("legend", "", all.length > 1 ? "Outputs that the search kept, best first; it ranks by length too" : "The search kept one output"));
  for (const [index, hypothesis] of all.entries()) {
    const label = make("label");
    const radio = make("input");
    Object.assign(radio, { type: "radio", name: "hypothesis", value: index, checked: index === state.hypothesis });
    radio.addEventListener("change", () => { Object.assign(state, { hypothesis: index, focus: null, pinned: null }); render(); });
    const text = make("span", "", hypothesis.text || "(nothing)");
    text.dir = "auto";
    label.append(radio, make("output", "", number(hypothesis.score)), text);
    set.append(label);
  }
  return set;
}

function beam() {
  const holder = make("div", "scroll tree");
  Object.assign(holder, { tabIndex: 0 }).setAttribute("role", "region");
  holder.setAttribute("aria-label", "The beam as a tree");
  holder.append(tree(page.answer.tree));
  return figure("The beam", holder, "What was still alive at each step, left to right; the way of the best output is drawn strongly. Numbers are log-probabilities so far.");
}

// ---- tools ----

function tools() {
  const list = [button("tool play", "Play", () => play())];
  if (!attends() || gazes()) list.pop(); // looks have steps of their own
  if (chosen().tokens) list.push(choice("Show", [["words", "Words"], ["tokens", "Tokens"]], state.unit, (unit) => { Object.assign(state, { unit, focus: null, pinned: null }); render(); }));
  const keep = make("div", "keep");
  const copy = button("tool", "Copy", async () => {
    try {
      await navigator.clipboard.writeText(chosen().text);
      copy.textContent = "Copied";
    } catch {
      copy.textContent = "Not allowed";
    }
    setTimeout(() => { copy.textContent = "Copy"; }, 1500);
  });
  keep.append(copy, make("span", "quiet", "Save"));
  for (const kind of ["SVG", "PNG", "JSON"]) keep.append(button("tool", kind, () => save(kind.toLowerCase())));
  parts.tools.replaceChildren(...list, keep);
}

function save(kind) {
  if (kind === "json") {
    download("attention.json", `${JSON.stringify(page.answer.record, null, 1)}\n`, "application/json");
    return;
  }
  const drawn = gazes() ? looks() : pictured() ? pictures() : heatmap(grid(), grid().source.length > 60 ? 12 : 26);
  if (kind === "svg") download("attention.svg", toSvg(drawn), "image/svg+xml");
  else toCanvas(drawn, Math.min(2, 8000 / Math.max(drawn.width, drawn.height))).toBlob((blob) => download("attention.png", blob));
}

function pictures() {
  const said = [...grid().target.entries()].filter(([, label]) => !SIGNS.has(label));
  const veils = said.map(([t]) => veil(document.createElement("canvas"), page.answer.gaze, page.answer.record.grid, grid().weights[t]));
  const image = photo(document.createElement("canvas"), page.image, 400);
  return panels(said.map(([, label]) => label), image, veils, image.width / image.height);
}

// A panel for each look, with the path to it.
function looks() {
  const made = looked(page.answer);
  const image = photo(document.createElement("canvas"), page.image, 400);
  const veils = made.map((_, i) => path(document.createElement("canvas"), made, i + 1, image));
  return panels(made.map((look, i) => `look ${i + 1}: ${early(look)}`), image, veils, image.width / image.height);
}

function play() {
  if (state.playing !== null) return stop();
  let next = 0;
  const advance = () => {
    if (next === grid().target.length) return stop();
    state.focus = { side: "target", index: next++ };
    paint();
  };
  state.playing = setInterval(advance, 1100);
  parts.tools.querySelector(".play").textContent = "Stop";
  advance();
}

function stop() {
  if (state.playing === null) return;
  clearInterval(state.playing);
  state.playing = null;
  const play = parts.tools.querySelector(".play");
  if (play) play.textContent = "Play";
  look(null);
}

// ---- highlights ----

function look(focus) {
  state.focus = focus ?? state.pinned;
  parts.painting ??= requestAnimationFrame(() => { parts.painting = null; paint(); });
}

function pin(focus) {
  const again = state.pinned && state.pinned.side === focus.side && state.pinned.index === focus.index;
  state.pinned = again ? null : focus;
  look(state.pinned);
}

function paint() {
  const focus = state.focus;
  for (const side of ["source", "target"]) for (const [index, element] of parts.words[side].entries()) colour(element, side, index, focus);
  parts.drawn?.paint(focus);
  parts.says.replaceChildren(...told(focus));
  if (pictured()) light(focus);
  else lines();
}

function colour(element, side, index, focus) {
  const self = focus && focus.side === side && focus.index === index;
  const weight = focus && focus.side !== side && !pictured() ? weightOf(focus, index) : 0;
  const later = state.playing !== null && side === "target" && index > focus.index;
  const name = `word${SIGNS.has(grid()[side][index]) ? " sign" : ""}${self ? " focus" : ""}${focus && !self && weight < 0.05 ? " away" : ""}${later ? " later" : ""}`;
  if (element.className !== name) element.className = name;
  const shadeOf = weight >= 0.05 ? weight : 0;
  if (element.weight !== shadeOf) {
    element.weight = shadeOf;
    shade(element, shadeOf);
  }
}

function lines() {
  if (!attends() || pictured()) return;
  parts.boxes ??= measured(parts.svg, parts.words.source, parts.words.target);
  links(parts.svg, parts.boxes, shares(), state.focus);
}

function shares() {
  if (parts.of !== grid()) Object.assign(parts, { of: grid(), shares: grid().weights.map((row) => row.map((weight) => weight / 1000)) });
  return parts.shares;
}

function light(focus) {
  if (parts.gaze) { // the last look for the word
    if (focus?.side === "target") parts.gaze.show(parts.gaze.looks.filter(({ t }) => t <= focus.index).length);
    return;
  }
  const mine = focus?.side === "target" && attends();
  parts.veil.hidden = !mine;
  if (mine) veil(parts.veil, page.answer.gaze, page.answer.record.grid, grid().weights[focus.index]);
  for (const panel of parts.panels.children) panel.classList.toggle("mine", Boolean(mine) && Number(panel.dataset.t) === focus.index);
}

function told(focus) {
  const { target, confidence, weights } = grid();
  if (!attends()) return [page.answer.lesson.looks ? "It looked at nothing." : "This model has no attention: every word was made of one and the same vector."];
  if (gazes()) return gazed(focus);
  if (!focus) return ["Point at a word, or move to it with the arrow keys, to see where it looked. A press keeps it."];
  const name = make("b", "", grid()[focus.side][focus.index]);
  if (focus.side === "target" && pictured()) return [name, ` looked most at ${most(page.answer.record.grid, weights[focus.index])}. The model was ${percent(confidence[focus.index] / 1000)} sure of it.`];
  const seen = grid()[focus.side === "target" ? "source" : "target"]
    .map((label, i) => [label, weightOf(focus, i)])
    .filter(([, weight]) => weight >= 0.05)
    .sort((a, b) => b[1] - a[1])
    .slice(0, 4)
    .map(([label, weight]) => `${label} ${percent(weight)}`)
    .join(", ");
  if (focus.side === "source") return [name, seen ? ` was looked at by ${seen}.` : " was hardly looked at."];
  const { p_gen } = grid();
  const share = p_gen ? `; ${percent(p_gen[focus.index] / 1000)} of what it could say here was generated, the rest copied` : "";
  return [name, ` looked at ${seen || "many words a little"}. The model was ${percent(confidence[focus.index] / 1000)} sure of it${share}.`];
}

// What is said of looks at parts of a picture.
function gazed(focus) {
  if (!focus) return ["The windows are what it looked at, the line is the way there. Arrow keys go from look to look. To put a look elsewhere, go to “What if”."];
  const made = looked(page.answer).filter(({ t }) => t === focus.index);
  const name = make("b", "", grid().target[focus.index]);
  if (!made.length) return [name, " was said without a look."];
  return [name, ` was said after ${made.length === 1 ? "one look" : `${made.length} looks`}, the last ${where(made.at(-1)).replace(/^look \d+ /, "")}. The model was ${percent(grid().confidence[focus.index] / 1000)} sure of it.`];
}

// ---- what people do ----

function listen() {
  const found = (event) => {
    const element = event.target.closest(".word");
    return element && { side: element.dataset.side, index: Number(element.dataset.index) };
  };
  const free = () => state.playing === null;
  for (const line of [parts.source, parts.target]) {
    line.addEventListener("pointerover", (event) => { if (free() && event.pointerType === "mouse") look(found(event)); });
    line.addEventListener("pointerleave", () => { if (free()) look(null); });
    line.addEventListener("focusin", (event) => { if (free()) look(found(event)); });
    line.addEventListener("focusout", () => { if (free()) look(null); });
    line.addEventListener("click", (event) => { const focus = found(event); if (focus) { stop(); pin(focus); } });
    line.addEventListener("keydown", (event) => {
      if (event.key === "Escape") { state.pinned = null; look(null); }
      const across = { ArrowUp: parts.source, ArrowDown: parts.target }[event.key];
      if (across && across !== line && across.isConnected) { event.preventDefault(); across.querySelector("[tabindex='0']")?.focus(); }
    });
  }
  parts.map.onpointermove = (event) => {
    if (!free()) return;
    if (parts.drawn?.place) { look(parts.drawn.place(event)); return; }
    const { t, s } = event.target.closest("[data-t], [data-s]")?.dataset ?? {};
    look(t !== undefined ? { side: "target", index: Number(t) } : s !== undefined ? { side: "source", index: Number(s) } : null);
  };
  parts.map.onpointerleave = () => { if (free()) look(null); };
}
