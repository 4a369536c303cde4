// Long sources: sentence by sentence, and what was not looked at is folded. This part is only in pages that hold one;
// it takes the place of what the scripts before do, for grids that have `periods`: [first word, one past the last, share].

const SEEN = 20; // thousandths: a word at which no output word looked with so much is folded
const AROUND = 2; // words beside one that was looked at stay
const SHORTEST = 6; // words: fewer are not folded
const onShort = { chosen, look, render, sourceWords, heatMap, paint, paintWord, sentence, drawLinks, onBridgeKey, pin, start };
const facts = new WeakMap(); // of a grid: the most that any output word looked at each word, and what was unfolded

let drawing = false; // words that go lose the focus, which asks for highlights of what is not there yet

const isLong = () => Boolean(chosen().grid.periods);

chosen = () => {
  const found = onShort.chosen();
  if (found.grid.sparse) unpack(found.grid);
  return found;
};

// Weights travel as gaps and ten-thousandths, and are spread out when they are first looked at.
function unpack(grid) {
  grid.weights = grid.sparse.map((row) => {
    const weights = new Float32Array(grid.source.length);
    for (let i = 0, s = 0; i < row.length; i += 2) weights[(s += row[i]) - 1] = row[i + 1] / 10;
    return weights;
  });
  delete grid.sparse;
  const most = grid.source.map((_, s) => grid.weights.reduce((peak, row) => Math.max(peak, row[s]), 0));
  const near = (s, [first, end]) => most.slice(Math.max(first, s - AROUND), Math.min(end, s + AROUND + 1)).some((weight) => weight >= SEEN);
  const open = grid.periods.flatMap((period) => grid.source.slice(period[0], period[1]).map((_, i) => near(period[0] + i, period)));
  facts.set(grid, { most, open, first: [...open] });
}

// ---- the source ----

look = (focus) => {
  if (!drawing) onShort.look(focus);
};

render = () => {
  const { grid } = chosen();
  drawing = true;
  arrange();
  onShort.render();
  drawing = false;
  at("folding").hidden = !isLong();
  if (!isLong()) return;
  at("source").querySelector("button")?.setAttribute("tabindex", 0);
  at("jumps").hidden = copied(grid).length === 0;
  at("unfold").textContent = folds(grid).length > 0 ? "Unfold all" : "Fold";
};

// Of a long source the output comes first, so that both are in sight.
function arrange() {
  const [upper, lower] = (isLong() ? ["target", "source"] : ["source", "target"]).map(at);
  at("bridge").classList.toggle("long", isLong());
  if (upper.nextElementSibling === lower) return;
  if (at("bridge").contains(document.activeElement)) document.activeElement.blur();
  at("bridge").insertBefore(upper, lower);
}

// The runs of words to fold, [first, one past the last]; none crosses a sentence that shows some of its words.
function folds(grid) {
  const { open } = facts.get(grid);
  const found = [];
  for (const [first, end] of grid.periods) {
    const closed = !open.slice(first, end).includes(true);
    for (let s = first, start = first; s <= end; s++) {
      if (s < end && !open[s]) continue;
      const joins = closed && found.length > 0 && found.at(-1).whole && found.at(-1).end === start;
      if (joins) Object.assign(found.at(-1), { end: s, periods: found.at(-1).periods + 1 });
      else if (closed || s - start >= SHORTEST) found.push({ first: start, end: s, whole: closed, periods: 1 });
      start = s + 1;
    }
  }
  return found;
}

sourceWords = (grid) => {
  if (!grid.periods) return onShort.sourceWords(grid);
  const starts = new globalThis.Map(folds(grid).map((fold) => [fold.first, fold]));
  const rows = [];
  for (let p = 0; p < grid.periods.length; p++) {
    const [first, end, share] = grid.periods[p];
    const fold = starts.get(first);
    if (fold?.whole) {
      p += fold.periods - 1;
      rows.push(period(grid.periods.slice(p - fold.periods + 1, p + 1).reduce((sum, one) => sum + one[2], 0), [foldButton(grid, fold)]));
      continue;
    }
    const shown = [];
    for (let s = first; s < end; s++) {
      const inside = starts.get(s);
      shown.push(inside ? foldButton(grid, inside) : word("source", grid.source[s], s, grid));
      if (inside) s = inside.end - 1;
    }
    rows.push(period(share, shown));
  }
  return rows;
};

function period(share, shown) {
  const row = make("span", "period");
  const told = make("span", "share", share >= 5 ? percent(share) : "");
  told.style.setProperty("--share", `${share / 10}%`);
  told.title = `${(share / 10).toFixed(1)} % of all looks`;
  const run = make("span", "run");
  run.append(...shown);
  row.append(told, run);
  return row;
}

function foldButton(grid, fold) {
  const words = fold.end - fold.first;
  const button = make("button", "fold", `⋯ ${fold.periods > 1 ? `${fold.periods} sentences, ` : ""}${words} word${words === 1 ? "" : "s"}`);
  Object.assign(button, { type: "button", tabIndex: -1, title: `No output word looked here with ${percent(SEEN)} or more. Unfold` });
  button.setAttribute("aria-expanded", "false");
  Object.assign(button.dataset, { first: fold.first, end: fold.end });
  return button;
}

function unfold(first, end) {
  facts.get(chosen().grid).open.fill(true, first, end);
  const top = at("source").scrollTop;
  render();
  at("source").scrollTop = top;
}

const sourceWord = (s) => at("source").querySelector(`.word[data-index="${s}"]`);

// ---- jumps ----

function peak(row) {
  let best = 0;
  for (const [s, weight] of row.entries()) if (weight > row[best]) best = s;
  return best;
}

// Output words of which the model would rather copy than generate, and where each was copied from: where the word
// stands in the source, the place that was looked at most.
function copied(grid) {
  if (!grid.p_gen) return [];
  const words = [...grid.target.entries()].filter(([t, label]) => grid.p_gen[t] < 500 && !SIGNS.has(label));
  return words.map(([t, label]) => {
    const row = grid.weights[t].map((weight, s) => (grid.source[s] === label ? weight : 0));
    return { t, s: peak(row.some((weight) => weight > 0) ? row : grid.weights[t]) };
  });
}

// Scroll the source to a word, and unfold it if need be; the page stays where it is.
function reach(s) {
  const { grid } = chosen();
  const hidden = !sourceWord(s) && folds(grid).find((fold) => fold.first <= s && s < fold.end);
  if (hidden) unfold(hidden.first, hidden.end);
  for (const element of at("source").querySelectorAll(".here")) element.classList.remove("here");
  const element = sourceWord(s);
  if (!element) return;
  element.classList.add("here");
  const [frame, box] = [at("source").getBoundingClientRect(), element.getBoundingClientRect()];
  if (box.top < frame.top || box.bottom > frame.bottom) at("source").scrollTop += box.top - frame.top - frame.height / 3;
}

function jump(step) {
  const found = copied(chosen().grid);
  const now = state.pinned?.side === "target" ? state.pinned.index : step > 0 ? -1 : Infinity;
  const next = step > 0 ? found.find(({ t }) => t > now) ?? found[0] : found.findLast(({ t }) => t < now) ?? found.at(-1);
  stop();
  state.pinned = { side: "target", index: next.t };
  look(null);
  reach(next.s);
}

pin = (event) => {
  const fold = event.target.closest(".fold");
  if (fold) {
    const [first, end] = [Number(fold.dataset.first), Number(fold.dataset.end)];
    unfold(first, end);
    return sourceWord(first).focus({ preventScroll: true });
  }
  onShort.pin(event);
  if (isLong() && state.pinned?.side === "target") reach(peak(chosen().grid.weights[state.pinned.index]));
};

onBridgeKey = (event) => {
  const side = event.target.closest(".words");
  if (!isLong() || !side) return onShort.onBridgeKey(event);
  const across = { ArrowUp: "target", ArrowDown: "source" }[event.key];
  if (!across) return onShort.onBridgeKey(event);
  event.preventDefault();
  if (across !== side.id) at(across).querySelector("[tabindex='0']").focus();
};

// ---- highlights ----

paint = () => {
  onShort.paint();
  if (isLong() && state.playing !== null && state.focus?.side === "target") reach(peak(chosen().grid.weights[state.focus.index]));
};

// Thousands of words share a look: shades are of the strongest one, of the output word in focus or of all.
paintWord = (element, grid, focus) => {
  onShort.paintWord(element, grid, focus);
  if (!grid.periods || element.dataset.side !== "source" || focus?.side === "source") return;
  const weights = focus ? grid.weights[focus.index] : facts.get(grid).most;
  const weight = weights[Number(element.dataset.index)];
  element.classList.toggle("away", Boolean(focus) && weight < SEEN);
  if (weight >= SEEN) shade(element, Math.max(100, (1000 * weight) / weights[peak(weights)]));
};

sentence = (grid, focus) => {
  if (!grid.periods || focus || !attends(grid)) return onShort.sentence(grid, focus);
  const shown = grid.source.length - folds(grid).reduce((sum, fold) => sum + fold.end - fold.first, 0);
  return [`${shown} of ${grid.source.length} source words are shown; at the others no output word looked with ${percent(SEEN)} or more. `,
    "Left of each sentence is its share of all looks. Point at an output word to see where it looked; a click goes there."];
};

drawLinks = (grid, focus) => {
  if (!grid.periods) return onShort.drawLinks(grid, focus);
  at("links").replaceChildren(); // over hundreds of lines they would be a curtain
};

// Columns of the map are words that were looked at.
heatMap = (grid) => {
  if (!grid.periods) return onShort.heatMap(grid);
  const { most } = facts.get(grid);
  const columns = [...grid.source.keys()].filter((s) => most[s] >= SEEN);
  return columns.length > 0 ? onShort.heatMap(grid, columns) : make("p", "", `No output word looked at any one word with ${percent(SEEN)}.`);
};

start = () => {
  const tool = (id, text, act) => {
    const button = make("button", "tool", text);
    Object.assign(button, { id, type: "button" });
    button.addEventListener("click", act);
    return button;
  };
  const [folding, jumps] = [make("span", "folding"), make("span", "folding")];
  folding.id = "folding";
  jumps.id = "jumps";
  jumps.append(make("span", "", "Copied:"), tool("before", "Previous", () => jump(-1)), tool("next", "Next", () => jump(1)));
  folding.append(tool("unfold", "Unfold all", () => {
    const known = facts.get(chosen().grid);
    known.open = folds(chosen().grid).length > 0 ? known.open.fill(true) : [...known.first];
    render();
  }), jumps);
  at("play").parentElement.append(folding);
  onShort.start();
};
