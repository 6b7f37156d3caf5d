import { address, fetchJSON } from "/dom.js";

/** Asks for something of a result. null where the answer came too late or the result is another one by now. */
export async function askOfResult(viewer, path, query, isWanted) {
  try {
    const answer = await fetchJSON(address(path, viewer.query(query)));
    return isWanted() ? answer : null;
  } catch (error) {
    if (!isWanted()) return null;
    if (!["changed", "refused"].includes(error.kind)) throw error;
    viewer.conflict(error.message);
    return null;
  }
}

/** The values of all patches of a map, found by their place. */
export class PatchValues {
  constructor({ side, places, values }) {
    this.side = side;
    this.places = places;
    this.values = values;
    this.cells = new Map();
    values.forEach((_, patch) => {
      const cell = this.cellOf(places[2 * patch], places[2 * patch + 1]);
      if (this.cells.has(cell)) this.cells.get(cell).push(patch);
      else this.cells.set(cell, [patch]);
    });
  }

  cellOf(x, y) { return `${Math.floor(x / this.side)},${Math.floor(y / this.side)}`; }

  /** The patch at a place; of several the one whose middle is nearest. undefined where there is none. */
  patchAt(x, y) {
    let found, nearest = Infinity;
    for (const [left, top] of [[x, y], [x - this.side, y], [x, y - this.side], [x - this.side, y - this.side]]) {
      for (const patch of this.cells.get(this.cellOf(left, top)) ?? []) {
        const [dx, dy] = [x - this.places[2 * patch], y - this.places[2 * patch + 1]];
        if (dx < 0 || dy < 0 || dx >= this.side || dy >= this.side) continue;
        const distance = Math.hypot(dx - this.side / 2, dy - this.side / 2);
        if (distance < nearest) [found, nearest] = [patch, distance];
      }
    }
    return found;
  }

  /** Mid-ranks, 0...1, as the server's percentiles. */
  get ranks() {
    this.knownRanks ??= this.findRanks();
    return this.knownRanks;
  }

  findRanks() {
    const { values } = this;
    if (values.length < 2) return values.map(() => 0.5);
    const order = values.map((_, patch) => patch).sort((a, b) => values[a] - values[b]);
    const ranks = new Array(values.length);
    for (let start = 0; start < order.length;) {
      let end = start;
      while (end + 1 < order.length && values[order[end + 1]] === values[order[start]]) end += 1;
      for (let place = start; place <= end; place += 1) ranks[order[place]] = (start + end) / 2 / (values.length - 1);
      start = end + 1;
    }
    return ranks;
  }
}
