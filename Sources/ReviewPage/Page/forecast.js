import { element, percent } from "/dom.js";
import { isJudged } from "/verdicts.js";

/** What the page asks of a forecast, by the kind of its answer. The server decides; here stands how it is shown. */
const kinds = {
  class: {
    has: forecast => forecast.probabilities !== undefined,
    called: forecast => verdictOf(forecast).decided,
    rankName: "Probability",
    rank: forecast => verdictOf(forecast).probability,
    isAbout: (forecast, label) => forecast.classes.includes(label),
    otherThan: (called, { classes }) => classes.length === 2 ? classes.find(name => name !== called) : `not ${called}`,
    inBrief: inBriefOfClass,
    inFull: inFullOfClass,
  },
  ordinal: {
    has: forecast => forecast.grade_probabilities !== undefined,
    called: forecast => forecast.classes[forecast.called],
    rankName: "Mean grade",
    rank: forecast => forecast.grade_probabilities.reduce((sum, share, grade) => sum + share * grade, 0) / forecast.classes.length,
    isAbout: (forecast, label) => forecast.classes.includes(label),
    otherThan: called => `not ${called}`,
    inBrief: forecast => [element("span", { textContent: forecast.classes[forecast.called] }),
      small(percent(forecast.grade_probabilities[forecast.called]))],
    inFull: forecast => inFullOfParts(forecast, forecast.classes[forecast.called], forecast.grade_probabilities, "median of the classes"),
  },
  labels: {
    has: forecast => forecast.label_probabilities !== undefined,
    called: forecast => presentLabels(forecast).join(", ") || "none",
    rankName: "Highest probability",
    rank: forecast => Math.max(...forecast.label_probabilities),
    isAbout: () => false,
    otherThan: called => `not ${called}`,
    inBrief: forecast => [element("span", { textContent: presentLabels(forecast).join(", ") || "none" })],
    inFull: forecast => inFullOfParts(forecast, presentLabels(forecast).join(", ") || "none", forecast.label_probabilities, "each above 50 %"),
  },
  number: {
    has: forecast => forecast.value !== undefined,
    called: forecast => decimal(forecast.value),
    rankName: "Value",
    rank: forecast => forecast.value,
    isAbout: () => false,
    otherThan: called => `not ${called}`,
    inBrief: forecast => [element("span", { textContent: decimal(forecast.value) }), small(forecast.classes[0] ?? "")],
    inFull: forecast => inFullOfNumbers(forecast, `${forecast.classes[0] ?? ""} ${decimal(forecast.value)}`, []),
  },
  survival: {
    has: forecast => forecast.risk !== undefined,
    called: forecast => `risk ${decimal(forecast.risk)}`,
    rankName: "Risk",
    rank: forecast => forecast.risk,
    isAbout: () => false,
    otherThan: called => `not ${called}`,
    inBrief: forecast => [element("span", { textContent: `risk ${decimal(forecast.risk)}` })],
    inFull: forecast => inFullOfNumbers(forecast, `risk ${decimal(forecast.risk)}`, (forecast.survival_times ?? []).map((time, index) =>
      [`without event after ${decimal(time)} ${forecast.classes[0] ?? ""}`, percent(forecast.survival[index])])),
  },
};
const kindOf = forecast => Object.values(kinds).find(kind => kind.has(forecast));

/** What a model's forecast says, as a name: the class that it calls. */
export const calledBy = forecast => forecast && kindOf(forecast).called(forecast);

/** What is known of a slide: as the training of the model that is shown has it, else what all that know of it agree on. */
export const labelOf = (row, forecast) => forecast?.label ?? row.label;

/** A name with the target that it is of, where several are asked. */
export const ofTarget = (name, forecast) => forecast?.target ? `${name} (${forecast.target})` : name;

/** What slides are sorted by; undefined without a forecast. */
export const rankOf = forecast => forecast && kindOf(forecast).rank(forecast);

/** What that is, as the head of a column. */
export const rankName = forecast => forecast ? kindOf(forecast).rankName : "Probability";

/** Whether a label can be compared with what a forecast says: a model of other classes is not wrong about it. */
export const isAbout = (forecast, label) => forecast !== undefined && kindOf(forecast).isAbout(forecast, label);

/** What a reader means who disagrees and says no more. */
export const otherThan = (called, forecast) => kindOf(forecast).otherThan(called, forecast);

/** For a line of the list. */
export const inBrief = forecast => kindOf(forecast).inBrief(forecast);

/** What the model says of the slide, or why nothing is said. */
export function show(panel, slide, { models }) {
  panel.replaceChildren(...(isJudged(slide) ? kindOf(slide.forecast).inFull(slide.forecast) : [silence(slide)]));
  const { target, others } = (isJudged(slide) && slide.forecast) || {};
  if (target) panel.append(element("p", { className: "quiet", textContent: [`target ${target}`, ...others].join(" · ") }));
  if (isJudged(slide) && models.length > 1) panel.prepend(element("p", { className: "quiet", textContent: `model ${slide.model}` }));
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

/** The class that a forecast calls and the one that is shown for it, with its numbers. */
function verdictOf({ classes, probabilities, ranges, threshold, called, shown }) {
  return { decided: classes[called], shown: classes[shown], probability: probabilities[shown], threshold, range: ranges?.[shown] };
}

function inBriefOfClass(result) {
  const { probability, shown, range } = verdictOf(result);
  return [
    shownBar(result), element("span", { textContent: percent(probability) }), small(shown, "the class that this is the probability of"),
    small(range ? `${percent(range[0])} – ${percent(range[1])}` : ""),
  ];
}

const small = (text, title = "") => element("small", { className: "quiet", textContent: text, title });

/** A bar for the probability that is shown, with the threshold and the range over folds and seeds. */
function shownBar(result) {
  const { probability, threshold, range } = verdictOf(result);
  const bar = element("span", { className: "probability" });
  bar.append(element("span", { className: "filled", style: { width: `${probability * 100}%` } }));
  if (range) {
    const [low, high] = range;
    bar.append(element("span", {
      className: "range", style: { left: `${low * 100}%`, width: `${(high - low) * 100}%` },
      title: `over folds and seeds ${percent(low)} to ${percent(high)}`,
    }));
  }
  if (threshold !== undefined) {
    bar.append(element("span", {
      className: "threshold", style: { left: `${threshold * 100}%` }, title: `threshold ${percent(threshold)}`,
    }));
  }
  return bar;
}

function inFullOfClass(result) {
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

const decimal = value => Number(value.toPrecision(4)).toString();
const presentLabels = ({ classes, label_probabilities }) => classes.filter((name, index) => label_probabilities[index] >= 0.5);

/** A share for each class or label, and what decides. */
function inFullOfParts({ classes, patches, note }, called, shares, rule) {
  return [
    element("div", { className: "verdict" }, element("strong", { textContent: called })),
    element("div", { className: "classes" }, ...classes.flatMap((name, index) => [
      element("span", { className: "name", textContent: name, title: name }),
      element("span", { className: "probability" }, element("span", { className: "filled", style: { width: `${shares[index] * 100}%` } })),
      element("span", { className: "share", textContent: percent(shares[index]) }),
    ])),
    note ? element("p", { className: "old", textContent: note }) : null,
    element("p", { className: "quiet", textContent: `${rule} · ${patches} patches` }),
  ].filter(Boolean);
}

/** A number, and further ones with their names. */
function inFullOfNumbers({ patches, note, folds }, called, further) {
  const range = folds?.length > 1 ? `the folds that judged it: ${decimal(Math.min(...folds))} to ${decimal(Math.max(...folds))} · ` : "";
  return [
    element("div", { className: "verdict" }, element("strong", { textContent: called })),
    ...further.map(([name, text]) => element("p", { textContent: `${name}: ${text}` })),
    note ? element("p", { className: "old", textContent: note }) : null,
    element("p", { className: "quiet", textContent: `${range}${patches} patches` }),
  ].filter(Boolean);
}

const ownThreshold = "each fold chose its threshold on its own validation slides";

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
