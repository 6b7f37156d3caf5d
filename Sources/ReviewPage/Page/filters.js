import { calledBy, labelOf } from "/forecast.js";
import { disagrees, needsAdjudication, outdated, reviewed, wordsOf } from "/reviews.js";
import { isSame } from "/reader.js";

const related = (row, model) => row.reviews.filter(review => (review.model ?? model) === model);

/** What can be asked for, with when it is offered. `view` has model, reader, readers, withheld and drafts. */
const filters = [
  { value: "all", text: "all slides", fits: () => true },
  { value: "open", text: "not reviewed", fits: (row, view) => !reviewed(row, view.model) },
  {
    value: "mine-open", text: "not reviewed by me", offered: view => view.reader !== "",
    fits: (row, view) => !reviewed(row, view.model, view.reader),
  },
  {
    value: "mine", text: "assigned to me", offered: view => view.reader !== "" && view.readers.length > 0,
    fits: (row, view) => row.assigned?.some(name => isSame(name, view.reader)) ?? false,
  },
  { value: "done", text: "reviewed", fits: (row, view) => reviewed(row, view.model) },
  {
    value: "disagree", text: "disagreed or unsure", offered: view => !view.withheld,
    fits: (row, view) => related(row, view.model).some(review => disagrees(review, row, view.model)),
  },
  { value: "adjudicate", text: "needs adjudication", offered: view => !view.withheld, fits: needsAdjudication },
  {
    value: "older", text: "given for an older result",
    fits: (row, view) => row.reviews.some(review => outdated(review, view.model)),
  },
  { value: "draft", text: "has a draft", fits: (row, view) => view.drafts(row.id).length > 0 },
  { value: "flagged", text: "quality flags", fits: row => (row.quality?.flags?.length ?? 0) > 0 },
  {
    value: "near", text: "near the threshold", offered: view => !view.withheld,
    fits: (row, view) => row.forecasts[view.model]?.margin < 0.1,
  },
  { value: "broken", text: "failed or empty", fits: row => ["failed", "empty"].includes(row.state) },
];

/** The filters that may be chosen now, for a list. */
export const offeredFilters = view => filters.filter(filter => filter.offered?.(view) ?? true)
  .map(({ value, text }) => [value, text]);

export const filterNamed = name => filters.find(filter => filter.value === name) ?? filters[0];

/** Everything that can be read in a row, for the search. */
export function textOf(row, view) {
  const forecast = row.forecasts[view.model];
  return [
    row.id, row.case, labelOf(row, forecast), calledBy(forecast), row.state === "ok" ? "" : row.state, row.reason, row.sealed ? "blinded" : "",
    ...row.reviews.map(review => wordsOf(review, view.model)), ...(row.quality?.flags ?? []), ...(row.assigned ?? []),
  ].filter(Boolean).join(" ").toLowerCase();
}
