import { element, percent } from "/dom.js";
import { isSame } from "/reader.js";

const standings = { older: "given for an older result", unknown: "given for an unknown result" };

/** What was saved about the slide, newest first; `takeOver` gives the reader's own earlier words to the form again. */
export function drawHistory(list, decisions, readerName, takeOver) {
  list.replaceChildren(...decisions.toReversed().map(decision => {
    const line = element("li", {},
      element("span", { className: `chip ${decision.verdict}`, textContent: verdictText(decision) }),
      element("b", { textContent: ` ${decision.reviewer} ` }),
      decision.kind === "adjudication" ? element("span", { className: "chip", textContent: "adjudication" }) : null,
      decision.blinded ? element("span", { className: "chip", textContent: "blinded" }) : null,
      element("small", { className: "quiet", textContent: new Date(decision.time).toLocaleString() }),
      standings[standingOf(decision)]
        ? element("small", { className: "standing", textContent: standings[standingOf(decision)] }) : null,
      element("small", { className: "quiet result", textContent: resultText(decision), title: decision.digest ?? "" }),
      decision.text ? element("p", { textContent: decision.text }) : null,
      decision.marks?.length ? element("small", { className: "quiet", textContent: `${decision.marks.length} mark(s)` }) : null);
    const isMine = isSame(decision.reviewer, readerName) && (decision.text || decision.marks?.length);
    if (isMine && takeOver) {
      const again = element("button", { className: "again", textContent: "Take up again",
        title: "puts these remarks and marks into the form; the verdict is to be chosen anew" });
      again.addEventListener("click", () => takeOver(decision));
      line.append(again);
    }
    return line;
  }));
}

/** A server that says nothing of it knows of no result. */
export const standingOf = decision => decision.standing ?? (decision.model || decision.digest ? "unknown" : "own");

function verdictText({ verdict, class: name }) {
  if (verdict === "read") return name ?? "read";
  return name ? `${verdict} → ${name}` : verdict;
}

/** The result that the decision was about. */
function resultText({ model, called, probabilities, threshold, digest, map }) {
  if (model === undefined) return "";
  const share = typeof called === "string" ? probabilities?.[called] : undefined;
  return [
    model,
    called === undefined ? null : `${called}${share === undefined ? "" : ` ${percent(share)}`}`,
    threshold === undefined ? null : `threshold ${percent(threshold)}`,
    map ? `map “${map}”` : null,
    digest ? digest.slice(0, 8) : null,
  ].filter(Boolean).join(" · ");
}
