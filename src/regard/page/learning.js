// Learning: the attention of a few fixed examples, validation by validation, played as a film.

import { make } from "./dom.js";
import { player } from "./film.js";

export function learning(main, page) {
  const film = page.films.get(page.model?.name);
  if (film) {
    const stop = player(main, film);
    page.leave = stop;
  } else if (film === null) {
    main.append(make("p", "empty", "No film lies in this model's folder. Training keeps one (train.watch), unless the folder was made before or its part “training” was removed."));
  } else main.append(make("p", "empty", "…"));
}
