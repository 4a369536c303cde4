// The heat map: a table, or for a long text a drawing; `paintMap` highlights a row or a column.

const MOST_CELLS = 2500; // in a table, which screen readers can walk through; beyond, browsers crawl
const CELL = { least: 14, most: 30, numbered: 26 }; // pixels; cells from `numbered` on carry their number

function heatMap(grid, columns = [...grid.source.keys()]) {
  return grid.target.length * columns.length > MOST_CELLS ? bigMap(grid, columns) : map(grid, columns);
}

function map(grid, columns) {
  const table = make("table", "map");
  const cell = Math.max(CELL.least, Math.min(CELL.most, (at("map").clientWidth - 180) / columns.length));
  table.style.setProperty("--cell", `${cell}px`);
  table.append(make("caption", "unseen", "Rows are output words, columns source words, cells attention in percent."));
  const head = make("tr");
  head.append(make("td"));
  for (const s of columns) {
    const cell = make("th");
    cell.scope = "col";
    cell.dataset.s = s;
    cell.append(make("span", "", grid.source[s]));
    head.append(cell);
  }
  table.createTHead().append(head);
  const body = table.createTBody();
  for (const t of grid.target.keys()) body.append(mapRow(grid, columns, t, cell >= CELL.numbered));
  return table;
}

function mapRow(grid, columns, t, numbered) {
  const [row, label] = [make("tr"), grid.target[t]];
  const name = make("th", "", label);
  name.scope = "row";
  name.dataset.t = t;
  row.append(name);
  for (const s of columns) {
    const weight = grid.weights[t][s];
    const cell = make("td", numbered && weight >= 95 ? "" : "faint", Math.round(weight / 10));
    Object.assign(cell.dataset, { t, s });
    cell.title = `${label} ← ${grid.source[s]}: ${(weight / 10).toFixed(1)} %`;
    cell.style.background = `var(--w${level(weight)})`;
    if (!cell.className) cell.style.color = `var(--i${level(weight)})`;
    row.append(cell);
  }
  const sureness = make("td", "sureness", percent(grid.confidence[t]));
  sureness.dataset.t = t;
  row.append(sureness);
  if (grid.p_gen) {
    const generated = make("td", "sureness", `${percent(grid.p_gen[t])} generated`);
    generated.dataset.t = t;
    row.append(generated);
  }
  return row;
}

// The map of a long text is a drawing that leaves out what is near zero.
function bigMap(grid, columns) {
  const [cell, letter] = [CELL.least, 7];
  const longest = (labels) => Math.max(...labels.map((label) => label.length)) * letter + 12;
  const [left, top] = [longest(grid.target), longest(columns.map((s) => grid.source[s]))];
  const [width, height] = [columns.length * cell, grid.target.length * cell];
  const drawn = draw("svg", { class: "map", role: "img", width: left + width + top, height: top + height, "aria-label": "Attention map" });
  drawn.append(draw("rect", { x: left, y: top, width, height, style: "fill: var(--w0)" }));
  for (const [t, label] of grid.target.entries()) {
    const y = top + (t + 0.8) * cell;
    drawn.append(draw("text", { x: left - 6, y, "text-anchor": "end", "data-t": t }, label));
  }
  for (const [place, s] of columns.entries()) {
    const [x, y] = [left + (place + 0.6) * cell, top - 6];
    drawn.append(draw("text", { x, y, transform: `rotate(-60 ${x} ${y})`, "data-s": s }, grid.source[s]));
  }
  for (const t of grid.target.keys()) drawn.append(...bigRow(grid, columns, t, left, top + t * cell));
  return drawn;
}

function bigRow(grid, columns, t, left, y) {
  const size = CELL.least - 1;
  const seen = [...columns.entries()].filter(([, s]) => grid.weights[t][s] >= 5);
  return seen.map(([place, s]) => {
    const weight = grid.weights[t][s];
    const style = `fill: var(--w${level(weight)})`;
    const rect = draw("rect", { x: left + place * CELL.least, y, width: size, height: size, style, "data-t": t, "data-s": s });
    rect.append(draw("title", {}, `${grid.target[t]} ← ${grid.source[s]}: ${(weight / 10).toFixed(1)} %`));
    return rect;
  });
}

// Column heads lean over, so their height and the room at the right follow from the longest word.
function slant() {
  const table = at("map").querySelector("table");
  if (!table) return;
  const widths = [...table.querySelectorAll("thead span")].map((span) => span.offsetWidth);
  table.style.setProperty("--head", `${Math.max(...widths) * 0.77 + 34}px`);
  table.style.marginInlineEnd = `${Math.max(0, widths.at(-1) * 0.64 - 40)}px`;
}

function paintMap(focus) {
  const drawn = at("map").firstChild;
  if (!drawn) return;
  for (const element of drawn.querySelectorAll(".mine")) element.classList.remove("mine");
  drawn.classList.toggle("dim", Boolean(focus));
  const line = focus && `[data-${focus.side === "target" ? "t" : "s"}="${focus.index}"]`;
  if (line) for (const element of drawn.querySelectorAll(line)) element.classList.add("mine");
}
