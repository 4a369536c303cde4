// The state of the page, the list of sentences, and what people do with them. The state is one object.

const items = JSON.parse(document.getElementById("data").textContent);
const state = { item: 0, hypothesis: 0, unit: "words", focus: null, pinned: null, playing: null };
const LEVELS = 20;
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

function draw(name, attributes, text) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
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
  const [source, text] = [make("span", "text", item.source.slice(0, 300) || "(empty line)"), make("span", "text", item.hypotheses[0].text)];
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
  // Of several systems the one that was chosen stays; of an n-best list the best comes first.
  Object.assign(state, { item: index, hypothesis: items[index].names ? state.hypothesis : 0, focus: null, pinned: null });
  for (const button of at("list").querySelectorAll("button")) {
    const current = Number(button.dataset.item) === index;
    button.setAttribute("aria-current", current);
    button.tabIndex = current ? 0 : -1;
    if (current) reveal(button);
  }
  render();
}

// Scroll the list to one of its buttons, and nothing but the list: `scrollIntoView` would move the page as well.
function reveal(button) {
  const [frame, box] = [at("list").getBoundingClientRect(), button.getBoundingClientRect()];
  at("list").scrollTop += Math.min(0, box.top - frame.top) + Math.max(0, box.bottom - frame.bottom);
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
  move(event, [...side.querySelectorAll("button")], forward, backward);
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
