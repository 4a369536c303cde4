// One model's drawing where it looks at parts of a picture: the picture with the path, what came in, the vectors.

import { make } from "./dom.js";
import { Drawing } from "./drawing.js";
import { looked, scene, windows } from "./looks.js";

export class Sight extends Drawing {
  constructor(answer, page, name) {
    super(answer, page, name);
    this.seen = make("div", "seen");
    this.holder.replaceWith(this.seen); // all places of the source have the same state: what is seen is elsewhere
    this.element.classList.add("sight");
  }

  picture() {
    this.looks = looked(this.answer);
    const { frame, paint } = scene(this.page.image, this.looks, 480);
    this.paint = paint;
    return frame;
  }

  show(all, index, told) {
    const stage = all[index];
    const step = this.answer.lesson.steps[stage.t];
    this.tell(told);
    const made = this.looks.filter(({ t, n }) => t < stage.t || (t === stage.t && (stage.n === undefined ? stage.kind === "distribution" : n <= stage.n))).length;
    this.paint?.(made);
    const inside = ["see", "rnn", "early"].includes(stage.kind) && stage.n !== undefined;
    this.seen.replaceChildren(...(inside ? [windows(step.looks[stage.n])] : []));
    this.below.replaceChildren();
    this.next.replaceChildren();
    if (step) this.vectorsIn(step, stage);
    else if (stage.kind === "before") this.below.append(this.vector("what is known before", this.answer.lesson.source.summary, { now: true, kind: "summary" }));
  }

  // The vectors of this look alone.
  vectorsIn(step, stage) {
    const { kind, n } = stage;
    const attends = [...step.events.keys()].filter((i) => step.events[i].kind === "attend");
    const [first, end] = n === undefined ? [0, attends[0] ?? step.events.length] : [attends[n], attends[n + 1] ?? step.events.length];
    for (const event of step.events.slice(first, end)) {
      if (event.kind === "embed") this.below.append(this.vector("word before", event.vector, { now: kind === "embed", kind: "embed" }));
      else if (event.kind === "step") {
        const facts = { now: kind === "rnn", later: kind === "aim" || kind === "see" };
        this.below.append(this.vector("state before", event.before, facts), this.arrow(), this.vector("state after", event.after, facts));
      } else if (event.kind === "attend" && kind === "aim") this.below.append(this.vector("query: the decoder's state", event.query, { now: true }));
      else if (event.kind === "attend") this.below.append(this.vector("context: what was seen, and where", event.context, { now: kind === "see", kind: "attend" }));
    }
    const look = step.looks?.[n];
    if (kind === "early") this.next.append(this.distribution(look.top, look.top[0][0], "what it would say now"));
    else if (kind === "distribution") this.next.append(this.distribution(step.top, step.token, "what may come next"));
  }
}
