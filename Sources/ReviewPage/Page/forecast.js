import { element, percent, verdictOf } from "/dom.js";
import { isJudged } from "/verdicts.js";

const ownThreshold = "each fold chose its threshold on its own validation slides";

/** What the model says of the slide, or why nothing is said. */
export function showForecast(panel, slide, isOneOfSeveral = false) {
  panel.replaceChildren(...(isJudged(slide) ? forecast(slide.forecast) : [silence(slide)]));
  if (isJudged(slide) && isOneOfSeveral) panel.prepend(element("p", { className: "quiet", textContent: `model ${slide.model}` }));
}

function silence(slide) {
  if (slide.sealed) {
    return element("p", { className: "sealed", textContent: "Blinded: your first opinion opens the model's result." });
  }
  const words = {
    empty: "No tissue was found on this slide; no model has judged it.",
    failed: "This slide failed; no model has judged it.",
    features: "This job has features of this slide, but no model's prediction.",
    tiled: "This slide is tiled; no model has judged it yet.",
  }[slide.state] ?? "No model has judged this slide.";
  return element("div", { className: slide.state === "failed" ? "old" : "quiet" },
    element("p", { textContent: words }), slide.reason ? element("p", { textContent: slide.reason }) : null);
}

function forecast(result) {
  const verdict = verdictOf(result);
  const { classes, probabilities } = result;
  return [
    element("div", { className: "verdict" }, element("strong", { textContent: verdict.decided }),
      element("span", { textContent: percent(probabilities[classes.indexOf(verdict.decided)]) })),
    element("div", { className: "classes" }, ...classes.flatMap((name, index) => [
      element("span", { className: name === verdict.decided ? "name called" : "name", textContent: name, title: name }),
      bar(result, index, verdict),
      element("span", { className: "share", textContent: percent(probabilities[index]) }),
    ])),
    result.note ? element("p", { className: "old", textContent: result.note }) : null,
    element("p", { className: "quiet" }, ...spread(result, verdict),
      `${verdict.threshold !== undefined ? `threshold ${percent(verdict.threshold)} of ${verdict.shown}` : "most probable class"}`
        + ` · ${result.patches} patches`),
  ].filter(Boolean);
}

function bar(result, index, verdict) {
  const { classes, probabilities, ranges, folds, thresholds } = result;
  const name = classes[index];
  const line = element("span", { className: name === verdict.decided ? "probability called" : "probability" });
  line.append(element("span", { className: "filled", style: { width: percent(probabilities[index]).replace(" ", "") } }));
  const range = folds ? [Math.min(...folds.map(fold => fold[index])), Math.max(...folds.map(fold => fold[index]))] : ranges?.[index];
  if (range) {
    line.append(element("span", {
      className: "range", style: { left: `${range[0] * 100}%`, width: `${(range[1] - range[0]) * 100}%` },
      title: `${percent(range[0])} to ${percent(range[1])}`,
    }));
  }
  if (verdict.threshold !== undefined && name === verdict.shown) {
    const marks = new Set(thresholds ?? []);
    for (const threshold of marks) {
      line.append(element("span", { className: "threshold of-fold", style: { left: `${threshold * 100}%` },
        title: `threshold of one fold ${percent(threshold)}; ${ownThreshold}` }));
    }
    line.append(element("span", { className: "threshold", style: { left: `${verdict.threshold * 100}%` },
      title: `threshold ${percent(verdict.threshold)}` }));
  }
  return line;
}

const whole = value => `${Math.round(value * 100)} %`;

/** How far the folds are apart, in words. */
function spread({ classes, folds, thresholds }, { shown, decided, range }) {
  const words = ([low, high]) => `${whole(low)} to ${whole(high)}`;
  const ends = values => [Math.min(...values), Math.max(...values)];
  const name = shown === decided ? "" : ` ${shown}`;
  const lines = [];
  if (folds?.length) {
    const values = folds.map(fold => fold[classes.indexOf(shown)]);
    lines.push(element("span", {
      textContent: `the folds that judged it: ${words(ends(values))}${name}`,
      title: values.map((value, index) => percent(value)
        + (thresholds?.[index] !== undefined ? ` (its threshold ${percent(thresholds[index])})` : "")).join("\n"),
    }));
  } else if (range) lines.push(element("span", { textContent: `over folds and seeds ${words(range)}${name}` }));
  if (new Set(thresholds).size > 1) {
    lines.push(element("span", { className: "explained", title: ownThreshold, textContent: `their thresholds: ${words(ends(thresholds))}` }));
  }
  return lines.flatMap(line => [line, element("br")]);
}
