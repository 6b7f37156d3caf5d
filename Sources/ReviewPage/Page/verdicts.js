import { byId, element, options } from "/dom.js";

/** Only what a model has judged, and what this reader may see, can be agreed with. */
export const isJudged = slide => !slide.sealed && slide.forecast !== undefined;

/** The words of the reader: about the result, or a class of their own where none is shown. */
export function choices(slide) {
  if (isJudged(slide)) {
    return [
      { verdict: "agree", text: "Agree", key: "1" }, { verdict: "unsure", text: "Unsure", key: "2" },
      { verdict: "disagree", text: "Disagree", key: "3" },
    ];
  }
  return [
    ...(slide.classes ?? []).map((name, index) => ({
      verdict: "read", class: name, text: name, key: index < 9 ? String(index + 1) : "",
    })),
    { verdict: "unsure", text: "Unsure", key: "u" },
  ];
}

/** The classes that may be meant where a result is disagreed with; of two there is no doubt. */
function others(slide) {
  if (!isJudged(slide)) return [];
  const { classes, called } = slide.forecast;
  const left = (slide.classes ?? classes).filter(name => name !== classes[called]);
  return left.length > 1 ? left : [];
}

/** Buttons are made once for a slide and stay, so that they keep the focus. */
export function drawVerdicts(form) {
  const { slide, verdict, chosenClass } = form;
  const list = byId("verdicts");
  if (form.offered !== slide) {
    form.offered = slide;
    list.replaceChildren(...(slide ? choices(slide) : []).map(choice => button(form, choice)));
    list.classList.toggle("many", list.children.length > 3);
    options(byId("instead-class"), [["", "not said"], ...(slide ? others(slide) : []).map(name => [name, name])], "");
  }
  for (const button of list.children) {
    const isChosen = button.dataset.verdict === verdict && (verdict !== "read" || button.dataset.class === chosenClass);
    button.classList.toggle("chosen", isChosen);
    button.ariaPressed = String(isChosen);
  }
  byId("instead").hidden = verdict !== "disagree" || byId("instead-class").options.length < 2;
  byId("instead-class").value = chosenClass ?? "";
}

function button(form, choice) {
  const made = element("button", {
    type: "button", textContent: choice.text, title: choice.key,
    data: choice.class === undefined ? { verdict: choice.verdict } : { verdict: choice.verdict, class: choice.class },
  });
  made.addEventListener("click", () => form.choose(choice.verdict, choice.class));
  return made;
}
