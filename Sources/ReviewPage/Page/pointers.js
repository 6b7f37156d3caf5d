/**
 * Follows one pointer (mouse, pen or finger) from where it goes down. `begin` gives what to do with it, or null.
 * A second finger calls it off: two fingers zoom.
 */
export function follow(node, begin) {
  let id = null, drag = null;
  const finish = how => event => {
    if (event.pointerId !== id && how !== "cancel") return;
    const ended = drag;
    id = drag = null;
    for (const [name, listener] of Object.entries(listeners)) removeEventListener(name, listener);
    ended?.[how](event);
  };
  const listeners = {
    pointermove: event => { if (event.pointerId === id) drag.move(event); },
    pointerup: finish("end"),
    pointercancel: finish("cancel"),
  };
  const down = event => {
    if (drag) {
      finish("cancel")(event);
      return;
    }
    if (event.button !== 0 || !event.isPrimary) return;
    drag = begin(event);
    if (!drag) return;
    id = event.pointerId;
    for (const [name, listener] of Object.entries(listeners)) addEventListener(name, listener);
  };
  // A double click selects text somewhere; the browser would drag that instead.
  node.addEventListener("dragstart", event => event.preventDefault());
  // Before Leaflet sees it, which would move the slide.
  node.addEventListener("pointerdown", down, { capture: true });
  return { cancel: () => { if (drag) finish("cancel")({}); } };
}
