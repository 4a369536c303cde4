// Step: the drawing of every course on attention, alive with the numbers of this model.

import { button, make, percent, shown } from "./dom.js";
import { Drawing } from "./drawing.js";
import { looked } from "./looks.js";
import { Sight } from "./sight.js";
import { beside, stages, told } from "./stages.js";

const PACE = 1300; // milliseconds that a stage stays when it plays
const state = { at: 0, playing: null, of: null };

export function step(main, page) {
  const all = stages(page.answer);
  if (state.of !== page.answer) Object.assign(state, { at: Math.max(0, all.findIndex((stage) => stage.t === 0)), of: page.answer });
  const second = page.second && { answer: page.second, all: stages(page.second) };
  const view = { all, second, first: drawn(page.answer, page, page.model.name), answer: page.answer };
  view.other = second && drawn(second.answer, page, page.beside.name);
  const side = make("div", "drawings");
  side.append(section(view.first, second ? page.model.name : "", page.answer));
  if (second) side.append(section(view.other, page.beside.name, second.answer));
  side.classList.toggle("two", Boolean(second));
  view.words = line(page.answer, (t) => go(view, all.findIndex((stage) => stage.t === t)));
  main.append(controls(view), view.words, side, missing(page.answer));
  const keys = (event) => onKey(event, view);
  document.addEventListener("keydown", keys);
  page.leave = () => { stop(view); document.removeEventListener("keydown", keys); };
  go(view, state.at);
}

const drawn = (answer, page, name) => new (looked(answer).length && page.image ? Sight : Drawing)(answer, page, name);

function section(drawing, name, answer) {
  const element = make("section", "lesson");
  element.setAttribute("aria-label", name || "The model");
  if (!name) element.append(make("h2", "unseen", "Stage by stage"));
  else element.append(make("h2", "", name), make("p", "said", answer.record.text || "(nothing)"));
  element.append(drawing.element);
  return element;
}

function missing(answer) {
  const list = make("ul", "missing");
  list.append(...answer.lesson.missing.map((text) => make("li", "", text)));
  return list;
}

function controls(view) {
  const bar = make("div", "controls");
  bar.setAttribute("role", "group");
  bar.setAttribute("aria-label", "Steps");
  view.play = button("tool play", "Play", () => (state.playing === null ? play(view) : stop(view)));
  view.slider = make("input");
  Object.assign(view.slider, { type: "range", min: 0, max: view.all.length - 1, step: 1, value: 0 });
  view.slider.setAttribute("aria-label", "Stage");
  view.slider.addEventListener("input", () => { stop(view); go(view, Number(view.slider.value)); });
  const tool = (label, text, by) => {
    const made = button("tool", text, () => { stop(view); by(); });
    made.setAttribute("aria-label", label);
    made.title = label;
    return made;
  };
  bar.append(
    tool("Word before (up arrow)", "«", () => word(view, -1)),
    tool("Stage before (left arrow)", "‹", () => go(view, state.at - 1)),
    view.play,
    tool("Next stage (right arrow)", "›", () => go(view, state.at + 1)),
    tool("Next word (down arrow)", "»", () => word(view, 1)),
    view.slider,
  );
  view.counter = make("span", "quiet");
  bar.append(view.counter);
  return bar;
}

// The output so far; each word leads to its first stage.
function line(answer, act) {
  const words = make("p", "words target steps");
  words.setAttribute("role", "group");
  words.setAttribute("aria-label", "Output");
  for (const [t, one] of answer.lesson.steps.entries()) {
    const element = button("word", shown(one.token), () => act(t));
    element.dataset.t = t;
    element.title = percent(one.probability);
    words.append(element);
  }
  return words;
}

function go(view, index) {
  state.at = Math.min(view.all.length - 1, Math.max(0, index));
  const stage = view.all[state.at];
  view.first.show(view.all, state.at, told(view.answer, stage));
  if (view.other) {
    const there = beside(view.second.all, stage);
    view.other.show(view.second.all, there, told(view.second.answer, view.second.all[there]));
  }
  for (const [t, element] of [...view.words.children].entries()) {
    element.classList.toggle("focus", t === stage.t);
    element.classList.toggle("later", t > stage.t || (t === stage.t && stage.kind !== "distribution"));
    if (t === stage.t) element.setAttribute("aria-current", "step");
    else element.removeAttribute("aria-current");
  }
  view.slider.value = state.at;
  view.slider.setAttribute("aria-valuetext", `${told(view.answer, stage).name}${stage.t >= 0 ? `, word ${stage.t + 1}` : ""}`);
  view.counter.textContent = `${state.at + 1} of ${view.all.length}`;
}

function word(view, by) {
  const t = view.all[state.at].t + by;
  const found = view.all.findIndex((stage) => stage.t === t);
  if (found >= 0) go(view, found);
}

function play(view) {
  if (state.at === view.all.length - 1) go(view, 0);
  state.playing = setInterval(() => {
    if (state.at === view.all.length - 1) stop(view);
    else go(view, state.at + 1);
  }, PACE);
  view.play.textContent = "Stop";
}

function stop(view) {
  clearInterval(state.playing);
  state.playing = null;
  view.play.textContent = "Play";
}

function onKey(event, view) {
  if (event.target.closest("textarea, input:not([type=file]), select") || event.altKey || event.ctrlKey || event.metaKey) return;
  const act = {
    ArrowRight: () => go(view, state.at + 1),
    ArrowLeft: () => go(view, state.at - 1),
    ArrowDown: () => word(view, 1),
    ArrowUp: () => word(view, -1),
    Home: () => go(view, 0),
    End: () => go(view, view.all.length - 1),
    " ": () => (state.playing === null ? play(view) : stop(view)),
  }[event.key];
  if (!act || (event.key === " " && event.target.closest("button, a"))) return;
  event.preventDefault();
  if (event.key !== " ") stop(view);
  act();
}
