import { byId, element, short } from "/dom.js";
import { plainUnit } from "/words.js";

/** What lies below the map: glass, and tissue as haematoxylin and eosin commonly stain it. */
const grounds = { "colours-glass": [255, 255, 255], "colours-tissue": [214, 168, 200] };

/** How strong the server draws the lowest colour, so that tissue of low values stays seen; the highest is drawn in full. */
const faintest = 0.25;

/** The colours as they are seen over glass and tissue, with their values. */
export class Legend {
  /** opacity and from are 0...1; from is the place on the scale below which nothing is shown. */
  draw({ map, colours, opacity, from, isPercentile: isRanked, isOutline }) {
    const isPercentile = isRanked && !map.signed;
    const [low, high] = isPercentile ? [0, 100] : [map.low, map.high];
    const [unit, explanation] = plainUnit(map);
    const limit = `${short(low + from * (high - low))}${isPercentile ? " %" : ""}`;
    byId("from-text").textContent = from === 0 ? "nothing" : limit;
    byId("opacity-text").textContent = `${Math.round(opacity * 100)} %`;
    byId("colour-title").textContent = isOutline ? outlineWords(from, limit, isPercentile, unit)
      : isPercentile ? "percentile: share of this slide's patches that are lower" : unit;
    byId("colour-title").title = isPercentile ? `Ranked by: ${unit}. ${explanation}` : explanation;
    byId("colour-scale").hidden = isOutline;
    for (const [id, ground] of Object.entries(grounds)) byId(id).style.background = gradient(colours, opacity, ground, map.signed);
    byId("colour-bar").style.setProperty("--hidden", `${from * 100}%`);
    byId("colour-bar").classList.toggle("whole", from === 0);
    byId("colour-ticks").replaceChildren(...[0, 0.25, 0.5, 0.75, 1].map(share => element("span", {
      textContent: (share === 1 && !isPercentile ? "≥ " : "") + short(low + share * (high - low)),
    })));
  }
}

function outlineWords(from, limit, isPercentile, unit) {
  if (from === 0) return "Outlined: the upper half of the patches";
  return isPercentile ? `Outlined: all patches but the lowest ${limit}` : `Outlined: patches at or above ${limit} (${unit})`;
}

function gradient(colours, opacity, ground, isSigned) {
  const last = colours.length - 1;
  const stops = colours.map((colour, index) => {
    const strength = isSigned ? Math.abs(2 * index / last - 1) : index / last;
    const weight = opacity * (faintest + (1 - faintest) * strength);
    const parts = [1, 3, 5].map((at, part) => {
      const pure = parseInt(colour.slice(at, at + 2), 16);
      return Math.round(pure * weight + ground[part] * (1 - weight));
    });
    return `rgb(${parts.join(" ")})`;
  });
  return `linear-gradient(to right, ${stops.filter((_, index) => index % 5 === 0).join(", ")})`;
}
