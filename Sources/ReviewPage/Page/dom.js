// Text from a job is only ever set as text.

export { forget, remember, remembered } from "/memory.js";
export { fetchJSON, Trouble } from "/server.js";

export const byId = id => document.getElementById(id);

/** An element with properties and children; strings become text. */
export function element(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === "data") Object.assign(node.dataset, value);
    else if (name === "style") Object.assign(node.style, value);
    else node[name] = value;
  }
  node.append(...children.filter(child => child !== null && child !== undefined));
  return node;
}

export function options(select, entries, chosen) {
  select.replaceChildren(...entries.map(([value, text]) => element("option", { value, textContent: text })));
  if (entries.some(([value]) => value === chosen)) select.value = chosen;
}

/** An address with a query. */
export const address = (path, query) => `${path}?${new URLSearchParams(query)}`.replaceAll("+", "%20");

/** Three significant digits, without needless ones. */
export function short(value) {
  if (!Number.isFinite(value)) return "–";
  const text = Math.abs(value) >= 1000 ? value.toFixed(0) : value.toPrecision(3);
  return text.includes(".") && !text.includes("e") ? text.replace(/\.?0+$/, "") : text;
}

/** A length in words. */
export const microns = value => value >= 1000 ? `${short(value / 1000)} mm` : `${short(value)} µm`;

export const percent = value => `${(value * 100).toFixed(1)} %`;

/** The words of `wsi_quality`. */
export const flagsOf = quality => (quality?.flags ?? []).map(flag => element("span", {
  className: "chip flag", textContent: String(flag), title: qualityText(quality),
}));

const qualityText = quality => (quality.shown ?? [])
  .filter(name => typeof quality[name] === "number").map(name => `${name} ${short(quality[name])}`).join(", ");
