// The beam as a tree: a column for each step, a box for each hypothesis that was alive, the kept way drawn strongly.

import { draw, number, shown } from "./dom.js";

const [ACROSS, DOWN, HIGH, LETTER, SCORE] = [142, 34, 26, 7.4, 34];

export function tree(nodes) {
  const steps = Math.max(0, ...nodes.map((node) => node.step));
  const places = placed(nodes, steps);
  const [width, height] = [(steps + 1) * ACROSS + 24, Math.max(1, ...places.map((place) => place.row + 1)) * DOWN + 16];
  const svg = draw("svg", { class: "beam-tree", width, height, viewBox: `0 0 ${width} ${height}`, role: "img" });
  const kept = nodes.filter((node) => node.kept).map((node) => shown(node.token)).join(" ");
  svg.append(draw("title", {}, `The beam over ${steps} steps. Kept: ${kept}`));
  const edges = draw("g", { class: "edges" });
  const boxes = draw("g", { class: "boxes" });
  for (const node of nodes) {
    const place = places[node.id];
    if (node.parent >= 0) edges.append(edge(places[node.parent], place, node));
    boxes.append(box(node, place));
  }
  svg.append(edges, boxes);
  return svg;
}

// Within a column the kept one stands first, then what is likelier.
function placed(nodes, steps) {
  const places = [];
  for (let step = 0; step <= steps; step++) {
    const here = nodes.filter((node) => node.step === step);
    here.sort((a, b) => Number(b.kept) - Number(a.kept) || b.score - a.score);
    for (const [row, node] of here.entries()) places[node.id] = { x: 12 + step * ACROSS, y: 8 + row * DOWN, row, wide: wide(node.token) + (step ? SCORE : 0) };
  }
  return places;
}

const wide = (token) => Math.min(ACROSS - SCORE - 22, Math.max(34, shown(token).length * LETTER + 16));

function edge(from, to, node) {
  const [x1, y1, x2, y2] = [from.x + from.wide, from.y + HIGH / 2, to.x, to.y + HIGH / 2];
  const bend = Math.max(14, (x2 - x1) * 0.6);
  return draw("path", { d: `M${x1},${y1} C${x1 + bend},${y1} ${x2 - bend},${y2} ${x2},${y2}`, class: node.kept ? "kept" : "" });
}

function box(node, { x, y }) {
  const group = draw("g", { class: [node.kept ? "kept" : "", node.ended ? "ended" : ""].join(" ").trim() });
  const width = wide(node.token);
  const label = shown(node.token);
  const most = Math.floor((width - 12) / LETTER);
  group.append(
    draw("rect", { x, y, width, height: HIGH, rx: 7 }),
    draw("text", { x: x + width / 2, y: y + 17, "text-anchor": "middle" }, label.length > most + 1 ? `${label.slice(0, most)}…` : label),
    draw("title", {}, `${label}: ${number(node.score)}${node.ended ? ", ended here" : ""}`),
  );
  if (node.step) group.append(draw("text", { x: x + width + 4, y: y + 17, class: "score" }, number(node.score, 1)));
  return group;
}
