// What if: force a word, move the attention of a step, sharpen or flatten all of it, switch a source word off, put
// a look elsewhere, and see the rest of the output change. The model stays as it is.

import { button, make, number, percent, shade, shown, SIGNS } from "./dom.js";
import * as api from "./api.js";
import { Gaze } from "./gaze.js";
import { most, photo, veil } from "./light.js";
import { looked, scene } from "./looks.js";

const WAIT = 140; // milliseconds after the last touch until the model is asked
const UNSAID = new Set([...SIGNS, "<unk>"]); // not offered to be forced
const BARS = 48; // drawn at once of a long source
const nothing = () => ({ keep: [], say: "", temperature: 1, off: [], attention: {}, places: {} });
const state = { of: null, step: 0, change: nothing(), now: null, second: null, weights: null, first: 0, at: null, cross: [0.5, 0.5] };
let page, parts, asking, timer;

export function whatIf(main, shared) {
  page = shared;
  if (state.of !== page.answer) Object.assign(state, { of: page.answer, step: 0, change: nothing(), now: page.answer, second: page.second, weights: null, at: null });
  parts = {};
  parts.outputs = make("div", "outputs");
  parts.panel = make("section", "panel-bars");
  parts.panel.setAttribute("aria-label", "Attention of the chosen step");
  parts.changes = make("div", "changes");
  const { looks } = page.answer.lesson;
  if (!looks) parts.panel.hidden = true;
  const layout = make("div", `what-if${looked(page.answer).length ? " gazing" : ""}`);
  layout.append(parts.outputs, knobs(), parts.panel);
  main.append(layout, parts.changes);
  if (!looks) main.append(make("p", "missing", "This model has no attention to move: only words and prefixes can be forced."));
  page.leave = () => { asking?.abort(); clearTimeout(timer); parts.gaze?.leave(); };
  render();
}

const answer = () => state.now;
const weightsNow = () => state.weights ?? answer().lesson.steps[state.step]?.weights ?? [];
const changed = () => JSON.stringify(state.change) !== JSON.stringify(nothing());

// ---- what is asked ----

function later() {
  clearTimeout(timer);
  timer = setTimeout(ask, WAIT);
}

async function ask() {
  clearTimeout(timer);
  asking?.abort();
  const mine = (asking = new AbortController());
  const asked = { source: page.source, picture: page.picture, options: page.options() };
  try {
    const [now, second] = await Promise.all([
      api.lesson(page.model.name, { ...asked, what_if: state.change }, mine.signal),
      page.beside && page.second ? api.lesson(page.beside.name, { ...asked, what_if: forSecond() }, mine.signal).catch((error) => ({ error })) : null,
    ]);
    Object.assign(state, { now, second, weights: null, step: Math.min(state.step, now.lesson.steps.length - 1) });
    page.say("");
    render();
  } catch (error) {
    if (error.name !== "AbortError") page.say(error.message, "wrong");
  }
}

// The other model is asked for what it can do as well: words for all, temperature and switches if it looks at all,
// places if it looks at parts.
function forSecond() {
  const { keep, say, temperature, off, places } = state.change;
  if (looked(page.second).length) return { keep, say, places };
  const { looks, scored } = page.second.lesson;
  return { keep, say, ...(looks && scored ? { temperature } : {}), ...(looks ? { off } : {}) };
}

function change(facts, wait = false) {
  Object.assign(state.change, facts);
  if (wait) later();
  else ask();
}

// What is done at a step stands on the words before it, as they are now.
function upTo(step, after) {
  const kept = answer().record.tokens.slice(0, step);
  const given = Object.fromEntries(Object.entries(state.change.attention).filter(([t]) => Number(t) < step + after));
  const places = Object.fromEntries(Object.entries(state.change.places).filter(([t]) => Number(t) < step + after));
  return { keep: kept, attention: given, places };
}

// Looks before this one stay; those behind it follow from what is seen here.
function turn({ t, n }, place) {
  const given = upTo(t, 0);
  const before = Object.fromEntries(Object.entries(state.change.places[t] ?? {}).filter(([look]) => Number(look) < n));
  state.at = looked(answer()).findIndex((look) => look.t === t && look.n === n) + 1;
  change({ ...given, say: "", places: { ...given.places, [t]: { ...before, [n]: place } } });
}

function move(weights) {
  state.weights = weights;
  const given = upTo(state.step, 0);
  change({ ...given, say: "", attention: { ...given.attention, [state.step]: weights } }, true);
}

function force(text) {
  if (text.trim()) change({ ...upTo(state.step, 1), say: text });
}

// ---- drawing ----

function render() {
  outputs();
  bars();
  told();
  if (parts.temperature) {
    parts.temperature.value = Math.log10(state.change.temperature || 0.01);
    tell();
  }
}

function outputs() {
  const lines = [["As it is", state.of, false], [changed() ? "What if" : "What if … change something", answer(), true]];
  if (page.beside && state.second) lines.push([`${page.beside.name}, ${changed() ? "with the same change" : "on the same input"}`, state.second, false]);
  parts.outputs.replaceChildren(...lines.map(([name, one, live]) => outputOf(name, one, live)));
}

function outputOf(name, one, live) {
  const row = make("section", `output${live ? " live-one" : ""}`);
  row.setAttribute("aria-label", name);
  row.append(make("h2", "", name));
  if (one.error) {
    row.append(make("p", "wrong", one.error.message));
    return row;
  }
  const words = make("p", "words target");
  words.dir = "auto";
  const before = state.of.record.tokens;
  for (const [t, step] of one.lesson.steps.entries()) {
    const element = live ? button("word", shown(step.token), () => choose(t)) : make("span", "word", shown(step.token));
    element.title = `probability ${percent(step.probability)}`;
    element.classList.toggle("new", live && before[t] !== step.token);
    element.classList.toggle("given", live && (t in state.change.attention || t in state.change.places));
    if (live) {
      element.setAttribute("aria-pressed", String(t === state.step));
      element.classList.toggle("focus", t === state.step);
    }
    words.append(element);
    if (step.looks?.length) words.append(make("span", "quiet", percent(step.probability)));
  }
  row.append(words, make("p", "quiet", `log-probability ${number(one.record.score)}`));
  return row;
}

function choose(t) {
  Object.assign(state, { step: t, weights: null, at: looked(answer()).filter((look) => look.t <= t).length });
  for (const [i, element] of [...parts.outputs.querySelectorAll(".live-one .word")].entries()) {
    element.setAttribute("aria-pressed", String(i === t));
    element.classList.toggle("focus", i === t);
  }
  bars();
}

function knobs() {
  const box = make("section", "knobs");
  box.setAttribute("aria-label", "Changes");
  const form = make("form", "force");
  const field = make("input");
  Object.assign(field, { type: "text", id: "force", autocomplete: "off", placeholder: "another word here" });
  const label = make("label", "", "Say instead, at the chosen word");
  label.htmlFor = "force";
  const set = make("button", "tool", "Force");
  form.append(label, field, set);
  form.addEventListener("submit", (event) => { event.preventDefault(); force(field.value); field.value = ""; });
  parts.chips = make("div", "chips");
  const start = make("form", "force");
  const prefix = make("input");
  Object.assign(prefix, { type: "text", id: "prefix", autocomplete: "off", placeholder: "the first words" });
  const about = make("label", "", "Let the output begin with");
  about.htmlFor = "prefix";
  start.append(about, prefix, make("button", "tool", "Begin"));
  start.addEventListener("submit", (event) => { event.preventDefault(); change({ keep: [], say: prefix.value, attention: {}, places: {} }); });
  box.append(form, parts.chips, start);
  if (page.answer.lesson.looks && page.answer.lesson.scored) box.append(temperature());
  const reset = button("tool", "Undo all", () => { Object.assign(state, { change: nothing(), now: state.of, second: page.second, weights: null, at: null }); prefix.value = ""; render(); });
  reset.id = "undo";
  box.append(reset);
  return box;
}

function temperature() {
  const box = make("div", "temperature");
  const label = make("label", "", "Sharpen or flatten all attention");
  label.htmlFor = "temperature";
  parts.temperature = make("input");
  Object.assign(parts.temperature, { type: "range", id: "temperature", min: -2, max: 2, step: 0.05, value: 0 });
  parts.degree = make("output", "quiet");
  parts.temperature.addEventListener("input", () => {
    const log = Number(parts.temperature.value);
    state.change.temperature = log <= -2 ? 0 : Math.abs(log) < 0.03 ? 1 : Number((10 ** log).toPrecision(3));
    tell();
    later();
  });
  box.append(label, parts.temperature, parts.degree);
  return box;
}

function tell() {
  const { temperature: degree } = state.change;
  const text = degree === 1 ? "temperature 1: as the model looks" : degree === 0 ? "temperature 0: one place takes all" : `temperature ${degree}: ${degree < 1 ? "sharper" : "flatter"}`;
  parts.degree.textContent = text;
  parts.temperature.setAttribute("aria-valuetext", text);
}

// ---- the bars of a step, or the regions of a picture, or the looks at parts of it ----

function bars() {
  const step = answer().lesson.steps[state.step];
  if (!step) return;
  parts.chips.replaceChildren(...step.top.filter(([token]) => token !== step.token && !UNSAID.has(token)).slice(0, 5).map(([token, p]) => button("chip", `${shown(token)} ${percent(p)}`, () => change({ ...upTo(state.step, 1), keep: [...answer().record.tokens.slice(0, state.step), token], say: "" }))));
  if (!answer().lesson.looks) return;
  if (looked(answer()).length) return gaze();
  const title = make("h2", "", `Where “${shown(step.token)}” looks`);
  const help = make("p", "quiet", answer().record.grid ? "Press a region to put this word's whole look there." : "Drag a bar, or move it with the arrow keys; the others share what is left. The switch below a word turns attention to it off, at every step.");
  if (answer().record.grid) {
    parts.panel.replaceChildren(title, help, regions());
    return;
  }
  const places = answer().record.source_tokens.length;
  const peak = weightsNow().indexOf(Math.max(...weightsNow()));
  if (places <= BARS) state.first = 0;
  else if (peak < state.first || peak >= state.first + BARS) state.first = Math.max(0, Math.min(places - BARS, peak - BARS / 2));
  parts.panel.replaceChildren(title, help, ...(places > BARS ? [walk(places)] : []), columns());
}

function gaze() {
  const aimed = document.activeElement?.classList.contains("aim");
  parts.gaze?.leave();
  const act = (look, place) => { state.cross = place; turn(look, place); };
  parts.gaze = new Gaze(page, answer(), { at: state.at, act, moved: (at) => { state.at = at; } });
  parts.gaze.point(state.cross);
  const help = "Press the picture to put the next look there, and see what it makes of that; at the end the last look is moved. With keys: go to the picture, move the cross with the arrows (finer with Shift), press Enter.";
  parts.panel.replaceChildren(make("h2", "", "Where it looks"), make("p", "quiet", help), parts.gaze.element);
  if (aimed) parts.gaze.button.focus({ preventScroll: true });
}

// Of a long source some places are drawn; two buttons lead to the others.
function walk(places) {
  const bar = make("div", "controls");
  const to = (text, by) => button("tool", text, () => {
    state.first = Math.max(0, Math.min(places - BARS, state.first + by));
    parts.panel.lastChild.replaceWith(columns());
    where.textContent = said();
  });
  const said = () => `places ${state.first + 1} to ${Math.min(places, state.first + BARS)} of ${places}`;
  const where = make("span", "quiet", said());
  bar.append(to("Earlier", -BARS), to("Later", BARS), where);
  return bar;
}

function columns() {
  const holder = make("div", "bar-list");
  holder.setAttribute("role", "group");
  holder.setAttribute("aria-label", "Weights of the source words");
  parts.bars = [];
  const tokens = answer().record.source_tokens;
  for (let s = state.first; s < Math.min(tokens.length, state.first + BARS); s++) holder.append(bar(s, shown(tokens[s])));
  paintBars();
  holder.addEventListener("keydown", (event) => {
    const by = { ArrowUp: 0.05, ArrowDown: -0.05, PageUp: 0.2, PageDown: -0.2 }[event.key];
    const place = parts.bars.findIndex(({ room }) => room === event.target);
    if (place < 0) return;
    const { s } = parts.bars[place];
    const side = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (side) parts.bars[place + side]?.room.focus();
    else if (by) put(s, weightsNow()[s] + by);
    else if (event.key === "Home") put(s, 0);
    else if (event.key === "End") put(s, 1);
    else return;
    event.preventDefault();
  });
  return holder;
}

function bar(s, token) {
  const off = state.change.off.includes(s);
  const column = make("div", `bar${off ? " off" : ""}`);
  const value = make("span", "value");
  const room = make("div", "room");
  const fill = make("i");
  room.append(fill);
  Object.assign(room, { tabIndex: 0 }).setAttribute("role", "slider");
  room.setAttribute("aria-label", `Attention to ${token}`);
  room.setAttribute("aria-orientation", "vertical");
  room.setAttribute("aria-valuemin", 0);
  room.setAttribute("aria-valuemax", 100);
  if (off) room.setAttribute("aria-disabled", "true");
  const name = make("span", "name", token);
  name.title = token;
  const label = make("label", "switch");
  const box = make("input");
  Object.assign(box, { type: "checkbox", checked: !off });
  box.setAttribute("aria-label", `Attention to ${token} is on`);
  box.addEventListener("change", () => toggle(s, box.checked));
  label.append(box);
  column.append(value, room, name, label);
  drag(room, s);
  parts.bars.push({ s, room, fill, value });
  return column;
}

function toggle(s, on) {
  const off = on ? state.change.off.filter((place) => place !== s) : [...state.change.off, s];
  if (off.length === answer().record.source_tokens.length) {
    page.say("One source word at least must stay on.", "wrong");
    bars();
  } else change({ off });
}

function drag(room, s) {
  const set = (event) => {
    const box = room.getBoundingClientRect();
    put(s, (box.bottom - event.clientY) / box.height);
  };
  room.addEventListener("pointerdown", (event) => { event.preventDefault(); room.focus(); room.setPointerCapture(event.pointerId); set(event); });
  room.addEventListener("pointermove", (event) => { if (room.hasPointerCapture(event.pointerId)) set(event); });
}

// One weight is set, and the others share the rest as they did before.
function put(s, wanted) {
  if (state.change.off.includes(s)) return;
  const before = weightsNow();
  const value = Math.min(1, Math.max(0, wanted));
  const rest = before.reduce((sum, weight, i) => sum + (i === s ? 0 : weight), 0);
  const open = before.filter((_, i) => i !== s && !state.change.off.includes(i)).length;
  if (!open && value < 1) return;
  move(before.map((weight, i) => (i === s ? value : state.change.off.includes(i) ? 0 : rest > 1e-6 ? (weight * (1 - value)) / rest : (1 - value) / open)));
  paintBars();
}

function paintBars() {
  const weights = weightsNow();
  for (const { s, room, fill, value } of parts.bars) {
    const share = weights[s] ?? 0;
    fill.style.height = `${100 * share}%`;
    value.textContent = percent(share);
    room.setAttribute("aria-valuenow", Math.round(100 * share));
    room.setAttribute("aria-valuetext", percent(share));
  }
}

function regions() {
  const { grid } = answer().record;
  const [rows, columns] = grid;
  const frame = make("div", "photo-frame");
  const base = photo(make("canvas", "photo-canvas"), page.image, 640);
  base.setAttribute("role", "img");
  base.setAttribute("aria-label", "The picture");
  const over = veil(make("canvas", "veil"), answer().gaze, grid, weightsNow());
  over.setAttribute("role", "img");
  over.setAttribute("aria-label", `It looks most at ${most(grid, weightsNow())}`);
  const cells = make("div", "cells");
  cells.setAttribute("role", "group");
  cells.setAttribute("aria-label", "Regions");
  cells.style.gridTemplateColumns = `repeat(${columns}, 1fr)`;
  for (const [s, token] of answer().record.source_tokens.entries()) {
    const cell = button("cell", "", () => { move(weightsNow().map((_, i) => (i === s ? 1 : 0))); veil(over, answer().gaze, grid, weightsNow()); });
    cell.setAttribute("aria-label", `Look at region ${token}`);
    cell.title = `${token}: ${percent(weightsNow()[s] ?? 0)}`;
    cell.tabIndex = s ? -1 : 0;
    cells.append(cell);
  }
  cells.addEventListener("keydown", (event) => {
    const all = [...cells.children];
    const by = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[event.key];
    const next = by && all[all.indexOf(document.activeElement) + by];
    if (!next) return;
    event.preventDefault();
    for (const cell of all) cell.tabIndex = cell === next ? 0 : -1;
    next.focus();
  });
  frame.append(base, over, cells);
  return frame;
}

// ---- what was changed, in words ----

function told() {
  const { keep, say, temperature: degree, off, attention, places } = state.change;
  const tokens = state.of.record.source_tokens;
  const items = [
    ...(keep.length || say ? [`It begins with “${[...keep.map(shown), say].filter(Boolean).join(" ")}”.`] : []),
    ...Object.entries(attention).map(([t, weights]) => `At word ${Number(t) + 1} most attention is put on ${shown(tokens[weights.indexOf(Math.max(...weights))])} (${percent(Math.max(...weights))}).`),
    ...Object.entries(places).flatMap(([t, looks]) => Object.entries(looks).map(([n, [x, y]]) => `Look ${Number(n) + 1} for word ${Number(t) + 1} is put at ${percent(x)} from the left, ${percent(y)} from the top.`)),
    ...(degree === 1 ? [] : [`All scores are divided by ${degree}.`]),
    ...(off.length ? [`No attention to ${off.map((s) => shown(tokens[s])).join(", ")}.`] : []),
  ];
  const list = make("ul");
  list.setAttribute("aria-live", "polite");
  list.append(...items.map((text) => make("li", "", text)));
  parts.changes.replaceChildren(...(items.length ? [make("h2", "", "Changed"), list] : []));
  if (answer().lesson.looks && !answer().record.grid && answer().record.tokens.length * tokens.length <= 1600) parts.changes.append(...maps());
  if (looked(answer()).length) parts.changes.append(...paths());
}

// Both paths side by side.
function paths() {
  const box = make("div", "two-maps");
  const list = [["As it is", state.of], ...(changed() ? [["What if", answer()]] : []), ...(looked(state.second?.lesson ? state.second : null).length ? [[page.beside.name, state.second]] : [])];
  for (const [name, one] of list) {
    const figure = make("figure", "path");
    const looks = looked(one);
    const { frame, paint } = scene(page.image, looks, 300);
    paint(looks.length);
    figure.append(make("figcaption", "", `${name}: ${one.record.text}`), frame);
    box.append(figure);
  }
  return [box];
}

// Both attentions side by side, small.
function maps() {
  const box = make("div", "two-maps");
  const list = [["As it is", state.of], ...(changed() ? [["What if", answer()]] : []), ...(state.second?.lesson?.looks ? [[page.beside.name, state.second]] : [])];
  for (const [name, one] of list) {
    const figure = make("figure");
    const table = make("div", "mini");
    table.setAttribute("role", "img");
    table.setAttribute("aria-label", `${name}: ${one.record.text}`);
    table.style.gridTemplateColumns = `max-content repeat(${one.record.source_tokens.length}, minmax(0.5rem, 1.6rem))`;
    for (const [t, step] of one.lesson.steps.entries()) {
      table.append(make("span", "name", shown(step.token)));
      for (const [s, weight] of step.weights.entries()) {
        const cell = make("i");
        cell.title = `${shown(step.token)} ← ${shown(one.record.source_tokens[s])}: ${percent(weight)}`;
        cell.dataset.t = t;
        shade(cell, weight);
        table.append(cell);
      }
    }
    figure.append(make("figcaption", "", name), table);
    box.append(figure);
  }
  return [box];
}
