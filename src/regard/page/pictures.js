// Pictures to ask about, from a file, from a set of them (arrays as MNIST comes, packed or not) by number, or drawn.

import { at, button, make } from "./dom.js";
import { bitmap, photo } from "./light.js";

const [PEN, SETTLED] = [2.2, 350]; // pixels of the model's picture; milliseconds after a stroke until it is taken
const GZIP = [0x1f, 0x8b];

let sides, taken, set, timer; // the model's picture, who takes a picture, and the set that one is chosen of

// `take` gets a picture's file and its bitmap, `fail` a sentence.
export function listen(take, fail) {
  taken = take;
  const file = (given) => given && opened(given).catch(() => fail(`${given.name} is no picture that can be shown.`));
  at("picture").addEventListener("change", () => file(at("picture").files[0]));
  at("number").addEventListener("change", () => numbered(Number(at("number").value)));
  at("number").addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault(); // the form would ask about the picture before
    numbered(Number(at("number").value));
  });
  at("draw").addEventListener("click", () => open(at("pad").hidden));
  at("wipe").addEventListener("click", wipe);
  for (const name of ["dragenter", "dragover", "dragleave", "drop"]) {
    document.addEventListener(name, (event) => {
      if (at("drop").hidden || !event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      at("drop").classList.toggle("over", name === "dragenter" || name === "dragover");
      if (name === "drop") file(event.dataTransfer.files[0]);
    });
  }
  drawing();
}

// What can be given to a model: without colours its pictures can be drawn, and come in sets.
export function settle(model) {
  sides = model.picture;
  const grey = sides && !sides.colours;
  at("draw").hidden = !grey;
  if (grey) at("picture").removeAttribute("accept");
  else at("picture").setAttribute("accept", "image/*");
  open(false);
  if (grey) Object.assign(at("paper"), { width: sides.side, height: sides.side });
  if (grey) wipe();
}

// Examples that a film of the training has, to begin with.
export function examples(film) {
  return film.examples.filter((one) => one.picture?.data).slice(0, 6).map((one, i) => {
    const chip = button("chip thumb", "", () => opened(new File([bytes(one.picture.data)], `example ${i + 1}`, { type: "image/jpeg" })));
    const canvas = make("canvas");
    bitmap(one.picture.data).then((image) => photo(canvas, image, 96));
    chip.append(canvas);
    chip.setAttribute("aria-label", `Example ${i + 1}`);
    return chip;
  });
}

const bytes = (data) => Uint8Array.from(atob(data.slice(data.indexOf(",") + 1)), (sign) => sign.charCodeAt(0));

async function opened(file) {
  set = await array(file);
  at("number-label").hidden = !set;
  if (!set) return show(file, await bitmap(file));
  Object.assign(at("number"), { max: set.count - 1, value: 0 });
  at("number-of").textContent = `of 0 to ${(set.count - 1).toLocaleString("en")}`;
  return numbered(0);
}

function show(file, image) {
  photo(at("chosen"), image, 160);
  at("chosen").hidden = false;
  at("drop-text").textContent = file.name;
  taken(file, image);
}

async function numbered(wanted) {
  if (!set) return;
  const number = Math.min(set.count - 1, Math.max(0, Math.round(wanted) || 0));
  at("number").value = number;
  if (set.now === number) return;
  set.now = number;
  const canvas = make("canvas");
  Object.assign(canvas, { width: set.width, height: set.height });
  const pen = canvas.getContext("2d");
  const pixels = pen.createImageData(set.width, set.height);
  const size = set.width * set.height;
  for (let i = 0; i < size; i++) {
    pixels.data.fill(set.bytes[set.first + number * size + i], 4 * i, 4 * i + 3);
    pixels.data[4 * i + 3] = 255;
  }
  pen.putImageData(pixels, 0, 0);
  await sent(canvas, `${set.name} ${number}`);
}

async function sent(canvas, name) {
  const blob = await new Promise((done) => { canvas.toBlob(done, "image/png"); });
  const file = new File([blob], `${name}.png`, { type: "image/png" });
  show(file, await bitmap(file));
}

// An array of pictures: two zero bytes, 8 for bytes, 3 for its dimensions, then each of these in four bytes.
async function array(file) {
  const head = new Uint8Array(await file.slice(0, 2).arrayBuffer());
  const packed = GZIP.every((byte, i) => head[i] === byte);
  if (!packed && (head[0] || head[1])) return null; // no kind of picture begins with two zeros but icons
  const stream = packed ? file.stream().pipeThrough(new DecompressionStream("gzip")) : file.stream();
  const found = await new Response(stream).arrayBuffer();
  const view = new DataView(found);
  if (found.byteLength < 16 || view.getUint32(0) !== 0x803) return null;
  const [count, height, width] = [4, 8, 12].map((place) => view.getUint32(place));
  if (!count || !height || !width || found.byteLength !== 16 + count * height * width) return null;
  return { name: file.name, count, height, width, first: 16, bytes: new Uint8Array(found) };
}

// ---- drawing ----

function open(wanted) {
  at("pad").hidden = !wanted;
  at("draw").setAttribute("aria-expanded", String(wanted));
  if (wanted) at("paper").focus({ preventScroll: true });
}

function wipe() {
  clearTimeout(timer);
  const pen = at("paper").getContext("2d", { willReadFrequently: true }); // after each stroke
  pen.fillStyle = "#000";
  pen.fillRect(0, 0, at("paper").width, at("paper").height);
}

function drawing() {
  const paper = at("paper");
  const place = { x: 0.5, y: 0.5, down: false }; // of the pen that keys move
  const line = (from, to) => {
    const pen = paper.getContext("2d", { willReadFrequently: true });
    Object.assign(pen, { strokeStyle: "#fff", lineWidth: PEN, lineCap: "round", lineJoin: "round" });
    pen.beginPath();
    pen.moveTo(from[0] * paper.width, from[1] * paper.height);
    pen.lineTo(to[0] * paper.width, to[1] * paper.height);
    pen.stroke();
    clearTimeout(timer);
    timer = setTimeout(() => sent(paper, "drawing"), SETTLED);
  };
  const under = (event) => {
    const box = paper.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
  };
  let last = null;
  paper.addEventListener("pointerdown", (event) => { paper.setPointerCapture(event.pointerId); last = under(event); line(last, last); });
  paper.addEventListener("pointermove", (event) => {
    if (!last) return;
    const next = under(event);
    line(last, next);
    last = next;
  });
  for (const name of ["pointerup", "pointercancel"]) paper.addEventListener(name, () => { last = null; });
  paper.addEventListener("keydown", (event) => {
    const by = 1.5 / paper.width;
    const [x, y] = { ArrowRight: [by, 0], ArrowLeft: [-by, 0], ArrowDown: [0, by], ArrowUp: [0, -by] }[event.key] ?? [];
    if (event.key === " ") place.down = !place.down;
    else if (x === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const before = [place.x, place.y];
    if (x !== undefined) Object.assign(place, { x: Math.min(1, Math.max(0, place.x + x)), y: Math.min(1, Math.max(0, place.y + y)) });
    Object.assign(at("nib").style, { left: `${100 * place.x}%`, top: `${100 * place.y}%` });
    at("nib").hidden = false;
    at("nib").classList.toggle("down", place.down);
    at("pen-says").textContent = event.key === " " ? `The pen is ${place.down ? "down" : "up"}.` : "";
    if (place.down) line(before, [place.x, place.y]);
  });
  paper.addEventListener("blur", () => { at("nib").hidden = true; });
}
