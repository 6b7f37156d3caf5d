import { address, element, flagsOf } from "/dom.js";
import { names } from "/columns.js";
import { calledBy, inBrief, isAbout, labelOf } from "/forecast.js";
import { isSame } from "/reader.js";
import { outdated, wordsOf } from "/reviews.js";

/** The lines of the table. A line and its picture are made once and moved after that, so that no picture is asked for twice. */
export class Rows {
  constructor() {
    this.kept = new Map();
  }

  line(id) {
    return this.kept.get(id)?.line;
  }

  /** Brings the lines up to date; what has not changed is left alone. */
  update(slides, view, version) {
    const gone = new Set(this.kept.keys());
    for (const row of slides) {
      gone.delete(row.id);
      const kept = this.kept.get(row.id) ?? this.made(row, version);
      const drafts = view.drafts(row.id);
      const told = JSON.stringify([row, view.model, view.reader, view.readers.length > 0, view.cases, drafts]);
      if (kept.version !== version) this.picture(kept, row, version);
      if (kept.told !== told) fill(kept.line, row, view, drafts);
      kept.told = told;
    }
    for (const id of gone) this.kept.delete(id);
  }

  made(row, version) {
    const cells = names.slice(0, 8).map((_, index) => cell(index));
    const line = element("tr", { role: "row", ariaLabel: row.id, data: { slide: row.id } }, ...cells);
    const kept = { line };
    this.picture(kept, row, version);
    this.kept.set(row.id, kept);
    return kept;
  }

  /** A picture that could be shown stays; one that could not is asked for again with the next state of the job. */
  picture(kept, row, version) {
    kept.version = version;
    const cell = kept.line.cells[0];
    if (cell.firstChild) return;
    const picture = element("img", { loading: "lazy", src: address("/thumbnail", { slide: row.id, v: version }), alt: "" });
    picture.addEventListener("error", () => picture.remove());
    cell.append(picture);
  }
}

const cell = index => element("td", { role: "cell", className: index === 0 ? "picture" : "", data: { name: names[index] } });
const chip = (kind, text, title = "") => element("span", { className: `chip ${kind}`, textContent: text, title });

function fill(line, row, view, drafts) {
  const forecast = row.forecasts[view.model];
  const [, slide, label, prediction, probability, patches, quality, reviews] = line.cells;
  slide.replaceChildren(element("a", { href: `#/slide/${encodeURIComponent(row.id)}`, textContent: row.id }));
  if (view.cases && row.case !== undefined) slide.append(element("small", { className: "quiet case-name", textContent: row.case }));
  const known = labelOf(row, forecast);
  label.textContent = known ?? "";
  // A model of other classes is not wrong about the label.
  const isWrong = isAbout(forecast, known) && known !== calledBy(forecast);
  prediction.className = isWrong ? "wrong" : "";
  prediction.replaceChildren(calledBy(forecast) ?? "", ...states(row, forecast));
  probability.className = forecast ? "number" : "";
  probability.replaceChildren(...chances(row, forecast));
  patches.className = "number";
  patches.textContent = forecast ? String(forecast.patches) : "";
  quality.replaceChildren(...flagsOf(row.quality));
  reviews.replaceChildren(...row.reviews.map(review => reviewChip(review, view.model)), ...draftChips(drafts, view.reader));
  if (view.readers.length > 0) assigned(line.cells[8] ?? line.appendChild(cell(8)), row, view);
}

/** What stands in the way of a prediction, or speaks against it. */
function states(row, forecast) {
  const chips = [];
  if (forecast?.note) chips.push(chip("old", "out of date", forecast.note));
  if (row.sealed) chips.push(chip("blinded", "blinded", "shown after your first opinion is saved"));
  if (row.state === "failed" || row.state === "empty") chips.push(chip(row.state, row.state));
  else if (!forecast && !row.sealed) chips.push(chip("", "no prediction"));
  return chips;
}

function chances(row, forecast) {
  const reason = row.reason && (!forecast || row.state === "failed" || row.state === "empty")
    ? [element("p", { className: "quiet reason", textContent: row.reason, title: row.reason })] : [];
  return forecast ? [...inBrief(forecast), ...reason] : reason;
}

function reviewChip(review, model) {
  const kind = outdated(review, review.model) ? `${review.verdict} outdated` : review.verdict;
  return chip(kind, wordsOf(review, model), `${review.time}${review.blinded ? ", read blinded" : ""}`);
}

function draftChips(drafts, reader) {
  return [...new Set(drafts.map(draft => draft.reader))].map(name => {
    const text = isSame(name, reader) ? "draft" : name === "" ? "draft without a name" : `draft of ${name}`;
    return chip("draft", text, "not saved yet; kept in this browser");
  });
}

function assigned(cell, row, view) {
  cell.replaceChildren(...(row.assigned ?? []).map(name => element("span", {
    className: isSame(name, view.reader) ? "chip mine" : "chip", textContent: name,
  })));
}
