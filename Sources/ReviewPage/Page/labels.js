import { element } from "/dom.js";

// A tooltip's string would be read as HTML, and it would be turned with the map.
const box = text => element("span", { textContent: text });

/** Words that stay beside a place. */
export const label = (place, text) => L.tooltip({ permanent: true, direction: "center", className: "upright beside", interactive: false })
  .setLatLng(place).setContent(box(text));

/** Words of a shape under the cursor. */
export const describe = (shape, text) => shape.bindTooltip(() => box(text), {
  sticky: true, direction: "center", className: "upright above",
});
