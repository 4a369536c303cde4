// The chosen sentence is a caption: its picture, and where on it each word looked. This part is only in pages
// that hold a picture; it takes the place of what sentence.js and map.js do, for captions alone.

const gaze = JSON.parse(document.getElementById("gaze-data").textContent); // the veil, and how far a region reaches
const onText = { render, sentence, drawLinks, paintWord, onBridgeKey, listItem, start };

const photo = () => items[state.item].picture;
const isSign = (label) => SIGNS.has(label);

render = () => {
  const shown = Boolean(photo());
  at("stage").hidden = at("regions").hidden = !shown;
  at("source").hidden = at("links").hidden = shown;
  at("stage").parentElement.classList.toggle("pictured", shown);
  if (!shown) return onText.render();
  const { grid } = chosen();
  const empty = grid.target.length === 0;
  at("source").replaceChildren();
  at("target").replaceChildren(...grid.target.map((label, i) => word("target", label, i, grid)));
  at("play").hidden = empty || !attends(grid);
  at("units").hidden = chosen().hypothesis.tokens === null;
  at("bridge").hidden = false;
  at("missing").textContent = photo().missing;
  setPicture(photo());
  at("map").replaceChildren(panels(grid));
  renderRegions(grid);
  renderVerdict();
  renderOthers();
  paint();
};

// A path is longer than the list is wide, and ends in what tells it from the others.
listItem = (item, index) => {
  const entry = onText.listItem(item, index);
  if (!item.picture) return entry;
  const name = entry.querySelector(".text");
  name.textContent = item.source.split(/[\\/]/).at(-1);
  name.title = item.source;
  return entry;
};

function setPicture({ data, width, height }) {
  const style = at("explorer").style; // once for all panels
  style.setProperty("--shape", width / height);
  style.setProperty("--panel", `${9 * Math.min(1.9, Math.max(0.75, Math.sqrt(width / height)))}rem`);
  style.setProperty("--picture", data ? `url(${data})` : "none");
}

// ---- from weights to light ----

const times = (a, b) => a.map((row) => b[0].map((_, j) => row.reduce((sum, value, k) => sum + value * b[k][j], 0)));
const turned = (a) => a[0].map((_, j) => a.map((row) => row[j]));

function light(canvas, grid, index) {
  const [rows, columns] = chosen().hypothesis.grid;
  const weights = grid.weights[index];
  const peak = Math.max(...weights) || 1;
  const shares = Array.from({ length: rows }, (_, r) => weights.slice(r * columns, (r + 1) * columns).map((weight) => weight / peak));
  const pixels = times(times(gaze.spread[rows], shares), turned(gaze.spread[columns]));
  Object.assign(canvas, { width: pixels[0].length, height: pixels.length });
  const veil = canvas.getContext("2d").createImageData(canvas.width, canvas.height);
  for (const [i, share] of pixels.flat().entries()) veil.data.set(gaze.veil[Math.round(Math.min(1, share) * (gaze.veil.length - 1))], 4 * i);
  canvas.getContext("2d").putImageData(veil, 0, 0);
}

// ---- a panel for each word ----

function panels(grid) {
  const list = make("div", "panels");
  for (const [t, label] of grid.target.entries()) if (!isSign(label)) list.append(panel(grid, t, label));
  return list;
}

function panel(grid, t, label) {
  const figure = make("figure", "panel");
  figure.dataset.t = t;
  const pane = make("div", "photo");
  const veil = make("canvas", "veil");
  veil.setAttribute("role", "img");
  veil.setAttribute("aria-label", `${label} looked at ${most(grid.weights[t]) || "nothing"}`);
  light(veil, grid, t);
  pane.append(veil);
  const name = make("figcaption", "", label);
  name.dir = "auto";
  name.append(make("span", "", percent(grid.confidence[t])));
  figure.append(pane, name);
  return figure;
}

// ---- the regions, on demand ----

function renderRegions(grid) {
  const [rows, columns] = chosen().hypothesis.grid;
  const table = at("cells");
  table.style.setProperty("--columns", columns);
  table.classList.toggle("dense", columns > 10);
  table.hidden = !at("numbers").checked;
  const cells = grid.source.map((label, s) => {
    const cell = make("span", "region");
    cell.dataset.s = s;
    cell.title = label;
    return cell;
  });
  const lines = Array.from({ length: rows }, (_, r) => {
    const line = make("div", "line");
    line.append(...cells.slice(r * columns, (r + 1) * columns));
    return line;
  });
  table.replaceChildren(...lines);
}

function paintRegions(grid, focus) {
  const mine = focus && focus.side === "target" ? grid.weights[focus.index] : null;
  for (const cell of at("cells").querySelectorAll(".region")) {
    const s = Number(cell.dataset.s);
    cell.textContent = mine && mine[s] >= 5 ? (mine[s] >= 100 ? Math.round(mine[s] / 10) : (mine[s] / 10).toFixed(1).replace("0.", ".")) : "";
    cell.title = mine ? `${grid.target[focus.index]} ← ${grid.source[s]}: ${(mine[s] / 10).toFixed(2)} %` : grid.source[s];
    cell.classList.toggle("focus", Boolean(focus) && focus.side === "source" && focus.index === s);
  }
}

// ---- highlights ----

function most(weights) {
  const [rows, columns] = chosen().hypothesis.grid;
  const peak = Math.max(...weights);
  if (peak <= 0) return "";
  const s = weights.indexOf(peak);
  return `row ${Math.floor(s / columns) + 1} of ${rows}, column ${(s % columns) + 1} of ${columns} (${(peak / 10).toFixed(1)} %)`;
}

sentence = (grid, focus) => {
  if (!photo()) return onText.sentence(grid, focus);
  if (grid.target.length === 0) return ["The model said nothing of this picture."];
  if (!attends(grid)) return ["This model has no attention: one vector had to carry the whole picture."];
  if (!focus) return ["Point at a word, or tap it, to see where it looked. Play follows the caption word by word."];
  if (focus.side === "source") return ["Shaded words looked here: region ", make("b", "", grid.source[focus.index]), "."];
  const seen = most(grid.weights[focus.index]);
  const sure = `The model was ${percent(grid.confidence[focus.index])} sure of it.`;
  return [make("b", "", grid.target[focus.index]), seen ? ` looked most at ${seen}. ${sure}` : ` looked at nothing. ${sure}`];
};

// Links run between words; here a highlight is light on the picture.
drawLinks = (grid, focus) => {
  if (!photo()) return onText.drawLinks(grid, focus);
  const mine = focus && focus.side === "target" && attends(grid);
  at("veil").hidden = !mine;
  if (mine) light(at("veil"), grid, focus.index);
  paintRegions(grid, focus);
};

// With hundreds of regions the strongest look is a few percent: a word's share is of its own largest.
paintWord = (element, grid, focus) => {
  if (!photo() || !focus || focus.side === "target") return onText.paintWord(element, grid, focus);
  const row = grid.weights[Number(element.dataset.index)];
  const share = (1000 * row[focus.index]) / (Math.max(...row) || 1);
  element.classList.remove("focus", "later");
  element.classList.toggle("away", share < 100);
  if (share >= 100) shade(element, share);
  else element.style.background = element.style.color = "";
};

onBridgeKey = (event) => {
  if (photo() && (event.key === "ArrowUp" || event.key === "ArrowDown")) return; // there are no words above
  onText.onBridgeKey(event);
};

start = () => {
  at("numbers").addEventListener("change", () => { at("cells").hidden = !at("numbers").checked; });
  at("cells").addEventListener("pointerover", (event) => {
    const region = event.target.closest(".region");
    if (region && state.playing === null && state.pinned === null) look({ side: "source", index: Number(region.dataset.s) });
  });
  at("cells").addEventListener("pointerleave", () => { if (state.playing === null) look(null); });
  at("map").addEventListener("click", (event) => {
    const found = photo() && event.target.closest(".panel");
    if (!found) return;
    at("target").children[Number(found.dataset.t)].focus();
    at("stage").scrollIntoView({ block: "nearest" });
  });
  onText.start();
};
