"use strict";
// The page's state is one object; `render` draws the chosen hypothesis, `paint` its highlights.

const items = JSON.parse(document.getElementById("data").textContent);
const state = { item: 0, hypothesis: 0, unit: "words", focus: null, pinned: null, playing: null };
const LEVELS = 20;
const NUMBERS = 24; // up to this many columns, cells carry their number
const SIGNS = new Set(["<pad>", "<s>", "</s>"]);

const at = (id) => document.getElementById(id);
const percent = (thousandths) => `${Math.round(thousandths / 10)} %`;
const minus = (score) => score.toFixed(2).replace("-", "−");
const level = (thousandths) => Math.round((thousandths / 1000) * LEVELS);

function make(name, className, text) {
  const element = document.createElement(name);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text; // never markup: tokens may look like it
  return element;
}

function shade(element, thousandths) {
  element.style.background = `var(--w${level(thousandths)})`;
  element.style.color = `var(--i${level(thousandths)})`;
}

function chosen() {
  const hypothesis = items[state.item].hypotheses[state.hypothesis];
  return { hypothesis, grid: hypothesis[state.unit] ?? hypothesis.words };
}

const isRight = (item) => item.reference === item.hypotheses[0].text;
const attends = (grid) => grid.weights.some((row) => row.some((weight) => weight > 0));

// ---- the list ----

function listItem(item, index) {
  const entry = make("li");
  const button = make("button");
  button.type = "button";
  button.dataset.item = index;
  const [source, text] = [make("span", "text", item.source || "(empty line)"), make("span", "text", item.hypotheses[0].text)];
  source.dir = text.dir = "auto";
  button.append(make("span", "number", index + 1), source, text);
  if (item.reference !== null) {
    const mark = make("span", `mark ${isRight(item) ? "right" : "wrong"}`, isRight(item) ? "✓" : "✗");
    mark.setAttribute("role", "img");
    mark.setAttribute("aria-label", isRight(item) ? "right" : "wrong");
    button.append(mark);
  }
  entry.append(button);
  return entry;
}

function filter() {
  const wanted = at("filter").value.toLowerCase();
  let shown = 0;
  for (const [index, entry] of [...at("list").children].entries()) {
    const item = items[index];
    const text = `${index + 1} ${item.source} ${item.hypotheses[0].text} ${item.reference ?? ""}`.toLowerCase();
    entry.hidden = !text.includes(wanted) || (at("wrong").checked && isRight(item));
    shown += entry.hidden ? 0 : 1;
  }
  at("count").textContent = shown === items.length ? `${shown}` : `${shown} of ${items.length}`;
}

function choose(index) {
  stop();
  Object.assign(state, { item: index, hypothesis: 0, focus: null, pinned: null });
  for (const button of at("list").querySelectorAll("button")) {
    const current = Number(button.dataset.item) === index;
    button.setAttribute("aria-current", current);
    button.tabIndex = current ? 0 : -1;
    if (current) button.scrollIntoView({ block: "nearest" });
  }
  render();
}

// ---- the chosen sentence ----

function render() {
  const { grid } = chosen();
  const empty = grid.target.length === 0 || grid.source.length === 0;
  for (const side of ["source", "target"]) at(side).replaceChildren(...grid[side].map((label, i) => word(side, label, i, grid)));
  at("play").hidden = empty || !attends(grid);
  at("units").hidden = chosen().hypothesis.tokens === null;
  at("bridge").hidden = empty;
  at("bridge").style.setProperty("--gap", `${Math.min(9, 4.5 + grid.source.length / 10)}rem`);
  at("map").replaceChildren(...(empty ? [] : [map(grid)]));
  renderVerdict();
  renderOthers();
  if (!empty) slant();
  paint();
}

function word(side, label, index, grid) {
  const button = make("button", SIGNS.has(label) ? "word sign" : "word", label);
  button.type = "button";
  button.tabIndex = index === 0 ? 0 : -1;
  Object.assign(button.dataset, { side, index });
  if (side === "target") {
    const bar = make("span", "sure");
    const length = make("i");
    length.style.width = `${grid.confidence[index] / 10}%`;
    bar.append(length);
    button.append(bar);
    button.title = `probability ${percent(grid.confidence[index])}`;
  }
  return button;
}

function renderVerdict() {
  const item = items[state.item];
  const { hypothesis, grid } = chosen();
  const rows = [];
  if (item.reference !== null) {
    const same = item.reference === hypothesis.text;
    const shown = make("dd", same ? "right" : "", same ? "✓ the output is the same" : item.reference);
    shown.dir = "auto";
    rows.push(make("dt", "", "Reference"), shown);
  }
  if (grid.target.length > 0) {
    const whole = Math.exp(hypothesis.score) * 100;
    const probability = whole >= 0.1 ? `probability ${whole.toPrecision(2)} %` : "probability below 0.1 %";
    rows.push(make("dt", "", "Score"), make("dd", "", `${minus(hypothesis.score)}  (log-probability; ${probability})`));
  }
  at("verdict").replaceChildren(...rows);
}

function renderOthers() {
  const { hypotheses } = items[state.item];
  at("others").hidden = hypotheses.length < 2;
  at("hypotheses").replaceChildren(
    ...hypotheses.map((hypothesis, index) => {
      const label = make("label");
      const radio = make("input");
      Object.assign(radio, { type: "radio", name: "hypothesis", value: index, checked: index === state.hypothesis });
      const text = make("span", "", hypothesis.text || "(nothing)");
      text.dir = "auto";
      label.append(radio, make("output", "", minus(hypothesis.score)), text);
      return label;
    }),
  );
}

function map(grid) {
  const table = make("table", "map");
  const columns = grid.source.length;
  table.style.setProperty("--cell", columns <= NUMBERS ? "1.9rem" : columns <= 60 ? "1.3rem" : "0.9rem");
  table.append(make("caption", "unseen", "Rows are output words, columns source words, cells attention in percent."));
  const head = make("tr");
  head.append(make("td"));
  for (const [s, label] of grid.source.entries()) {
    const cell = make("th");
    cell.scope = "col";
    cell.dataset.s = s;
    cell.append(make("span", "", label));
    head.append(cell);
  }
  table.createTHead().append(head);
  const body = table.createTBody();
  for (const [t, label] of grid.target.entries()) body.append(mapRow(grid, t, label));
  return table;
}

function mapRow(grid, t, label) {
  const row = make("tr");
  const name = make("th", "", label);
  name.scope = "row";
  name.dataset.t = t;
  row.append(name);
  for (const [s, weight] of grid.weights[t].entries()) {
    const cell = make("td", weight < 95 || grid.source.length > NUMBERS ? "faint" : "", Math.round(weight / 10));
    Object.assign(cell.dataset, { t, s });
    cell.title = `${label} ← ${grid.source[s]}: ${(weight / 10).toFixed(1)} %`;
    cell.style.background = `var(--w${level(weight)})`;
    if (!cell.className) cell.style.color = `var(--i${level(weight)})`;
    row.append(cell);
  }
  row.append(make("td", "sureness", percent(grid.confidence[t])));
  return row;
}

// Column heads lean over, so their height and the room at the right follow from the longest word.
function slant() {
  const table = at("map").firstChild;
  const widths = [...table.querySelectorAll("thead span")].map((span) => span.offsetWidth);
  table.style.setProperty("--head", `${Math.max(...widths) * 0.77 + 34}px`);
  table.style.marginInlineEnd = `${Math.max(0, widths.at(-1) * 0.64 - 40)}px`;
}

// ---- highlights ----

function paint() {
  const { grid } = chosen();
  const focus = state.focus;
  for (const element of document.querySelectorAll(".word")) paintWord(element, grid, focus);
  for (const element of document.querySelectorAll(".map [data-t], .map [data-s]")) {
    const { t, s } = element.dataset;
    const mine = focus && String(focus.index) === (focus.side === "target" ? t : s);
    const head = element.tagName === "TH";
    element.classList.toggle("focus", Boolean(mine) && head);
    element.classList.toggle("away", Boolean(focus) && !mine && !head);
  }
  at("says").replaceChildren(...sentence(grid, focus));
  drawLinks(grid, focus);
}

function paintWord(element, grid, focus) {
  const { side, index } = element.dataset;
  const mine = focus && focus.side === side;
  const self = mine && focus.index === Number(index);
  const weight = focus && !mine ? weightOf(grid, focus, Number(index)) : 0;
  element.classList.toggle("focus", Boolean(self));
  element.classList.toggle("away", Boolean(focus) && !self && weight < 50);
  element.classList.toggle("later", state.playing !== null && side === "target" && Number(index) > focus.index);
  if (weight >= 25) shade(element, weight);
  else element.style.background = element.style.color = "";
}

const weightOf = (grid, focus, other) =>
  focus.side === "target" ? grid.weights[focus.index][other] : grid.weights[other][focus.index];

function sentence(grid, focus) {
  if (grid.target.length === 0) return ["An empty line gives an empty line."];
  if (!attends(grid)) return ["This model has no attention: one vector had to carry the whole sentence."];
  if (!focus) return ["Point at a word, or tap it, to see where it looked. Play follows the output word by word."];
  const others = grid[focus.side === "target" ? "source" : "target"].map((label, i) => [label, weightOf(grid, focus, i)]);
  const most = others.filter(([, weight]) => weight >= 50).sort((a, b) => b[1] - a[1]).slice(0, 4);
  const seen = most.map(([label, weight]) => `${label} ${percent(weight)}`).join(", ");
  const name = make("b", "", grid[focus.side][focus.index]);
  if (focus.side === "source") return [name, seen ? ` was looked at by ${seen}.` : " was hardly looked at."];
  const sure = `. The model was ${percent(grid.confidence[focus.index])} sure of it.`;
  return [name, ` looked at ${seen || "many words a little"}`, sure];
}

function drawLinks(grid, focus) {
  const frame = at("bridge").getBoundingClientRect();
  const box = (element) => element.getBoundingClientRect();
  const [sources, targets] = [[...at("source").children].map(box), [...at("target").children].map(box)];
  const paths = [];
  for (const [t, row] of grid.weights.entries()) {
    for (const [s, weight] of row.entries()) {
      const mine = focus && focus.index === (focus.side === "target" ? t : s);
      const later = state.playing !== null && t > focus.index;
      if (weight < (mine ? 10 : 50) || later) continue;
      paths.push(link(frame, sources[s], targets[t], weight / 1000, focus && !mine ? 0.12 : 1));
    }
  }
  at("links").replaceChildren(...paths);
}

function link(frame, from, to, weight, strength) {
  const [x1, y1] = [from.x + from.width / 2 - frame.x, from.bottom - frame.y];
  const [x2, y2] = [to.x + to.width / 2 - frame.x, to.y - frame.y];
  const bend = (y2 - y1) / 2;
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", `M${x1},${y1} C${x1},${y1 + bend} ${x2},${y2 - bend} ${x2},${y2}`);
  path.setAttribute("stroke-width", 1 + 2.5 * weight);
  path.setAttribute("stroke-opacity", Math.min(1, weight * strength));
  return path;
}

function look(focus) {
  state.focus = focus ?? state.pinned;
  paint();
}

// ---- play ----

function play() {
  if (state.playing !== null) return stop();
  const steps = chosen().grid.target.length;
  let step = 0;
  const next = () => {
    if (step === steps) return stop();
    state.focus = { side: "target", index: step++ };
    paint();
  };
  state.playing = setInterval(next, 1100);
  at("play").textContent = "Stop";
  next();
}

function stop() {
  if (state.playing === null) return;
  clearInterval(state.playing);
  state.playing = null;
  at("play").textContent = "Play";
  look(null);
}

// ---- what people do ----

function wordOf(event) {
  const element = event.target.closest(".word");
  return element && { side: element.dataset.side, index: Number(element.dataset.index) };
}

function move(event, group, forward, backward) {
  const step = { [forward]: 1, [backward]: -1 }[event.key];
  const open = group.filter((element) => !element.closest("[hidden]"));
  const next = step && open[open.indexOf(document.activeElement) + step];
  if (!next) return;
  event.preventDefault();
  for (const element of group) element.tabIndex = element === next ? 0 : -1;
  next.focus();
}

function onBridgeKey(event) {
  const side = event.target.closest(".words");
  if (!side) return;
  if (event.key === "Escape") { state.pinned = null; look(null); return; }
  const across = { ArrowUp: "source", ArrowDown: "target" }[event.key];
  if (across && across !== side.id) {
    event.preventDefault();
    at(across).querySelector("[tabindex='0']").focus();
    return;
  }
  const [forward, backward] = getComputedStyle(side).direction === "rtl" ? ["ArrowLeft", "ArrowRight"] : ["ArrowRight", "ArrowLeft"];
  move(event, [...side.children], forward, backward);
}

function pin(event) {
  const found = wordOf(event);
  if (!found) return;
  stop();
  const again = state.pinned && state.pinned.side === found.side && state.pinned.index === found.index;
  state.pinned = again ? null : found;
  look(again ? null : found);
}

function start() {
  at("list").append(...items.map(listItem));
  at("sentences").hidden = items.length < 2;
  at("explorer").classList.toggle("single", items.length < 2);
  at("explorer").hidden = items.length === 0;
  at("wrong-only").hidden = items.every((item) => item.reference === null || isRight(item));
  at("filter").addEventListener("input", filter);
  at("wrong").addEventListener("change", filter);
  at("list").addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button) location.replace(`#${Number(button.dataset.item) + 1}`);
  });
  at("list").addEventListener("keydown", (event) => move(event, [...at("list").querySelectorAll("button")], "ArrowDown", "ArrowUp"));
  at("bridge").addEventListener("pointerover", (event) => { if (state.playing === null && event.pointerType === "mouse") look(wordOf(event)); });
  at("bridge").addEventListener("pointerleave", () => { if (state.playing === null) look(null); });
  at("bridge").addEventListener("focusin", (event) => { if (state.playing === null) look(wordOf(event)); });
  at("bridge").addEventListener("focusout", () => { if (state.playing === null) look(null); });
  at("bridge").addEventListener("click", pin);
  at("bridge").addEventListener("keydown", onBridgeKey);
  at("map").addEventListener("pointerover", (event) => {
    const { t, s } = event.target.closest("[data-t], [data-s]")?.dataset ?? {};
    if (state.playing !== null) return;
    look(t !== undefined ? { side: "target", index: Number(t) } : s !== undefined ? { side: "source", index: Number(s) } : null);
  });
  at("map").addEventListener("pointerleave", () => { if (state.playing === null) look(null); });
  at("play").addEventListener("click", play);
  at("units").addEventListener("change", (event) => { stop(); Object.assign(state, { unit: event.target.value, focus: null, pinned: null }); render(); });
  at("hypotheses").addEventListener("change", (event) => { stop(); Object.assign(state, { hypothesis: Number(event.target.value), focus: null, pinned: null }); render(); });
  window.addEventListener("resize", () => drawLinks(chosen().grid, state.focus));
  window.addEventListener("hashchange", fromAddress);
  window.addEventListener("beforeprint", paint);
  filter();
  fromAddress();
}

// The address keeps the sentence, "report.html#7", so that it can be shown to someone else.
function fromAddress() {
  const number = Number(location.hash.slice(1)) || 1;
  choose(Math.min(Math.max(number, 1), items.length) - 1);
}

if (items.length > 0) start();
else at("explorer").hidden = true;
