// What this browser keeps between visits; it may refuse to (private windows, no room).

const memory = name => `wsi-review-${name}`;

export function remembered(name, usual) {
  try { return localStorage.getItem(memory(name)) ?? usual; } catch { return usual; }
}

/** False where the browser does not keep it. */
export function remember(name, value) {
  try {
    localStorage.setItem(memory(name), value);
    return true;
  } catch { return false; }
}

export function forget(name) {
  try { localStorage.removeItem(memory(name)); } catch { /* Then it was never kept. */ }
}

/** Names that begin with a word. */
export function names(start) {
  try {
    return Object.keys(localStorage).filter(key => key.startsWith(memory(start))).map(key => key.slice(memory("").length));
  } catch { return []; }
}
