import { byId } from "/dom.js";
import { Cases } from "/cases.js";
import { Columns } from "/columns.js";
import { drafts } from "/drafts.js";
import { filterNamed, offeredFilters, textOf } from "/filters.js";
import { names } from "/memory.js";
import { progressOf } from "/progress.js";
import { reader } from "/reader.js";
import { Rows } from "/rows.js";
import { reviewed } from "/reviews.js";
import { Toolbar } from "/toolbar.js";

const slideOf = event => event.target.closest("tr")?.dataset.slide;

/** The table of slides. */
export class Worklist {
  constructor(state) {
    this.state = state;
    this.chosen = null;
    this.shown = new Set();
    this.texts = new Map();
    this.rows = new Rows();
    this.columns = new Columns(() => this.draw());
    this.cases = new Cases(() => this.draw({ follow: false }));
    this.toolbar = new Toolbar(state, () => this.draw(), () => this.refresh());
    byId("turn-cases").addEventListener("click", () => this.cases.turnAll());
    this.body = byId("slides").tBodies[0];
    this.body.addEventListener("click", event => {
      const id = slideOf(event);
      if (id === undefined) return;
      if (event.target.closest("a")) this.chosen = id;
      else this.open(id);
    });
    this.body.addEventListener("focusin", event => {
      const id = slideOf(event);
      if (id !== undefined) this.mark(id, { follow: false });
    });
    // For a start at a slide, whose neighbours are wanted before the list is shown.
    state.order ??= state.slides.map(row => row.id);
    const leaves = () => location.hash.startsWith("#/slide/");
    this.away = leaves();
    addEventListener("hashchange", () => { this.away ||= leaves(); });
    addEventListener("readerchange", () => {
      if (!byId("worklist").hidden) this.refresh();
    });
  }

  show() {
    document.title = `${this.state.job} – wsi review`;
    byId("job").textContent = this.state.job;
    const before = this.state.order;
    const last = this.state.last ?? this.chosen;
    this.refresh();
    if (this.away) this.comeBack(last, before);
    this.away = false;
  }

  /** Takes over what may have changed: slides, model, reader, drafts. */
  refresh() {
    const { slides, version } = this.state;
    this.cases.update(slides);
    this.view = {
      model: this.state.model, reader: reader.name, readers: this.state.readers ?? [], cases: this.cases.worthwhile,
      withheld: this.state.blinded === true || reader.blinded, drafts: draftsOf(slides),
      forecast: slides.map(row => row.forecasts[this.state.model]).find(Boolean),
    };
    this.toolbar.show(this.view, offeredFilters(this.view));
    this.rows.update(slides, this.view, version);
    this.texts = new Map(slides.map(row => [row.id, textOf(row, this.view)]));
    byId("progress").textContent = progressOf(slides, this.view);
    this.draw();
  }

  /** Puts the lines that fit in order. */
  draw({ follow = true } = {}) {
    this.columns.show(this.view);
    const words = byId("filter-text").value.toLowerCase().split(/\s+/).filter(Boolean);
    const filter = filterNamed(byId("filter-state").value);
    const fitting = this.state.slides.filter(row =>
      filter.fits(row, this.view) && words.every(word => this.texts.get(row.id).includes(word)));
    const rows = this.columns.sorted(fitting, this.view);
    const isGrouped = this.cases.worthwhile && byId("group-cases").checked;
    const groups = isGrouped ? this.cases.groups(rows) : [{ name: null, rows }];
    this.state.order = groups.flatMap(group => group.rows.map(row => row.id));
    this.shown = new Set();
    this.lay(groups.flatMap(group => this.lines(group, isGrouped)));
    byId("slides").classList.toggle("grouped", isGrouped);
    byId("slides").classList.toggle("assigned", this.view.readers.length > 0);
    byId("nothing").hidden = rows.length > 0;
    const done = rows.filter(row => reviewed(row, this.view.model)).length;
    say(byId("count"), `${rows.length} of ${this.state.slides.length} slides, ${done} reviewed`);
    this.mark(this.state.order.includes(this.chosen) ? this.chosen : this.state.order[0] ?? null, { follow });
  }

  lines(group, isGrouped) {
    const head = group.name === null ? [] : [this.cases.head(group, this.view)];
    if (group.name !== null && this.cases.shut.has(group.name)) return head;
    return [...head, ...group.rows.map(row => {
      this.shown.add(row.id);
      const line = this.rows.line(row.id);
      line.classList.toggle("member", isGrouped && group.name !== null);
      return line;
    })];
  }

  /** A line that is moved loses the focus. */
  lay(lines) {
    const focused = document.activeElement;
    this.body.replaceChildren(...lines);
    if (focused !== document.activeElement && this.body.contains(focused)) focused.focus({ preventScroll: true });
  }

  mark(id, { follow = true } = {}) {
    for (const [name, isChosen] of [[this.chosen, false], [id, true]]) {
      const line = this.rows.line(name);
      line?.classList.toggle("chosen", isChosen);
      if (line) line.ariaCurrent = isChosen ? "true" : null;
    }
    this.chosen = id;
    if (follow && this.shown.has(id)) this.rows.line(id).scrollIntoView({ block: "nearest" });
  }

  /** To the slide last seen; where it does not fit the filter any more, to the one that came after it. */
  comeBack(last, before) {
    const place = before.indexOf(last);
    const fits = new Set(this.state.order);
    const id = [last, ...before.slice(place + 1), ...before.slice(0, Math.max(place, 0)).reverse()].find(name => fits.has(name));
    if (id === undefined) return;
    if (this.cases.shut.delete(this.state.slides.find(row => row.id === id).case)) this.draw({ follow: false });
    this.mark(id);
    const line = this.rows.line(id);
    line.scrollIntoView({ block: "center" });
    line.querySelector("a").focus({ preventScroll: true });
  }

  open(id) {
    this.chosen = id;
    location.hash = `#/slide/${encodeURIComponent(id)}`;
  }

  key(key) {
    const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[key];
    if (step) this.step(step);
    else if (key === "Enter" && this.chosen !== null && !document.activeElement.matches("#worklist :is(a, button, input)")) {
      this.open(this.chosen);
    } else if (key === "/") byId("filter-text").focus();
    else return false;
    return true;
  }

  step(step) {
    const { order } = this.state;
    let place = order.indexOf(this.chosen) + step;
    while (order[place] !== undefined && !this.shown.has(order[place])) place += step;
    if (order[place] === undefined) return;
    this.mark(order[place]);
    this.rows.line(order[place]).querySelector("a").focus({ preventScroll: true });
  }
}

/** What has not changed is not announced again. */
function say(place, text) {
  if (place.textContent !== text) place.textContent = text;
}

/** By slide. Asking for each of many slides would read all that the browser keeps as many times. */
function draftsOf(slides) {
  const kept = names("draft/").join("\n");
  const some = kept === "" ? [] : slides.filter(({ id }) => kept.includes(JSON.stringify(id)));
  const found = new Map(some.map(({ id }) => [id, drafts.of(id)]));
  return id => found.get(id) ?? [];
}
