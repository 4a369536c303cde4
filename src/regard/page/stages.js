// The stages that a lesson is told in: of the source once, then of each output word, in the order of the computation.

import { percent, shown } from "./dom.js";
import { looked, where } from "./looks.js";

const MOST = 12; // stages in which the states of a source appear

export function stages(answer) {
  const { source, steps } = answer.lesson;
  const places = answer.record.source_tokens.length;
  const found = [{ t: -1, kind: "tokens", upto: places }];
  const gazes = looked(answer).length > 0;
  if (gazes) found.push({ t: -1, kind: "before", upto: places });
  if (source.embeddings) found.push({ t: -1, kind: "embeddings", upto: places });
  const chunk = Math.ceil(places / MOST);
  for (let upto = chunk; !gazes && upto < places + chunk; upto += chunk) found.push({ t: -1, kind: "states", upto: Math.min(upto, places) });
  for (const [t, step] of steps.entries()) {
    let n; // the look that is being made, of those at parts of a picture
    for (const [e, event] of step.events.entries()) {
      const gaze = event.kind === "attend" && step.looks?.[n === undefined ? 0 : n + 1]?.box;
      if (gaze) n = n === undefined ? 0 : n + 1;
      for (const kind of gaze ? ["aim", "see"] : kinds(event, answer.lesson)) found.push({ t, e, n, kind, upto: places });
      const told = event.kind === "step" && n !== undefined && n < step.looks.length - 1 && step.looks[n].top;
      if (told) found.push({ t, e, n, kind: "early", upto: places });
    }
    found.push({ t, kind: "distribution", upto: places });
  }
  return found;
}

function kinds(event, lesson) {
  if (event.kind === "embed") return ["embed"];
  if (event.kind === "step") return ["rnn"];
  if (!lesson.looks) return ["context"];
  return lesson.scored ? ["score", "normalise", "sum"] : ["look", "sum"];
}

// Where another model is when the first is at `stage`: at the same stage of the same word, or at what comes nearest.
export function beside(all, stage) {
  const last = all.at(-1);
  const t = Math.min(stage.t, last.t);
  const here = [...all.keys()].filter((i) => all[i].t === t);
  if (stage.t > last.t) return all.length - 1;
  const same = here.filter((i) => all[i].kind === stage.kind && (stage.t >= 0 || all[i].upto >= stage.upto));
  if (same.length) return same.find((i) => all[i].n === stage.n) ?? (stage.n === undefined ? same[0] : same.at(-1)); // of looks the same one
  const alike = { score: "context", normalise: "context", look: "context", sum: "context", aim: "look", see: "sum", context: "sum" }[stage.kind];
  return here.find((i) => all[i].kind === alike) ?? here.at(-1);
}

const size = (shape) => shape.join(" × ");

// What is said of a stage: its name, whose idea it is, its formula, the shapes of what goes in and comes out.
export function told(answer, stage) {
  const { lesson, parts, record } = answer;
  const S = record.source_tokens.length;
  const step = lesson.steps[stage.t];
  const event = step?.events[stage.e];
  const word = step ? shown(step.token) : "";
  const M = lesson.source.states.shape[1];
  switch (stage.kind) {
    case "tokens":
      if (looked(answer).length) return { name: "The picture", formula: "picture → pixels", shapes: `${looked(answer).length} looks were made at it`, text: "It is not taken in at once: parts of it are looked at, one after the other." };
      return { name: "Tokens", formula: record.grid ? "picture → regions" : "text → tokens → ids", shapes: `${S} places`, text: record.grid ? `The picture is looked at in ${S} regions.` : "The source as the model cuts it. The end sign can be looked at too." };
    case "before":
      return { name: "Before the first look", title: parts.encoder.title, formula: parts.encoder.formula, shapes: `${lesson.source.summary.size}  (M)`, text: "What the decoder begins with." };
    case "aim":
      return { name: `Look ${stage.n + 1}: where`, title: parts.attention.title, formula: parts.attention.formula, shapes: `query ${event.query.size} → a place`, text: `The decoder's state says where to look: ${where({ ...step.looks[stage.n], n: stage.n })}.` };
    case "see":
      return { name: `Look ${stage.n + 1}: what`, title: parts.attention.title, formula: parts.attention.formula, shapes: `${size(step.looks[stage.n].seen?.shape ?? [])} pixels → ${event.context.size}`, text: "What came in through the windows, and where that was, becomes one vector." };
    case "early":
      return { name: "What it would say", title: parts.output.title, formula: parts.output.formula, shapes: `features → ${step.looks[stage.n].top.length} likeliest of the vocabulary`, text: `Were this its last look, it would say ${shown(step.looks[stage.n].top[0][0])}, at ${percent(step.looks[stage.n].top[0][1])}.${"sure" in step.looks[stage.n] ? ` It holds that to be right at ${percent(step.looks[stage.n].sure)}.` : ""}` };
    case "embeddings":
      return { name: "Embeddings", formula: "x_s = √E · table[token_s]", shapes: `${size(lesson.source.embeddings.shape)}  (places × E)`, text: "Each token becomes a vector. Blue cells are above zero, amber ones below; the first twelve are drawn." };
    case "states":
      return { name: "Encoder states", title: parts.encoder.title, formula: parts.encoder.formula, shapes: `${size(lesson.source.states.shape)}  (places × M)`, text: lesson.looks ? "Each place gets a state that knows its surroundings. All of them are kept." : "Each place gets a state. Only one vector is handed on: the summary." };
    case "embed":
      return { name: "The word before", formula: "y = √E · table[token]", shapes: `${event.vector.size}  (E)`, text: step.previous === "<s>" ? "Before the first word stands the start sign." : `The word that was just said, ${shown(step.previous)}, is read again.` };
    case "score":
      return { name: "Scores", title: parts.attention.title, formula: parts.attention.formula, shapes: `query ${event.query.size}, states ${S} × ${M} → ${event.reads.length > 1 ? `${event.reads.length} × ` : ""}${event.reads[0].scores.length > 1 ? `${event.reads[0].scores.length} × ` : ""}${S} scores`, text: "The decoder's state asks; each source place gets a score for how well it answers." };
    case "normalise":
      return { name: parts.normaliser.name === "softmax" ? "Softmax" : parts.normaliser.name, title: parts.normaliser.title, formula: parts.normaliser.formula, shapes: `${S} scores → ${S} weights, together ${percent(sum(step.weights))}`, text: `Scores become weights. ${look(record, step)}` };
    case "look":
      return { name: "Where to stop", title: parts.attention.title, formula: parts.attention.formula, shapes: `query ${event.query.size}, states ${S} × ${M} → ${S} weights`, text: look(record, step) };
    case "sum":
      return { name: "Weighted sum", title: parts.attention.title, formula: parts.attention.name === "multi_head" ? parts.attention.formula : "context = Σ_s weight_s · state_s", shapes: `${S} weights · ${S} × ${M} → ${event.context.size}`, text: "The states, each as much as its weight says, become one vector: the context." };
    case "context":
      return { name: "One context vector", title: parts.attention.title, formula: parts.attention.formula, shapes: `${event.context.size}  (M)`, text: "Without attention the same summary of the whole source is used for every word." };
    case "rnn":
      return { name: "RNN step", title: parts.decoder.title, formula: parts.decoder.formula, shapes: `input ${event.input.size}, state ${event.before.size} → state ${event.after.size}`, text: "The decoder's state takes in what it is given, and moves on." };
    default:
      return { name: "Output distribution", title: parts.output.title, formula: parts.output.formula, shapes: `features → ${step.top.length} likeliest of the vocabulary`, text: `${word} is what the search went on with, at ${percent(step.probability)}.${"p_gen" in step ? ` ${percent(step.p_gen)} of the probability was generated, the rest copied.` : ""}` };
  }
}

const sum = (weights) => weights.reduce((total, weight) => total + weight, 0);

function look(record, step) {
  const peak = Math.max(...step.weights);
  return peak > 0 ? `Most goes to ${shown(record.source_tokens[step.weights.indexOf(peak)])}: ${percent(peak)}.` : "It looks nowhere.";
}
