// What the page asks of its server; every answer that is none becomes an Error with the server's own words.

async function answered(response) {
  let facts = null;
  try {
    facts = await response.json();
  } catch {
    facts = { error: `The server gave no answer (${response.status}).` };
  }
  if (!response.ok) throw new Error(facts.error ?? `The server said ${response.status}.`);
  return facts;
}

export const models = async () => answered(await fetch("models"));
export const film = async (model) => answered(await fetch(`film/${encodeURIComponent(model)}`));

// A text goes as JSON, a picture as a form with a file.
export async function lesson(model, { source, picture, options = {}, what_if = {} }, signal) {
  const address = `lesson/${encodeURIComponent(model)}`;
  if (picture) {
    const form = new FormData();
    form.append("picture", picture, picture.name || "picture");
    form.append("options", JSON.stringify(options));
    form.append("what_if", JSON.stringify(what_if));
    return answered(await fetch(address, { method: "POST", body: form, signal }));
  }
  const body = JSON.stringify({ source, options, what_if });
  return answered(await fetch(address, { method: "POST", headers: { "Content-Type": "application/json" }, body, signal }));
}
