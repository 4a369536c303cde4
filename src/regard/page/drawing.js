// One model's drawing: columns of source places above, the decoder's vectors below, the current stage lit.

import { draw, make, number, percent, shown } from "./dom.js";
import { most, photo, veil } from "./light.js";
import { chances } from "./looks.js";

const [MOST, REGIONS] = [40, 12]; // columns at once, of a text and of a picture
const WIDTH = { least: 60, most: 112 }; // pixels of a column
const CELLS = 12;
const ROWS = { token: 20, embedding: 34, state: 116, score: 200, weight: 276, sum: 352 };

const largest = (rows) => Math.max(1e-9, ...rows.flat().map(Math.abs));

// A vector's first components: blue above zero, amber below, as dense as they are far from it.
function strip(values, most, x, y, [across, down], vertical) {
  const group = draw("g", { class: "strip" });
  for (const [i, value] of values.entries()) {
    const [left, top] = vertical ? [x, y + i * down] : [x + i * across, y];
    group.append(draw("rect", { x: left, y: top, width: across - 0.5, height: down - 0.5, class: value < 0 ? "below" : "above", "fill-opacity": Math.min(1, 0.06 + 0.94 * Math.abs(value) / most).toFixed(2) }));
  }
  return group;
}

export class Drawing {
  constructor(answer, page, name) {
    Object.assign(this, { answer, page, columns: null });
    const { source, steps } = answer.lesson;
    this.most = { embedding: source.embeddings ? largest(source.embeddings.first) : 1, state: largest(source.states.first) };
    const events = steps.flatMap((step) => step.events);
    const found = (kind, read) => largest(events.filter((event) => event.kind === kind).map(read));
    this.reaches = {
      embed: found("embed", (event) => event.vector.first),
      attend: found("attend", (event) => event.context.first),
      step: found("step", (event) => [...event.before.first, ...event.after.first]),
      summary: largest(source.summary.first),
    };
    const scores = steps.flatMap((step) => step.events).flatMap((event) => event.reads ?? []).flatMap((read) => read.scores.flat()).filter((score) => score !== null);
    this.reach = scores.reduce((top, score) => Math.max(top, Math.abs(score)), 1e-9);
    this.element = make("div", "drawing");
    this.card = make("div", "stage-card");
    this.card.setAttribute("aria-live", "polite");
    this.holder = make("div", "scroll");
    Object.assign(this.holder, { tabIndex: 0 }).setAttribute("role", "region");
    this.holder.setAttribute("aria-label", `Source places, ${name}`);
    this.below = make("div", "vectors");
    this.next = make("div", "next");
    if (answer.record.grid && page.image) this.element.append(this.picture());
    this.element.append(this.card, this.holder, this.next, this.below);
  }

  picture() {
    const frame = make("div", "photo-frame small");
    this.veil = make("canvas", "veil");
    const base = photo(make("canvas", "photo-canvas"), this.page.image, 360);
    base.setAttribute("role", "img");
    base.setAttribute("aria-label", "The picture");
    frame.append(base, this.veil);
    return frame;
  }

  show(all, index, told) {
    const stage = all[index];
    const step = this.answer.lesson.steps[stage.t];
    this.tell(told);
    const columns = this.chosen(step);
    if (String(columns) !== String(this.columns)) {
      this.columns = columns;
      this.build();
    }
    const done = this.done(all, index);
    this.paintSource(stage, done);
    this.paintStep(step, done, stage);
    this.vectorsOf(all, index);
    if (this.veil) this.light(step, done);
  }

  tell({ name, title, formula, shapes, text }) {
    const parts = [make("h3", "", name), make("p", "", text), make("code", "formula", formula), make("p", "shapes", shapes)];
    if (title) parts.push(make("p", "whose", title));
    this.card.replaceChildren(...parts);
  }

  // Of a long source the places around where this step looks; of a picture the regions it looks at most.
  chosen(step) {
    const places = this.answer.record.source_tokens.length;
    const weights = step?.weights ?? [];
    if (this.answer.record.grid) {
      const ranked = Array.from({ length: places }, (_, i) => i).sort((a, b) => (weights[b] ?? 0) - (weights[a] ?? 0) || a - b);
      return ranked.slice(0, REGIONS).sort((a, b) => a - b);
    }
    if (places <= MOST) return Array.from({ length: places }, (_, i) => i);
    const peak = weights.length ? weights.indexOf(Math.max(...weights)) : 0;
    const first = this.columns && peak >= this.columns[0] && peak <= this.columns.at(-1) ? this.columns[0] : Math.max(0, Math.min(places - MOST, peak - MOST / 2));
    return Array.from({ length: MOST }, (_, i) => first + i);
  }

  // Which kinds of stages of this word have been reached.
  done(all, index) {
    const { t } = all[index];
    const found = new Set(t >= 0 ? ["tokens", "embeddings", "states"] : []);
    for (let i = index; i >= 0 && all[i].t === t; i--) found.add(all[i].kind);
    return found;
  }

  // What stays for all steps: the places, their embeddings, their states.
  build() {
    const { answer, columns } = this;
    const { embeddings, states } = answer.lesson.source;
    const room = (this.holder.clientWidth || 900) - 90;
    this.wide = Math.max(WIDTH.least, Math.min(WIDTH.most, room / columns.length));
    const width = columns.length * this.wide + 90;
    this.height = answer.lesson.looks ? ROWS.sum + 64 : ROWS.score;
    this.svg = draw("svg", { width, height: this.height, viewBox: `0 0 ${width} ${this.height}`, class: "columns", "aria-hidden": "true" });
    this.parts = { embeddings: [], states: [], tokens: [] };
    this.svg.append(this.label("tokens", ROWS.token - 2));
    if (embeddings) this.svg.append(this.label(`embeddings`, ROWS.embedding + 12));
    this.svg.append(this.label("states", ROWS.state + 12));
    for (const [i, s] of columns.entries()) {
      const x = this.x(i);
      const token = draw("text", { x: x + this.wide / 2, y: ROWS.token, "text-anchor": "middle", class: "token" }, short(shown(answer.record.source_tokens[s])));
      token.append(draw("title", {}, shown(answer.record.source_tokens[s])));
      this.svg.append(token);
      if (embeddings) this.parts.embeddings.push(this.column(embeddings.first[s], this.most.embedding, x, ROWS.embedding, embeddings.norms[s]));
      this.parts.states.push(this.column(states.first[s], this.most.state, x, ROWS.state, states.norms[s]));
    }
    this.svg.append(...this.parts.embeddings, ...this.parts.states);
    this.moving = draw("g");
    this.svg.append(this.moving);
    this.holder.replaceChildren(this.svg);
    const places = answer.record.source_tokens.length;
    this.holder.classList.toggle("windowed", columns.length < places);
    if (columns.length < places) {
      const what = answer.record.grid ? `the ${columns.length} regions of ${places} with most weight` : `places ${columns[0] + 1} to ${columns.at(-1) + 1} of ${places}`;
      this.holder.append(make("p", "quiet", `Drawn: ${what}.`));
    }
  }

  x(i) {
    return 84 + i * this.wide;
  }

  label(text, y) {
    return draw("text", { x: 0, y, class: "row" }, text);
  }

  column(values, most, x, y, norm) {
    const group = strip(values, most, x + this.wide / 2 - 13, y, [26, 6], true);
    group.append(draw("title", {}, `length ${number(norm)}; first components ${values.map((value) => number(value)).join(", ")}`));
    return group;
  }

  paintSource(stage, done) {
    for (const group of this.parts.embeddings) group.classList.toggle("unseen-yet", !done.has("embeddings"));
    for (const [i, group] of this.parts.states.entries()) {
      const reached = done.has("states") && this.columns[i] < stage.upto;
      group.classList.toggle("unseen-yet", !reached);
      group.classList.toggle("now", stage.kind === "states" && this.columns[i] === stage.upto - 1);
    }
  }

  paintStep(step, done, stage) {
    this.moving.replaceChildren();
    if (!this.answer.lesson.looks) return;
    this.ghosts(done, Boolean(step));
    if (!step) return;
    const attend = step.events.filter((event) => event.kind === "attend").at(-1);
    const read = attend?.reads.at(-1);
    const seen = (kind) => done.has(kind);
    if (read && seen("score")) this.scores(read, stage.kind === "score");
    if (seen("normalise") || seen("look")) this.weights(step.weights, stage.kind === "normalise" || stage.kind === "look");
    if (seen("sum")) this.sum(step.weights, stage.kind === "sum");
  }

  // Where scores and weights will stand.
  ghosts(done, open) {
    const group = draw("g", { class: "bars ghost" });
    if (this.answer.lesson.scored && !(open && done.has("score"))) {
      group.append(this.label("scores", ROWS.score + 28), draw("line", { x1: this.x(0), x2: this.x(this.columns.length), y1: ROWS.score + 24, y2: ROWS.score + 24, class: "zero" }));
    }
    if (!(open && (done.has("normalise") || done.has("look")))) {
      group.append(this.label("weights", ROWS.weight + 44));
      for (const i of this.columns.keys()) group.append(draw("rect", { x: this.x(i) + this.wide / 2 - 13, y: ROWS.weight, width: 26, height: 46, class: "room" }));
    }
    this.moving.append(group);
  }

  scores(read, now) {
    const group = draw("g", { class: `bars scores${now ? " now" : ""}` });
    group.append(this.label("scores", ROWS.score + 28));
    const heads = read.scores.length;
    const thick = Math.max(2, Math.min(26, 40 / heads));
    for (const [i, s] of this.columns.entries()) {
      const middle = this.x(i) + this.wide / 2;
      for (const [h, scores] of read.scores.entries()) {
        if (scores[s] === null) continue;
        const high = (24 * scores[s]) / this.reach;
        group.append(draw("rect", { x: middle - (heads * thick) / 2 + h * thick, y: ROWS.score + 24 - Math.max(0, high), width: thick - (heads > 1 ? 0.5 : 0), height: Math.max(0.6, Math.abs(high)), class: high < 0 ? "below" : "above" }));
      }
      const only = read.scores[0][s];
      group.append(draw("text", { x: middle, y: ROWS.score + 64, "text-anchor": "middle", class: "value" }, heads > 1 ? "" : only === null ? "off" : number(only, 1)));
    }
    group.append(draw("line", { x1: this.x(0), x2: this.x(this.columns.length), y1: ROWS.score + 24, y2: ROWS.score + 24, class: "zero" }));
    this.moving.append(group);
  }

  weights(weights, now) {
    const group = draw("g", { class: `bars weights${now ? " now" : ""}` });
    group.append(this.label("weights", ROWS.weight + 44));
    for (const [i, s] of this.columns.entries()) {
      const [middle, high] = [this.x(i) + this.wide / 2, 46 * weights[s]];
      group.append(
        draw("rect", { x: middle - 13, y: ROWS.weight, width: 26, height: 46, class: "room" }),
        draw("rect", { x: middle - 13, y: ROWS.weight + 46 - high, width: 26, height: high, class: "weight" }),
        draw("text", { x: middle, y: ROWS.weight + 62, "text-anchor": "middle", class: "value" }, percent(weights[s])),
      );
    }
    this.moving.append(group);
  }

  sum(weights, now) {
    const group = draw("g", { class: `sum${now ? " now" : ""}` });
    const [x, y] = [this.x(this.columns.length / 2), ROWS.sum + 42];
    for (const [i, s] of this.columns.entries()) {
      if (weights[s] < 0.005) continue;
      const from = this.x(i) + this.wide / 2;
      group.append(draw("path", { d: `M${from},${ROWS.sum - 8} C${from},${ROWS.sum + 24} ${x},${ROWS.sum + 8} ${x},${y}`, "stroke-width": (0.5 + 9 * weights[s]).toFixed(2), "stroke-opacity": (0.25 + 0.75 * weights[s]).toFixed(2) }));
    }
    group.append(draw("circle", { cx: x, cy: y, r: 13 }), draw("text", { x, y: y + 5.5, "text-anchor": "middle", class: "sigma" }, "Σ"));
    this.moving.append(group);
  }

  // The vectors of this word, in the order in which they come about, and its distribution.
  vectorsOf(all, index) {
    const { t, kind, e } = all[index];
    this.below.replaceChildren();
    this.next.replaceChildren();
    const step = this.answer.lesson.steps[t];
    if (!step) {
      if (!this.answer.lesson.looks && all[index].upto === this.answer.record.source_tokens.length && kind === "states") this.below.append(this.vector("summary of the source", this.answer.lesson.source.summary, { now: true, kind: "summary" }));
      return;
    }
    for (const [i, event] of step.events.entries()) {
      const now = i === e;
      const later = e !== undefined && i > e;
      if (event.kind === "embed") this.below.append(this.vector(`word before: ${shown(step.previous) || "start"}`, event.vector, { now, later, kind: "embed" }));
      else if (event.kind === "step") {
        this.below.append(this.vector("state before", event.before, { now, later }), this.arrow(), this.vector("state after", event.after, { now, later }));
      } else if (now && kind !== "sum" && kind !== "context") this.below.append(this.vector("query: the decoder's state", event.query, { now }));
      else this.below.append(this.vector(this.answer.lesson.looks ? "context" : "context: summary", event.context, { now, later, kind: "attend" }));
    }
    if (kind === "distribution") this.next.append(this.distribution(step.top, step.token));
    else this.next.append(this.distribution(null));
  }

  arrow() {
    const arrow = make("span", "arrow", "→");
    arrow.setAttribute("aria-hidden", "true");
    return arrow;
  }

  vector(name, { size, norm, first }, { now = false, later = false, kind = "step" }) {
    const card = make("figure", `vector${now ? " now" : ""}${later ? " later" : ""}`);
    const svg = draw("svg", { viewBox: `0 0 ${CELLS * 14} 22`, class: "cells", role: "img" });
    svg.append(draw("title", {}, `${name}: first components ${first.map((value) => number(value)).join(", ")}`), strip(first, this.reaches[kind], 0, 0, [14, 22], false));
    card.append(make("figcaption", "", name), svg, make("p", "", `${size} numbers, length ${number(norm)}`));
    return card;
  }

  // The likeliest of what may come next; room for them where they are not known yet.
  distribution(top, taken, title = "what may come next") {
    const card = make("figure", `vector distribution ${top ? "now" : "later"}`);
    card.append(make("figcaption", "", title));
    if (top) card.append(chances(top, taken));
    return card;
  }

  light(step, done) {
    this.veil.hidden = !(step && (done.has("normalise") || done.has("look")));
    if (this.veil.hidden) return;
    veil(this.veil, this.answer.gaze, this.answer.record.grid, step.weights);
    this.veil.setAttribute("role", "img");
    this.veil.setAttribute("aria-label", `It looks most at ${most(this.answer.record.grid, step.weights)}`);
  }
}

const short = (label) => (label.length > 8 ? `${label.slice(0, 7)}…` : label);

