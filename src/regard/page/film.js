// A film of a run: frames of a few examples, with the curve of what was validated. It stands in the live page and
// in the file that `regard view` writes.

import { button, draw, make, number, shade } from "./dom.js";
import { bitmap, photo, veil } from "./light.js";
import { path, where } from "./looks.js";

const SPEED = 700; // milliseconds of a frame
const CURVE = { width: 640, height: 150, left: 44, right: 12, top: 10, bottom: 26 };

// Draws into `place`; returns what stops it.
export function player(place, film) {
  const view = { film, frame: film.frames.length - 1, example: 0, playing: null };
  const head = make("div", "controls");
  head.setAttribute("role", "group");
  head.setAttribute("aria-label", "Film");
  view.play = button("tool play", "Play", () => (view.playing === null ? start(view) : halt(view)));
  view.slider = make("input");
  Object.assign(view.slider, { type: "range", min: 0, max: film.frames.length - 1, step: 1, value: view.frame });
  view.slider.setAttribute("aria-label", "Validation");
  view.slider.addEventListener("input", () => { halt(view); jump(view, Number(view.slider.value)); });
  view.counter = make("span", "quiet");
  head.append(view.play, view.slider, view.counter);
  view.curve = lossCurve(view);
  view.stage = make("div", "film-stage");
  const list = make("div", "film-examples");
  list.setAttribute("role", "group");
  list.setAttribute("aria-label", "Examples");
  view.buttons = film.examples.map((example, index) => {
    const name = example.grid ? example.source.split(/[\\/]/).at(-1) : example.source;
    const made = button("chip", name.length > 44 ? `${name.slice(0, 43)}…` : name, () => choose(view, index));
    list.append(made);
    return made;
  });
  const looks = film.frames.some(({ shots }) => shots.some(({ weights }) => weights.some((row) => row.some((weight) => weight > 0))));
  if (!looks) place.append(make("p", "lead", "This model has no attention: only what it said changes."));
  place.append(make("p", "lead", "Where a few validation examples were looked at while the model was trained. The words are those of the reference; nothing moves but attention."), head, view.curve.svg, list, view.stage);
  choose(view, 0);
  return () => halt(view);
}

async function choose(view, index) {
  view.example = index;
  const example = view.film.examples[index];
  for (const [i, made] of view.buttons.entries()) made.setAttribute("aria-pressed", String(i === index));
  view.drawn = example.grid ? await pictured(view, example) : sentence(example);
  view.said = make("p", "film-said");
  view.said.setAttribute("aria-live", "off");
  view.stage.replaceChildren(view.said, view.drawn.element);
  jump(view, view.frame);
}

function sentence(example) {
  const table = make("div", "film-map");
  table.setAttribute("role", "img");
  table.style.gridTemplateColumns = `max-content repeat(${example.words.source.length}, minmax(1.1rem, 3.4rem))`;
  table.append(make("span"));
  for (const word of example.words.source) table.append(make("span", "head", word));
  const cells = example.words.target.map((word) => {
    table.append(make("span", "name", word));
    return example.words.source.map(() => {
      const cell = make("i");
      table.append(cell);
      return cell;
    });
  });
  const paint = (shot) => {
    table.setAttribute("aria-label", shot.weights.map((row, t) => `${example.words.target[t]}: ${example.words.source[row.indexOf(Math.max(...row))]}`).join("; "));
    for (const [t, row] of shot.weights.entries()) for (const [s, weight] of row.entries()) shade(cells[t][s], weight / 1000);
  };
  return { element: table, paint };
}

async function pictured(view, example) {
  const list = make("div", "panels");
  const image = example.picture?.data ? await bitmap(example.picture.data) : null;
  const last = view.film.frames.at(-1).shots[view.example];
  if (image && last.looks) return gazed(image);
  const veils = example.words.target.map((word) => {
    const panel = make("figure", "panel");
    const pane = make("div", "pane");
    const under = make("canvas");
    if (image) photo(under, image, 260);
    const over = make("canvas", "veil");
    pane.append(under, over);
    panel.append(pane, make("figcaption", "", word));
    if (word !== "</s>") list.append(panel);
    return over;
  });
  return { element: list, paint: (shot) => { for (const [t, row] of shot.weights.entries()) veil(veils[t], view.film.gaze, example.grid, row); } };
}

// The path of a gaze, of which every frame has one.
function gazed(image) {
  const figure = make("figure", "path");
  const frame = make("div", "photo-frame");
  const base = photo(make("canvas", "photo-canvas"), image, 480);
  const over = make("canvas", "veil");
  over.setAttribute("role", "img");
  frame.append(base, over);
  figure.append(frame);
  const paint = (shot) => {
    const looks = (shot.looks ?? []).map((box, n) => ({ box, n }));
    path(over, looks, looks.length, base);
    over.setAttribute("aria-label", `The picture; ${looks.map(where).join("; ")}`);
  };
  return { element: figure, paint };
}

function jump(view, frame) {
  view.frame = frame;
  const { step, facts, shots } = view.film.frames[frame];
  view.slider.value = frame;
  const text = `step ${step.toLocaleString("en")}  ·  ${Object.entries(facts).map(([name, value]) => `${name} ${number(value)}`).join("  ·  ")}`;
  view.counter.textContent = text;
  view.slider.setAttribute("aria-valuetext", text);
  view.drawn.paint(shots[view.example]);
  view.said.replaceChildren(make("span", "quiet", "It said: "), shots[view.example].said || "(nothing)");
  view.curve.mark(frame);
}

function start(view) {
  if (view.frame === view.film.frames.length - 1) jump(view, 0);
  view.playing = setInterval(() => {
    if (view.frame < view.film.frames.length - 1) jump(view, view.frame + 1);
    if (view.frame === view.film.frames.length - 1) halt(view);
  }, SPEED);
  view.play.textContent = "Stop";
}

function halt(view) {
  clearInterval(view.playing);
  view.playing = null;
  view.play.textContent = "Play";
}

// The validation loss by step; its axis begins at zero.
function lossCurve(view) {
  const { width, height, left, right, top, bottom } = CURVE;
  const points = view.film.frames.map(({ step, facts }) => [step, facts.loss ?? 0]);
  const most = Math.max(...points.map(([, loss]) => loss)) || 1;
  const last = points.at(-1)[0] || 1;
  const at = ([step, loss]) => [left + ((width - left - right) * step) / last, top + (height - top - bottom) * (1 - loss / most)];
  const svg = draw("svg", { viewBox: `0 0 ${width} ${height}`, class: "chart film-curve", role: "img" });
  svg.append(draw("title", {}, `Validation loss from ${number(points[0][1])} to ${number(points.at(-1)[1])}`));
  for (const share of [0, 0.5, 1]) {
    const y = top + (height - top - bottom) * (1 - share);
    svg.append(draw("line", { class: "rule", x1: left, x2: width - right, y1: y, y2: y }), draw("text", { x: left - 8, y: y + 4, "text-anchor": "end" }, number(most * share, most < 1 ? 2 : 1)));
  }
  svg.append(draw("text", { x: left, y: height - 6 }, "0"), draw("text", { x: width - right, y: height - 6, "text-anchor": "end" }, `step ${last.toLocaleString("en")}`), draw("text", { x: (left + width) / 2, y: height - 6, "text-anchor": "middle" }, "validation loss"));
  const line = draw("g", { class: "line0" });
  line.append(draw("polyline", { points: points.map((point) => at(point).map((value) => value.toFixed(1)).join(",")).join(" ") }));
  const dot = draw("circle", { r: 6 });
  line.append(dot);
  svg.append(line);
  return {
    svg,
    mark: (frame) => {
      const [x, y] = at(points[frame]);
      dot.setAttribute("cx", x);
      dot.setAttribute("cy", y);
    },
  };
}
