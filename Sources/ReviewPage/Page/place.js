// The address of what is looked at: #/ or #/slide/ID?x=…&y=…&z=…&a=…&model=…

const number = text => text === null || text.trim() === "" || !Number.isFinite(Number(text)) ? undefined : Number(text);

/** What an address means; `id` is null for the worklist. */
export function readPlace(hash) {
  const match = hash.match(/^#\/slide\/([^?]+)(?:\?(.*))?$/);
  if (!match) return { id: null };
  const query = new URLSearchParams(match[2] ?? "");
  const [x, y, zoom, angle] = ["x", "y", "z", "a"].map(name => number(query.get(name)));
  const view = [x, y, zoom].includes(undefined) ? null : { x, y, zoom, angle: angle ?? 0 };
  return { id: decoded(match[1]), view, model: query.get("model") };
}

export function placeOf(id, view, model) {
  const query = new URLSearchParams();
  if (view) {
    query.set("x", Math.round(view.x));
    query.set("y", Math.round(view.y));
    query.set("z", Number(view.zoom.toFixed(2)));
    if (view.angle) query.set("a", Number(view.angle.toFixed(1)));
  }
  if (model) query.set("model", model);
  const text = query.toString().replaceAll("+", "%20");
  return `#/slide/${encodeURIComponent(id)}${text && `?${text}`}`;
}

/** The slides in the order of the list, or all where this one is not in the list, and its place among them; -1 is none. */
export function neighbours(state, id) {
  const order = state.order?.includes(id) ? state.order : state.slides.map(row => row.id);
  return { order, place: order.indexOf(id) };
}

/** A broken escape names no slide of the job; the server will say so. */
function decoded(text) {
  try { return decodeURIComponent(text); } catch { return text; }
}
