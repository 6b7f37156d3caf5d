import { address, byId, element, flagsOf, options, percent, probabilityBar, remember, verdictOf } from "/dom.js";

const columns = [
  { name: "", key: null },
  { name: "Slide", key: row => row.id },
  { name: "Label", key: row => row.label ?? "" },
  { name: "Prediction", key: (row, forecast) => forecast ? verdictOf(forecast).decided : "" },
  { name: "Probability", key: (row, forecast) => forecast ? verdictOf(forecast).probability : -1 },
  { name: "Patches", key: (row, forecast) => forecast?.patches ?? -1 },
  { name: "Quality", key: row => -(row.quality?.flags?.length ?? 0) },
  { name: "Reviewed", key: row => row.reviews.length ? row.reviews.at(-1).time : "" },
];

/** The table of slides. */
export class Worklist {
  constructor(state) {
    this.state = state;
    this.sort = { column: 1, rising: true };
    this.chosen = null;
    const head = byId("slides").tHead.rows[0];
    columns.forEach((column, index) => {
      const cell = element("th", { textContent: column.name });
      if (column.key) {
        cell.addEventListener("click", () => {
          this.sort = { column: index, rising: this.sort.column === index ? !this.sort.rising : true };
          this.draw();
        });
      }
      head.append(cell);
    });
    byId("filter-text").addEventListener("input", () => this.draw());
    byId("filter-state").addEventListener("change", () => this.draw());
    byId("list-model").addEventListener("change", event => {
      state.model = event.target.value;
      remember("model", state.model);
      this.draw();
    });
  }

  show() {
    document.title = `${this.state.job} – wsi review`;
    byId("job").textContent = this.state.job;
    options(byId("list-model"), this.state.models.map(name => [name, name]), this.state.model);
    byId("list-model").parentElement.hidden = this.state.models.length === 0;
    this.draw();
  }

  /** Slides in the order of the table. */
  rows() {
    const { column, rising } = this.sort;
    const words = byId("filter-text").value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = byId("filter-state").value;
    const value = row => columns[column].key(row, row.forecasts[this.state.model]);
    return this.state.slides.filter(row => this.fits(row, words, wanted)).sort((a, b) => {
      const [left, right] = [value(a), value(b)];
      const order = typeof left === "string" ? left.localeCompare(right, undefined, { numeric: true }) : left - right;
      return (rising ? order : -order) || a.id.localeCompare(b.id, undefined, { numeric: true });
    });
  }

  fits(row, words, wanted) {
    const forecast = row.forecasts[this.state.model];
    const verdict = forecast && verdictOf(forecast);
    const text = [row.id, row.label, verdict?.decided, ...row.reviews.map(review => `${review.reviewer} ${review.verdict}`),
      ...(row.quality?.flags ?? [])].join(" ").toLowerCase();
    if (!words.every(word => text.includes(word))) return false;
    switch (wanted) {
      case "open": return row.reviews.length === 0;
      case "done": return row.reviews.length > 0;
      case "disagree": return row.reviews.some(review => review.verdict !== "agree");
      case "flagged": return (row.quality?.flags?.length ?? 0) > 0;
      case "near": return verdict !== undefined && Math.abs(verdict.probability - (verdict.threshold ?? 0.5)) < 0.1;
      default: return true;
    }
  }

  draw() {
    const rows = this.rows();
    this.state.order = rows.map(row => row.id);
    byId("slides").tBodies[0].replaceChildren(...rows.map(row => this.row(row)));
    byId("nothing").hidden = rows.length > 0;
    const done = rows.filter(row => row.reviews.length).length;
    byId("count").textContent = `${rows.length} of ${this.state.slides.length} slides, ${done} reviewed`;
    [...byId("slides").tHead.rows[0].cells].forEach((cell, index) => {
      cell.dataset.sorted = index !== this.sort.column ? "" : this.sort.rising ? "rising" : "falling";
    });
    this.mark(this.chosen !== null && rows.some(row => row.id === this.chosen) ? this.chosen : rows[0]?.id ?? null);
  }

  row(row) {
    const forecast = row.forecasts[this.state.model];
    const verdict = forecast && verdictOf(forecast);
    const picture = element("img", { src: address("/thumbnail", { slide: row.id, v: this.state.version }), alt: "", loading: "lazy" });
    picture.addEventListener("error", () => picture.remove());
    const wrong = verdict && row.label !== undefined && row.label !== verdict.decided;
    const line = element("tr", { data: { slide: row.id } },
      element("td", { className: "picture" }, picture),
      element("td", {}, element("a", { href: `#/slide/${encodeURIComponent(row.id)}`, textContent: row.id })),
      element("td", { textContent: row.label ?? "" }),
      element("td", { className: wrong ? "wrong" : "" }, verdict?.decided ?? "",
        forecast?.note ? element("span", { className: "chip old", textContent: "out of date", title: forecast.note }) : null),
      element("td", { className: "number" }, forecast ? probabilityBar(forecast) : null,
        element("span", { textContent: verdict ? percent(verdict.probability) : "", title: verdict ? `of ${verdict.shown}` : "" }),
        element("small", {
          className: "quiet", textContent: verdict?.range ? `${percent(verdict.range[0])} – ${percent(verdict.range[1])}` : "",
        })),
      element("td", { className: "number", textContent: forecast ? String(forecast.patches) : "" }),
      element("td", {}, ...flagsOf(row.quality)),
      element("td", {}, ...row.reviews.map(review => element("span", {
        className: `chip ${review.verdict}`, textContent: `${review.reviewer}: ${review.verdict}`, title: review.time,
      }))));
    line.addEventListener("click", event => {
      if (event.target.closest("a") === null) this.open(row.id);
    });
    return line;
  }

  mark(id) {
    this.chosen = id;
    for (const line of byId("slides").tBodies[0].rows) {
      line.classList.toggle("chosen", line.dataset.slide === id);
      if (line.dataset.slide === id) line.scrollIntoView({ block: "nearest" });
    }
  }

  open(id) {
    this.chosen = id;
    location.hash = `#/slide/${encodeURIComponent(id)}`;
  }

  key(key) {
    const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[key];
    if (step) {
      const place = this.state.order.indexOf(this.chosen) + step;
      if (this.state.order[place] !== undefined) this.mark(this.state.order[place]);
    } else if (key === "Enter" && this.chosen !== null) this.open(this.chosen);
    else if (key === "/") byId("filter-text").focus();
    else return false;
    return true;
  }
}
