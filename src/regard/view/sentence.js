// The chosen sentence: its words, their links and what is said below. `render` draws, `paint` highlights.

function render() {
  const { grid } = chosen();
  const empty = grid.target.length === 0 || grid.source.length === 0;
  at("source").replaceChildren(...sourceWords(grid));
  at("target").replaceChildren(...grid.target.map((label, i) => word("target", label, i, grid)));
  at("play").hidden = empty || !attends(grid);
  at("units").hidden = chosen().hypothesis.tokens === null;
  at("bridge").hidden = empty;
  at("bridge").style.setProperty("--gap", `${Math.min(9, 4.5 + grid.source.length / 10)}rem`);
  at("map").replaceChildren(...(empty ? [] : [heatMap(grid)]));
  renderVerdict();
  renderOthers();
  slant();
  paint();
}

function sourceWords(grid) {
  return grid.source.map((label, i) => word("source", label, i, grid));
}

function word(side, label, index, grid) {
  const button = make("button", SIGNS.has(label) ? "word sign" : "word", label);
  button.type = "button";
  button.tabIndex = index === 0 ? 0 : -1;
  Object.assign(button.dataset, { side, index });
  if (side === "target") {
    const bar = make("span", "sure");
    const length = make("i");
    length.style.width = `${grid.confidence[index] / 10}%`;
    bar.append(length);
    button.append(bar);
    button.title = `probability ${percent(grid.confidence[index])}`;
  }
  return button;
}

function renderVerdict() {
  const item = items[state.item];
  const { hypothesis, grid } = chosen();
  const rows = [];
  if (item.reference !== null) {
    const same = item.reference === hypothesis.text;
    const shown = make("dd", same ? "right" : "", same ? "✓ the output is the same" : item.reference);
    shown.dir = "auto";
    rows.push(make("dt", "", "Reference"), shown);
  }
  if (grid.target.length > 0) {
    const whole = Math.exp(hypothesis.score) * 100;
    const probability = whole >= 0.1 ? `probability ${whole.toPrecision(2)} %` : "probability below 0.1 %";
    rows.push(make("dt", "", "Score"), make("dd", "", `${minus(hypothesis.score)}  (log-probability; ${probability})`));
  }
  at("verdict").replaceChildren(...rows);
}

function renderOthers() {
  const { hypotheses, names } = items[state.item];
  if (names) at("which").textContent = "The same sentence, by each of them";
  at("others").classList.toggle("named", names !== undefined);
  at("others").hidden = hypotheses.length < 2;
  at("hypotheses").replaceChildren(
    ...hypotheses.map((hypothesis, index) => {
      const label = make("label");
      const radio = make("input");
      Object.assign(radio, { type: "radio", name: "hypothesis", value: index, checked: index === state.hypothesis });
      const text = make("span", "", hypothesis.text || "(nothing)");
      text.dir = "auto";
      label.append(radio, make("output", "", names ? names[index] : minus(hypothesis.score)), text);
      return label;
    }),
  );
}

// ---- highlights ----

function paint() {
  const { grid } = chosen();
  const focus = state.focus;
  for (const element of document.querySelectorAll(".word")) paintWord(element, grid, focus);
  paintMap(focus);
  at("says").replaceChildren(...sentence(grid, focus));
  drawLinks(grid, focus);
}

function paintWord(element, grid, focus) {
  const { side, index } = element.dataset;
  const mine = focus && focus.side === side;
  const self = mine && focus.index === Number(index);
  const weight = focus && !mine ? weightOf(grid, focus, Number(index)) : 0;
  element.classList.toggle("focus", Boolean(self));
  element.classList.toggle("away", Boolean(focus) && !self && weight < 50);
  element.classList.toggle("later", state.playing !== null && side === "target" && Number(index) > focus.index);
  if (weight >= 50) shade(element, weight);
  else element.style.background = element.style.color = "";
}

const weightOf = (grid, focus, other) =>
  focus.side === "target" ? grid.weights[focus.index][other] : grid.weights[other][focus.index];

function sentence(grid, focus) {
  if (grid.target.length === 0) return ["An empty line gives an empty line."];
  if (!attends(grid)) return ["This model has no attention: one vector had to carry the whole sentence."];
  if (!focus) return ["Point at a word, or tap it, to see where it looked. Play follows the output word by word."];
  const others = grid[focus.side === "target" ? "source" : "target"].map((label, i) => [label, weightOf(grid, focus, i)]);
  const most = others.filter(([, weight]) => weight >= 50).sort((a, b) => b[1] - a[1]).slice(0, 4);
  const seen = most.map(([label, weight]) => `${label} ${percent(weight)}`).join(", ");
  const name = make("b", "", grid[focus.side][focus.index]);
  if (focus.side === "source") return [name, seen ? ` was looked at by ${seen}.` : " was hardly looked at."];
  const share = grid.p_gen ? `; ${percent(grid.p_gen[focus.index])} of what it could say here was generated, the rest copied` : "";
  const sure = `. The model was ${percent(grid.confidence[focus.index])} sure of it${share}.`;
  return [name, ` looked at ${seen || "many words a little"}`, sure];
}

function drawLinks(grid, focus) {
  const frame = at("bridge").getBoundingClientRect();
  const box = (element) => element.getBoundingClientRect();
  const [sources, targets] = [[...at("source").children].map(box), [...at("target").children].map(box)];
  // Sentences of several lines would drown in their links: there, the word in focus alone has strong ones.
  const several = [sources, targets].some((boxes) => boxes.length > 0 && boxes.at(-1).y > boxes[0].bottom);
  const rest = focus ? (several ? 0 : 0.12) : several ? 0.3 : 1;
  const paths = [];
  for (const [t, row] of grid.weights.entries()) {
    for (const [s, weight] of row.entries()) {
      const mine = focus && focus.index === (focus.side === "target" ? t : s);
      const later = state.playing !== null && t > focus.index;
      if (weight < (mine ? 10 : 50) || later) continue;
      paths.push(link(frame, sources[s], targets[t], weight / 1000, mine ? 1 : rest));
    }
  }
  at("links").replaceChildren(...paths);
}

function link(frame, from, to, weight, strength) {
  const [x1, y1] = [from.x + from.width / 2 - frame.x, from.bottom - frame.y];
  const [x2, y2] = [to.x + to.width / 2 - frame.x, to.y - frame.y];
  const bend = (y2 - y1) / 2;
  return draw("path", {
    d: `M${x1},${y1} C${x1},${y1 + bend} ${x2},${y2 - bend} ${x2},${y2}`,
    "stroke-width": 1 + 2.5 * weight,
    "stroke-opacity": Math.min(1, weight * strength),
  });
}
