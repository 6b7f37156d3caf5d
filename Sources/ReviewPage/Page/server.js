import { reader } from "/reader.js";

/** Why the server did not give what was asked: offline, refused (403), missing (404), changed (409) or other. */
export class Trouble extends Error {
  constructor(kind, message) {
    super(message);
    this.kind = kind;
  }
}

const kinds = { 403: "refused", 404: "missing", 409: "changed" };

/** How long the whole of an answer may take, in milliseconds: a slide on a far disk is opened meanwhile. */
export const patience = 60000;

/** Ends a question after some time, whatever the server does with it, or where it is called off. */
export function within(time, signal) {
  const end = new AbortController();
  setTimeout(() => end.abort(new DOMException("no answer", "TimeoutError")), time);
  signal?.addEventListener("abort", () => end.abort(signal.reason));
  return end.signal;
}

/** Every question of the page goes through here; a question that was called off throws its `AbortError`. */
export async function fetchJSON(url, { time = patience, ...settings } = {}) {
  try {
    const answer = await fetch(asReader(url), { ...settings, signal: within(time, settings.signal) });
    if (answer.ok) return await answer.json();
    const words = (await answer.text()).trim();
    throw new Trouble(kinds[answer.status] ?? "other", words || `the server said ${answer.status}`);
  } catch (error) {
    if (error instanceof Trouble || settings.signal?.aborted) throw error;
    if (error.name === "TimeoutError") throw new Trouble("offline", "the server does not answer");
    if (error instanceof SyntaxError) throw new Trouble("other", "the server's answer cannot be read");
    throw new Trouble("offline", "the server cannot be reached");
  }
}

function asReader(url) {
  const { pathname, searchParams } = new URL(url, location.origin);
  for (const [name, value] of Object.entries(reader.query)) {
    if (!searchParams.has(name)) searchParams.set(name, value);
  }
  return `${pathname}?${searchParams}`.replaceAll("+", "%20");
}
