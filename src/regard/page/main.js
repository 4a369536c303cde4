// The page's state, its input and its views. A view is a module with one function: it draws into `main`.

import { at, button, make } from "./dom.js";
import * as api from "./api.js";
import * as pictures from "./pictures.js";
import { read } from "./read.js";
import { step } from "./step.js";
import { whatIf } from "./whatif.js";
import { learning } from "./learning.js";
import { drawn } from "./drawn.js";

const VIEWS = { read, step, "what-if": whatIf, learning };
const DRAWN = { read: drawn, learning }; // of a model that draws: its steps and what would be are in one

const page = {
  models: [],
  model: null,
  beside: null, // the second model, if one is asked as well
  source: "",
  picture: null, // the file that was chosen, and its bitmap
  image: null,
  answer: null, // of the model, and of the one beside it
  second: null,
  films: new Map(),
  luck: 0, // of drawings: another number, other drawings
  leave: () => {}, // what the view that is shown wants done before another one is
};

let asking = null;

const say = (text, kind = "") => {
  at("status").textContent = text;
  at("status").className = kind;
};

const asked = () => ({ source: page.source, picture: page.picture, options: page.options() });
const draws = () => Boolean(page.model?.draws);
const silent = () => draws() && !page.model.draws.worded; // it draws without words
const views = () => (draws() ? DRAWN : VIEWS);

function options() {
  const count = Math.min(16, Math.max(1, Number(at("beam").value) || 5));
  return draws() ? { nbest: count, seed: page.luck } : { beam: count };
}

Object.assign(page, { say, options, again: () => { page.luck += 1; ask(); } });

// Ask the models, and draw the view anew. A question that comes while another one waits takes its place.
async function ask() {
  asking?.abort();
  const mine = (asking = new AbortController());
  say("…");
  try {
    const [answer, second] = await Promise.all([
      api.lesson(page.model.name, asked(), mine.signal),
      page.beside ? api.lesson(page.beside.name, asked(), mine.signal) : null,
    ]);
    Object.assign(page, { answer, second });
    say(answer.record.note ?? "");
    if (view() !== "learning") show(); // which shows no answer, and may be playing
  } catch (error) {
    if (error.name !== "AbortError") say(error.message, "wrong");
  }
}

function view() {
  const name = location.hash.slice(1);
  return name in views() ? name : "read";
}

function show() {
  page.leave();
  page.leave = () => {};
  const name = view();
  for (const link of document.querySelectorAll(".views a")) {
    link.hidden = !(link.hash.slice(1) in views());
    if (link.hash === `#${name}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  document.body.dataset.view = name;
  const main = at("main");
  if (name !== "learning" && !page.answer) {
    main.replaceChildren(make("p", "empty", welcome()));
    return;
  }
  main.replaceChildren();
  if ((name !== "read" || draws()) && document.activeElement === at("source")) main.focus({ preventScroll: true }); // arrow keys step
  views()[name](main, page);
}

function welcome() {
  if (silent()) return "Press Run. You will see the model draw, step by step.";
  if (draws()) return "Type what is to be drawn, then press Enter. You will see the model draw, and which words it reads at each step.";
  const what = page.model?.reads === "pictures" ? "Choose a picture, or drop one." : "Type a sentence, then press Enter.";
  return `${what} You will see what the model says, and where it looks.`;
}

// ---- the input ----

function grow() {
  const field = at("source");
  field.style.height = "auto";
  field.style.height = `${Math.min(field.scrollHeight + 2, 220)}px`;
}

function settle() {
  const pictured = page.model.reads === "pictures";
  at("source").hidden = pictured || silent();
  at("source").placeholder = draws() ? "Type what is to be drawn" : "Type a sentence";
  at("beam-name").textContent = draws() ? "Drawings" : "Beam";
  at("drop").hidden = !pictured;
  if (pictured) pictures.settle(page.model);
  at("beam").value = draws() ? 4 : page.model.options?.beam ?? 5;
  page.luck = page.model.options?.seed ?? 0;
  const others = draws() ? [] : page.models.filter((one) => one !== page.model && !one.draws && one.reads === page.model.reads);
  at("beside-label").hidden = others.length === 0;
  at("beside").replaceChildren(new Option("nothing", ""), ...others.map((one) => new Option(one.name, one.name)));
  if (!others.includes(page.beside)) page.beside = others.find((one) => one.attention === "none") ?? null;
  at("beside").value = page.beside?.name ?? "";
  if (!pictured) Object.assign(page, { picture: null, image: null });
  Object.assign(page, { answer: null, second: null });
  examples();
}

const played = (name) => api.film(name).then((film) => (film.frames.length ? film : null), () => null);

// Sources that the model learnt to look at, to begin with.
async function examples() {
  const mine = page.model;
  at("try").hidden = true;
  if (!page.films.has(mine.name)) page.films.set(mine.name, await played(mine.name));
  const film = page.films.get(mine.name);
  if (mine !== page.model || !film) return;
  const chips = mine.reads === "pictures" ? pictures.examples(film) : film.examples.slice(0, 4).map((one) => button("chip", one.source.length > 60 ? `${one.source.slice(0, 59)}…` : one.source, () => {
    at("source").value = page.source = one.source;
    grow();
    ask();
  }));
  at("try").replaceChildren(make("span", "", "Try"), ...chips);
  at("try").hidden = chips.length === 0;
  if (view() === "learning") show();
}

function pick(select, key) {
  select.addEventListener("change", () => {
    page[key] = page.models.find((one) => one.name === select.value) ?? null;
    if (key === "model") settle();
    if (page.picture || page.source.trim() || silent()) ask();
    else show();
  });
}

function listen() {
  pick(at("model"), "model");
  pick(at("beside"), "beside");
  at("source").addEventListener("input", () => { page.source = at("source").value; grow(); });
  at("source").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); at("ask").requestSubmit(); }
  });
  at("ask").addEventListener("submit", (event) => {
    event.preventDefault();
    page.source = at("source").value;
    if (!page.model) return; // asked as soon as the models are known
    if (silent()) return void ask();
    if (page.model.reads === "pictures" ? page.picture : page.source.trim()) ask();
    else say(page.model.reads === "pictures" ? "Choose a picture first." : "Type a sentence first.");
  });
  at("beam").addEventListener("change", () => { if (page.answer) ask(); });
  pictures.listen((picture, image) => { Object.assign(page, { picture, image }); ask(); }, (text) => say(text, "wrong"));
  window.addEventListener("hashchange", show);
}

async function start() {
  listen();
  try {
    page.models = await api.models();
  } catch (error) {
    say(error.message, "wrong");
    return;
  }
  at("model").replaceChildren(...page.models.map((one) => new Option(one.name, one.name)));
  page.model = page.models[0];
  settle();
  show();
  if (page.model.reads !== "pictures") at("source").focus();
  if (page.source.trim() || silent()) ask();
}

start();
