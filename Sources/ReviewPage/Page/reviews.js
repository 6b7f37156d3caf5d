import { calledBy, otherThan } from "/forecast.js";
import { isSame, keyOf } from "/reader.js";

/** Whether a review tells of what is served now: of this model's result, or of the slide without any. */
export const counts = (review, model) => review.standing === "own"
  || review.standing === "current" && (review.model ?? model) === model;

/** Whether a slide is reviewed for a model, by anyone or by one reader. */
export const reviewed = (row, model, reader) =>
  row.reviews.some(review => counts(review, model) && (reader === undefined || isSame(review.reviewer, reader)));

/** Whether a review was given for another result of this model than the one that is served, as far as is known. */
export const outdated = (review, model) => ["older", "unknown"].includes(review.standing) && (review.model ?? model) === model;

/** Whether a reader was not content with what the model calls; a class read without seeing it is held against it too. */
export function disagrees(review, row, model) {
  if (review.verdict === "unsure" || review.verdict === "disagree") return true;
  const called = calledBy(row.forecasts[model]);
  return review.verdict === "read" && called !== undefined && review.class !== undefined && review.class !== called;
}

/** What a reader takes the slide for, in words that can be compared. */
function position(review, row) {
  if (review.class !== undefined && review.verdict !== "unsure") return review.class;
  const forecast = row.forecasts[review.model];
  if (!forecast || review.verdict === "unsure" || review.standing !== "current") return review.verdict;
  const called = calledBy(forecast);
  if (review.verdict === "agree") return called;
  return otherThan(called, forecast);
}

/** Whether the readers' opinions differ and nobody has settled it. What was said of different results is not compared. */
export function needsAdjudication(row) {
  const isNow = review => ["current", "own"].includes(review.standing);
  const settled = row.reviews.findLastIndex(review => review.kind === "adjudication" && isNow(review));
  // What a reader said last stands for them, and opens again what was settled before.
  const last = new Map(row.reviews.map((review, place) => [review, place]).filter(([review]) => review.kind !== "adjudication")
    .map(([review, place]) => [keyOf(review.reviewer), { review, place }]));
  const opinions = [...last.values()];
  if (opinions.length < 2 || opinions.every(({ place }) => place < settled)) return false;
  const positions = new Map();
  for (const { review } of opinions) {
    const about = isNow(review) ? "now" : `${review.standing} ${review.model}`;
    positions.set(about, (positions.get(about) ?? new Set()).add(position(review, row)));
  }
  return [...positions.values()].some(different => different.size > 1);
}

const standings = { older: "older result", unknown: "result unknown" };

/** The words of a review for a small mark, the verdict first. */
export function wordsOf(review, model) {
  const named = review.class === undefined || review.verdict === "unsure" ? "" : ` (${review.class})`;
  const verdict = review.verdict === "read" ? review.class ?? "read" : `${review.verdict}${named}`;
  return [
    `${review.reviewer}: ${verdict}`,
    review.kind === "adjudication" ? "adjudication" : null,
    review.model !== undefined && review.model !== model ? review.model : null,
    standings[review.standing],
  ].filter(Boolean).join(" · ");
}
