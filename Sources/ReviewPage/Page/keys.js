const arrows = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"];
const press = [" ", "Enter"];
const slide = [...arrows, "Home", "End", "PageUp", "PageDown"];

/** Keys that mean something to controls that nothing is written into. */
const ownKeys = {
  range: slide, checkbox: press, radio: [...press, ...arrows], button: press, submit: press, reset: press, file: press,
  color: press, a: press, summary: press,
};

/** Whether everything that is typed belongs to where the focus is. */
export const isField = target => target.isContentEditable === true || target.matches("textarea, select")
  || (target.matches("input") && !(target.type in ownKeys));

/** Whether a key belongs to where the focus is, and so is no shortcut. */
export function belongsTo(target, key) {
  if (isField(target)) return true;
  const kind = target.matches("input, button") ? target.type : target.localName;
  return ownKeys[kind]?.includes(key) ?? false;
}

/** After a choice by hand a drop-down lets go of the keys; who chooses by keys goes on choosing, up to Enter or Escape. */
export function releaseSelects() {
  let typedAt = -Infinity;
  document.addEventListener("keydown", event => {
    if (!event.target.matches("select")) return;
    if (event.key === "Enter") event.target.blur();
    else if (event.key !== "Tab") typedAt = event.timeStamp;
  }, true);
  document.addEventListener("change", event => {
    if (event.target.matches("select") && event.timeStamp - typedAt > 100) event.target.blur();
  });
}
