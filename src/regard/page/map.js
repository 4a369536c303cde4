// The heat map: a table that screen readers can walk through, or for a long text a drawing on a canvas.

import { make, percent, shade } from "./dom.js";
import { heatmap, toCanvas } from "./figure.js";

const MOST = 2500; // cells of a table; beyond, browsers crawl
const CELL = { least: 15, most: 32, numbered: 26 };

// Returns the element and a function that highlights a word of either side.
export function map(grid, width) {
  if (grid.source.length * grid.target.length > MOST) return drawing(grid);
  const table = make("table", "map");
  const cell = Math.max(CELL.least, Math.min(CELL.most, (width - 190) / grid.source.length));
  table.style.setProperty("--cell", `${cell}px`);
  table.append(make("caption", "unseen", "Rows are output words, columns source words, cells attention in percent."));
  const head = make("tr");
  head.append(make("td"));
  for (const [s, label] of grid.source.entries()) {
    const name = make("th");
    Object.assign(name, { scope: "col" }).dataset.s = s;
    name.append(make("span", "", label));
    head.append(name);
  }
  table.createTHead().append(head);
  const body = table.createTBody();
  for (const [t, label] of grid.target.entries()) body.append(line(grid, t, label, cell >= CELL.numbered));
  return { element: table, slant: () => slant(table), paint: (focus) => paint(table, focus) };
}

function line(grid, t, label, numbered) {
  const row = make("tr");
  const name = make("th", "", label);
  name.scope = "row";
  name.dataset.t = t;
  row.append(name);
  for (const [s, weight] of grid.weights[t].entries()) {
    const cell = make("td", "", Math.round(weight / 10));
    Object.assign(cell.dataset, { t, s });
    cell.title = `${label} ← ${grid.source[s]}: ${(weight / 10).toFixed(1)} %`;
    shade(cell, weight / 1000);
    if (!(numbered && weight >= 95)) cell.style.color = "transparent";
    row.append(cell);
  }
  const sureness = make("td", "sureness", percent(grid.confidence[t] / 1000));
  sureness.dataset.t = t;
  row.append(sureness);
  return row;
}

// Column heads lean over, so their height and the room at the right follow from the longest word.
function slant(table) {
  const widths = [...table.querySelectorAll("thead span")].map((span) => span.offsetWidth);
  if (!widths.length) return;
  table.style.setProperty("--head", `${Math.max(...widths) * 0.77 + 34}px`);
  table.style.marginInlineEnd = `${Math.max(0, widths.at(-1) * 0.64 - 40)}px`;
}

function paint(table, focus) {
  for (const element of table.querySelectorAll(".mine")) element.classList.remove("mine");
  table.classList.toggle("dim", Boolean(focus));
  if (!focus) return;
  for (const element of table.querySelectorAll(`[data-${focus.side === "target" ? "t" : "s"}="${focus.index}"]`)) element.classList.add("mine");
}

// Everything is drawn once; a highlight is a strip laid over it, which costs nothing.
function drawing(grid) {
  const cell = Math.max(4, Math.min(12, Math.floor(4000 / grid.source.length)));
  const figure = heatmap(grid, cell);
  const whole = make("div", "bigmap");
  const canvas = toCanvas(figure, Math.min(2, 12000 / figure.width));
  canvas.style.width = `${figure.width}px`;
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", `Heat map of ${grid.target.length} output words and ${grid.source.length} source words.`);
  const strip = make("i", "strip");
  whole.append(canvas, strip);
  const [first] = figure.shapes.filter((s) => s.kind === "text" && s.anchor === "end");
  const [left, top] = [first.x + 8, first.y - cell * 0.68];
  const across = grid.source.length * cell;
  const down = grid.target.length * cell;
  return {
    element: whole,
    slant: () => {},
    place: (event) => {
      const box = canvas.getBoundingClientRect();
      const [s, t] = [Math.floor((event.clientX - box.x - left) / cell), Math.floor((event.clientY - box.y - top) / cell)];
      return t >= 0 && t < grid.target.length && s < grid.source.length ? { side: "target", index: t } : null;
    },
    paint: (focus) => {
      strip.hidden = !focus;
      if (!focus) return;
      const [x, y, w, h] = focus.side === "target" ? [left, top + focus.index * cell, across, cell] : [left + focus.index * cell, top, cell, down];
      Object.assign(strip.style, { left: `${x}px`, top: `${y}px`, width: `${w}px`, height: `${h}px` });
    },
  };
}

