// Lines between the words of a source and those of an output, as wide as attention is strong.

import { draw } from "./dom.js";

const LEAST = { mine: 0.01, others: 0.06 };

// Where the words stand: asked once, because a highlight moves none of them, and asking costs a layout.
export function measured(svg, sources, targets) {
  const box = (element) => element.getBoundingClientRect();
  return { frame: box(svg), from: sources.map(box), to: targets.map(box) };
}

// `focus` is a word, {side, index}, or nothing; `weights` are shares, a row for each output word.
export function links(svg, { frame, from, to }, weights, focus) {
  const several = [from, to].some((boxes) => boxes.length > 1 && boxes.at(-1).y > boxes[0].bottom);
  const rest = focus ? (several ? 0 : 0.1) : several ? 0.28 : 1;
  const paths = [];
  for (const [t, row] of weights.entries()) {
    if (focus?.side === "target" && focus.index !== t && rest === 0) continue;
    for (const [s, weight] of row.entries()) {
      const mine = focus && focus.index === (focus.side === "target" ? t : s);
      if (weight < (mine ? LEAST.mine : LEAST.others)) continue;
      const strength = Math.min(1, weight * (mine ? 1 : rest));
      if (strength > 0.01) paths.push(link(frame, from[s], to[t], weight, strength));
    }
    if (paths.length > 3000) break;
  }
  svg.replaceChildren(...paths);
}

function link(frame, from, to, weight, strength) {
  const [x1, y1] = [from.x + from.width / 2 - frame.x, from.bottom - frame.y];
  const [x2, y2] = [to.x + to.width / 2 - frame.x, to.y - frame.y];
  const bend = (y2 - y1) / 2;
  return draw("path", {
    d: `M${x1.toFixed(1)},${y1.toFixed(1)} C${x1.toFixed(1)},${(y1 + bend).toFixed(1)} ${x2.toFixed(1)},${(y2 - bend).toFixed(1)} ${x2.toFixed(1)},${y2.toFixed(1)}`,
    "stroke-width": (1 + 2.5 * weight).toFixed(2),
    "stroke-opacity": strength.toFixed(3),
  });
}
