// The path of a gaze, to be played and stepped: where each look was, what came in, and what the answer was by then.
// With `act` the next look can be put anywhere, with the pointer or by keys.

import { button, make, percent, shown } from "./dom.js";
import { chances, early, looked, scene, where, windows } from "./looks.js";

const PACE = 1000; // milliseconds that a look stays when it plays
const STRIDE = { coarse: 0.05, fine: 0.01 }; // of the picture's side, by which a key moves the cross

export class Gaze {
  constructor(page, answer, { at = null, act = null, moved = () => {} } = {}) {
    Object.assign(this, { answer, act, moved, looks: looked(answer), playing: null });
    this.at = Math.min(at ?? this.looks.length, this.looks.length); // looks that were made so far
    this.element = make("div", "gaze");
    const { frame, paint } = scene(page.image, this.looks);
    Object.assign(this, { frame, paint });
    if (act) this.aim();
    this.side = make("div", "gaze-side");
    this.side.setAttribute("aria-live", "polite");
    this.strip = make("div", "gaze-strip");
    this.strip.setAttribute("role", "group");
    this.strip.setAttribute("aria-label", "Looks");
    this.strip.append(...[null, ...this.looks].map((look, count) => this.chip(look, count)));
    this.element.append(this.controls(), frame, this.side, this.strip);
    this.keys = (event) => this.onKey(event);
    document.addEventListener("keydown", this.keys);
    this.show(this.at);
  }

  leave() {
    this.stop();
    document.removeEventListener("keydown", this.keys);
  }

  controls() {
    const bar = make("div", "controls");
    bar.setAttribute("role", "group");
    bar.setAttribute("aria-label", "Steps");
    const tool = (label, text, by) => {
      const made = button("tool", text, () => { this.stop(); this.show(this.at + by); });
      made.setAttribute("aria-label", label);
      made.title = label;
      return made;
    };
    this.player = button("tool play", "Play", () => (this.playing === null ? this.play() : this.stop()));
    this.counter = make("span", "quiet");
    bar.append(tool("Look before (left arrow)", "‹", -1), this.player, tool("Next look (right arrow)", "›", 1), this.counter);
    return bar;
  }

  // One look, small: what came in, and the answer by then.
  chip(look, count) {
    const made = button("look", "", () => { this.stop(); this.show(count); });
    if (look) made.append(windows(look, true), make("span", "number", String(count)), make("b", "", early(look)));
    else made.append(make("span", "number", "before"));
    made.setAttribute("aria-label", look ? `${where(look)}${look.top ? `; the answer by then: ${early(look)}` : ""}` : "Before the first look");
    return made;
  }

  show(count) {
    this.at = Math.min(this.looks.length, Math.max(0, count));
    this.paint(this.at);
    const look = this.looks[this.at - 1];
    this.side.replaceChildren(...this.told(look));
    for (const [i, chip] of [...this.strip.children].entries()) {
      if (i === this.at) chip.setAttribute("aria-current", "step");
      else chip.removeAttribute("aria-current");
    }
    this.counter.textContent = `${this.at} of ${this.looks.length} looks`;
    if (this.act) this.hint();
    this.moved(this.at);
  }

  told(look) {
    if (!look) return [make("h2", "", "Before the first look"), make("p", "quiet", "Nothing of the picture was looked at yet, but perhaps all of it coarsely.")];
    const { tokens } = this.answer.record;
    const several = new Set(this.looks.map(({ t }) => t)).size > 1;
    const parts = [make("h2", "", `Look ${look.n + 1} of ${look.of}${several ? ` for word ${look.t + 1}` : ""}`), windows(look)];
    if (look.top) {
      const last = look.n === look.of - 1;
      parts.push(make("p", "quiet", last ? `It said ${shown(tokens[look.t])}.` : "What it would say, were this its last look:"), chances(look.top.slice(0, 5), tokens[look.t]));
    }
    if ("sure" in look) parts.push(make("p", "quiet", `It holds that to be right at ${percent(look.sure)}.`));
    return parts;
  }

  // ---- stepping ----

  play() {
    if (this.at === this.looks.length) this.show(0);
    this.playing = setInterval(() => {
      if (this.at < this.looks.length) this.show(this.at + 1);
      if (this.at === this.looks.length) this.stop();
    }, PACE);
    this.player.textContent = "Stop";
  }

  stop() {
    clearInterval(this.playing);
    this.playing = null;
    this.player.textContent = "Play";
  }

  onKey(event) {
    if (event.target.closest("textarea, input:not([type=file]), select, .words, .aim, .pad") || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === " " && event.target.closest("button, a")) return;
    const act = {
      ArrowRight: () => this.show(this.at + 1),
      ArrowLeft: () => this.show(this.at - 1),
      Home: () => this.show(0),
      End: () => this.show(this.looks.length),
      " ": () => (this.playing === null ? this.play() : this.stop()),
    }[event.key];
    if (!act || event.target.closest(".scroll")) return;
    event.preventDefault();
    if (event.key !== " ") this.stop();
    act();
    if (this.strip.contains(document.activeElement)) this.strip.children[this.at].focus();
  }

  // ---- putting the next look elsewhere ----

  get next() {
    return this.looks[Math.min(this.at, this.looks.length - 1)];
  }

  aim() {
    const [cross, ghost] = [make("span", "cross"), make("span", "ghost")];
    this.cross = [0.5, 0.5];
    this.button = button("aim", "", (event) => {
      const place = event.detail ? this.under(event) : this.cross;
      this.act(this.next, place);
    });
    this.button.append(cross, ghost);
    this.button.addEventListener("pointermove", (event) => { if (event.pointerType === "mouse") this.point(this.under(event)); });
    this.button.addEventListener("keydown", (event) => {
      const by = event.shiftKey ? STRIDE.fine : STRIDE.coarse;
      const [x, y] = { ArrowRight: [by, 0], ArrowLeft: [-by, 0], ArrowDown: [0, by], ArrowUp: [0, -by] }[event.key] ?? [];
      if (x === undefined) return;
      event.preventDefault();
      event.stopPropagation();
      this.point([this.cross[0] + x, this.cross[1] + y]);
    });
    this.frame.append(this.button);
  }

  under(event) {
    const box = this.button.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
  }

  point(place) {
    this.cross = place.map((share) => Math.round(1000 * Math.min(1, Math.max(0, share))) / 1000);
    this.hint();
  }

  // The cross, the window that would be seen there, and the same in words.
  hint() {
    const [x, y] = this.cross;
    const [cross, ghost] = this.button.children;
    const [left, top, right, bottom] = this.next.box;
    Object.assign(cross.style, { left: `${100 * x}%`, top: `${100 * y}%` });
    Object.assign(ghost.style, { left: `${100 * (x - (right - left) / 2)}%`, top: `${100 * (y - (bottom - top) / 2)}%`, width: `${100 * (right - left)}%`, height: `${100 * (bottom - top)}%` });
    this.button.setAttribute("aria-label", `Put look ${this.next.n + 1} here: ${percent(x)} from the left, ${percent(y)} from the top`);
  }
}
