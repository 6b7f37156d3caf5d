import { element } from "/dom.js";
import { reviewed } from "/reviews.js";

/** Slides of one case together under a head that opens and shuts. */
export class Cases {
  constructor(changed) {
    this.changed = changed;
    this.shut = new Set();
    this.heads = new Map();
    this.slides = new Map();
  }

  /** Whether any case has more than one slide, so that grouping says something. */
  get worthwhile() {
    return this.slides.size > 0;
  }

  update(slides) {
    this.slides.clear();
    for (const row of slides) {
      if (row.case !== undefined) this.slides.set(row.case, [...(this.slides.get(row.case) ?? []), row]);
    }
    for (const [name, rows] of this.slides) if (rows.length < 2) this.slides.delete(name);
  }

  /** Groups in the order of the first of each; `name` is null for a slide alone. */
  groups(rows) {
    const groups = [];
    const places = new Map();
    for (const row of rows) {
      if (!this.slides.has(row.case)) groups.push({ name: null, rows: [row] });
      else if (places.has(row.case)) places.get(row.case).rows.push(row);
      else {
        const group = { name: row.case, rows: [row] };
        places.set(row.case, group);
        groups.push(group);
      }
    }
    return groups;
  }

  /** The line above a case. */
  head({ name, rows }, view) {
    const head = this.heads.get(name) ?? this.made(name);
    const all = this.slides.get(name);
    const done = all.filter(row => reviewed(row, view.model)).length;
    const some = rows.length < all.length ? `${rows.length} of ${all.length} slides` : `${all.length} slides`;
    const text = `${some}, ${done} of ${all.length} reviewed`;
    if (head.words.textContent !== text) head.words.textContent = text;
    head.line.classList.toggle("complete", done === all.length);
    head.button.ariaExpanded = String(!this.shut.has(name));
    return head.line;
  }

  made(name) {
    const button = element("button", { type: "button", textContent: name });
    const words = element("span", { className: "quiet" });
    const cell = element("th", { scope: "rowgroup", role: "rowheader" }, button, words);
    const line = element("tr", { className: "case", role: "row" }, cell);
    line.addEventListener("click", () => {
      if (!this.shut.delete(name)) this.shut.add(name);
      this.changed();
    });
    const head = { button, words, line };
    this.heads.set(name, head);
    return head;
  }

  /** Shuts every case, or opens all where every one is shut. */
  turnAll() {
    const every = [...this.slides.keys()];
    if (every.every(name => this.shut.has(name))) this.shut.clear();
    else this.shut = new Set(every);
    this.changed();
  }
}
