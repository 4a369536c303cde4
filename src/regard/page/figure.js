// A drawing as plain shapes, which become SVG or pixels alike: what is saved is what was seen.

const CELL = 26;
const LETTER = 7.2;
const FONT = "13px system-ui, -apple-system, 'Segoe UI', 'Noto Sans', sans-serif";

const colours = () => {
  const style = getComputedStyle(document.documentElement);
  const value = (name) => style.getPropertyValue(name).trim();
  return { paper: value("--paper"), ink: value("--ink"), muted: value("--muted"), scale: Array.from({ length: 21 }, (_, i) => [value(`--w${i}`), value(`--i${i}`)]) };
};

const longest = (labels) => Math.max(3, ...labels.map((label) => Math.min(28, label.length))) * LETTER;
const cut = (label) => (label.length > 28 ? `${label.slice(0, 27)}…` : label);

// The heat map of a grid: rows are output words, columns source words.
export function heatmap(grid, cell = CELL) {
  const { paper, ink, muted, scale } = colours();
  const small = cell < 20;
  const left = longest(grid.target) + 14;
  const top = longest(grid.source) * 0.72 + 22;
  const [width, height] = [left + grid.source.length * cell + top * 0.8 + 54, top + grid.target.length * cell + 12];
  const shapes = [{ kind: "rect", x: 0, y: 0, width, height, fill: paper }];
  const font = small ? Math.max(6, cell - 3) : 13;
  for (const [s, label] of grid.source.entries()) {
    shapes.push({ kind: "text", x: left + (s + 0.62) * cell, y: top - 7, text: cut(label), fill: ink, turn: -50, size: font });
  }
  for (const [t, label] of grid.target.entries()) {
    const y = top + t * cell;
    shapes.push({ kind: "text", x: left - 8, y: y + cell * 0.68, text: cut(label), fill: ink, anchor: "end", size: font });
    for (const [s, weight] of grid.weights[t].entries()) {
      const step = Math.round((weight / 1000) * 20);
      if (small && !step) continue;
      shapes.push({ kind: "rect", x: left + s * cell, y, width: cell - (small ? 0 : 1), height: cell - (small ? 0 : 1), fill: scale[step][0], round: small ? 0 : 3 });
      if (!small && weight >= 95) shapes.push({ kind: "text", x: left + (s + 0.5) * cell, y: y + cell * 0.66, text: String(Math.round(weight / 10)), fill: scale[step][1], anchor: "middle", size: 10.5 });
    }
    if (!small) shapes.push({ kind: "text", x: left + grid.source.length * cell + 8, y: y + cell * 0.68, text: `${Math.round(grid.confidence[t] / 10)} %`, fill: muted, size: 11 });
  }
  return { width, height, shapes };
}

// The picture, and a panel for each word, in rows.
export function panels(words, image, veils, shape) {
  const { paper, ink, muted } = colours();
  const [side, gap, across] = [190, 16, Math.min(4, words.length + 1)];
  const high = side / shape;
  const rows = Math.ceil((words.length + 1) / across);
  const [width, height] = [across * (side + gap) + gap, rows * (high + 34) + gap];
  const shapes = [{ kind: "rect", x: 0, y: 0, width, height, fill: paper }];
  for (let i = 0; i <= words.length; i++) {
    const [x, y] = [gap + (i % across) * (side + gap), gap + Math.floor(i / across) * (high + 34)];
    shapes.push({ kind: "image", x, y, width: side, height: high, image });
    if (i) shapes.push({ kind: "image", x, y, width: side, height: high, image: veils[i - 1], smooth: true });
    shapes.push({ kind: "text", x, y: y + high + 18, text: i ? words[i - 1] : "the picture", fill: i ? ink : muted, size: 13 });
  }
  return { width, height, shapes };
}

const escape = (text) => text.replace(/[&<>"]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[sign]);

export function toSvg({ width, height, shapes }) {
  const parts = shapes.map((s) => {
    if (s.kind === "rect") return `<rect x="${s.x.toFixed(1)}" y="${s.y.toFixed(1)}" width="${s.width.toFixed(1)}" height="${s.height.toFixed(1)}" rx="${s.round ?? 0}" fill="${s.fill}"/>`;
    if (s.kind === "image") return `<image x="${s.x}" y="${s.y}" width="${s.width}" height="${s.height}" preserveAspectRatio="none" href="${s.image.toDataURL()}"/>`;
    const turn = s.turn ? ` transform="rotate(${s.turn} ${s.x.toFixed(1)} ${s.y.toFixed(1)})"` : "";
    return `<text x="${s.x.toFixed(1)}" y="${s.y.toFixed(1)}" font-size="${s.size}" fill="${s.fill}" text-anchor="${s.anchor ?? "start"}"${turn}>${escape(s.text)}</text>`;
  });
  const size = `width="${width.toFixed(0)}" height="${height.toFixed(0)}" viewBox="0 0 ${width.toFixed(0)} ${height.toFixed(0)}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} font-family="system-ui, 'Segoe UI', 'Noto Sans', sans-serif">\n${parts.join("\n")}\n</svg>\n`;
}

export function toCanvas({ width, height, shapes }, scale = 2, canvas = document.createElement("canvas")) {
  Object.assign(canvas, { width: Math.round(width * scale), height: Math.round(height * scale) });
  const context = canvas.getContext("2d");
  context.scale(scale, scale);
  for (const s of shapes) {
    context.fillStyle = s.fill ?? "#000";
    if (s.kind === "image") context.drawImage(s.image, s.x, s.y, s.width, s.height);
    else if (s.kind === "rect") {
      context.beginPath();
      context.roundRect(s.x, s.y, s.width, s.height, s.round ?? 0);
      context.fill();
    } else {
      context.save();
      context.font = FONT.replace("13px", `${s.size}px`);
      context.textAlign = s.anchor === "end" ? "right" : s.anchor === "middle" ? "center" : "left";
      context.translate(s.x, s.y);
      context.rotate(((s.turn ?? 0) * Math.PI) / 180);
      context.fillText(s.text, 0, 0);
      context.restore();
    }
  }
  return canvas;
}

export function download(name, content, type) {
  const blob = content instanceof Blob ? content : new Blob([content], { type });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
