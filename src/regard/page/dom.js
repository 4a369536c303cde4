// Small helpers that make elements and write numbers; nothing here knows what is drawn.

export const SIGNS = new Set(["<pad>", "<s>", "</s>"]);
export const LEVELS = 20;

export const at = (id) => document.getElementById(id);
export const level = (weight) => Math.round(Math.min(1, Math.max(0, weight)) * LEVELS);
export const percent = (share) => {
  const value = 100 * share;
  return value > 0 && value < 1 ? "< 1 %" : `${Math.round(value)} %`;
};
export const number = (value, digits = 2) => value.toFixed(digits).replace("-", "−");
export const shown = (token) => token.replaceAll("\u2581", "") || "␣";

export function make(name, className, text) {
  const element = document.createElement(name);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text; // never markup: tokens may look like it
  return element;
}

export function draw(name, attributes = {}, text) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  return element;
}

export function button(className, text, act) {
  const element = make("button", className, text);
  element.type = "button";
  element.addEventListener("click", act);
  return element;
}

// The style of an element is set by script, never by attribute: the page's rules allow no inline styles.
export function shade(element, weight) {
  const step = level(weight);
  element.style.background = step ? `var(--w${step})` : "";
  element.style.color = step ? `var(--i${step})` : "";
}

export function choice(name, options, chosen, act) {
  const set = make("fieldset", "choice");
  set.append(make("legend", "unseen", name));
  for (const [value, text] of options) {
    const label = make("label");
    const radio = make("input");
    Object.assign(radio, { type: "radio", name, value, checked: value === chosen });
    radio.addEventListener("change", () => act(value));
    label.append(radio, make("span", "", text));
    set.append(label);
  }
  return set;
}

// Left and right (or up and down) move the focus within a group, of which one element is in the tab order.
export function roving(group, selector, keys = ["ArrowRight", "ArrowLeft"]) {
  group.addEventListener("keydown", (event) => {
    const step = { [keys[0]]: 1, [keys[1]]: -1 }[event.key];
    const all = [...group.querySelectorAll(selector)];
    const next = step && all[all.indexOf(document.activeElement) + step];
    if (!next) return;
    event.preventDefault();
    event.stopPropagation();
    for (const element of all) element.tabIndex = element === next ? 0 : -1;
    next.focus();
  });
}
