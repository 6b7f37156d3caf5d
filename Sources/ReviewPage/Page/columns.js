import { byId, element } from "/dom.js";
import { calledBy, labelOf, ofTarget, rankName, rankOf } from "/forecast.js";

/** What a column is sorted by; `withheld` ones tell what a blinded reader shall not see. */
const columns = [
  { name: "" },
  { name: "Slide", key: row => row.id },
  { name: "Label", title: view => ofTarget("Label", view.forecast), key: (row, forecast) => labelOf(row, forecast) ?? "", withheld: true },
  { name: "Prediction", title: view => ofTarget("Prediction", view.forecast), key: (row, forecast) => calledBy(forecast) ?? "", withheld: true },
  { name: "Probability", title: view => rankName(view.forecast), key: (row, forecast) => rankOf(forecast), withheld: true },
  { name: "Patches", key: (row, forecast) => forecast?.patches ?? -1, withheld: true },
  { name: "Quality", key: row => -(row.quality?.flags?.length ?? 0) },
  { name: "Reviewed", key: row => row.reviews.reduce((latest, { time }) => time > latest ? time : latest, "") },
  { name: "Assigned", key: row => row.assigned?.join(" ") ?? "", needed: view => view.readers.length > 0 },
];

export const names = columns.map(column => column.name);

// Far faster than localeCompare, which looks its rules up for each pair.
const collator = new Intl.Collator(undefined, { numeric: true });

/** The heads of the columns, by which the table is sorted. */
export class Columns {
  constructor(changed) {
    this.column = 1;
    this.rising = true;
    this.heads = columns.map((column, index) => {
      if (!column.key) return element("td", { role: "cell" });
      const button = element("button", { type: "button", textContent: column.name });
      button.addEventListener("click", () => {
        this.rising = this.column === index ? !this.rising : true;
        this.column = index;
        changed();
      });
      return element("th", { scope: "col", role: "columnheader" }, button);
    });
    byId("slides").tHead.rows[0].replaceChildren(...this.heads);
  }

  show(view) {
    if (view.withheld && columns[this.column].withheld) this.column = 1;
    columns.forEach((column, index) => {
      const head = this.heads[index];
      head.hidden = !(column.needed?.(view) ?? true);
      const button = head.querySelector("button");
      if (!button) return;
      if (column.title) button.textContent = column.title(view);
      button.disabled = view.withheld && column.withheld === true;
      button.title = button.disabled ? "not while reading blinded" : "";
      head.ariaSort = index !== this.column ? null : this.rising ? "ascending" : "descending";
    });
  }

  sorted(rows, view) {
    const { key } = columns[this.column];
    const sign = this.rising ? 1 : -1;
    return rows.map(row => [key(row, row.forecasts[view.model]), row]).sort(([left, a], [right, b]) => {
      // Those without a number come first, below every other: a risk may be any number.
      const order = typeof left === "string" ? collator.compare(left, right)
        : left === undefined || right === undefined ? (left === undefined ? 0 : 1) - (right === undefined ? 0 : 1) : left - right;
      return sign * order || collator.compare(a.id, b.id);
    }).map(([, row]) => row);
  }
}
