import { address, byId, element, short } from "/dom.js";
import { askOfResult } from "/values.js";
import { plainValue } from "/words.js";

/** The patches with the highest values, as pictures. */
export class Highest {
  constructor(viewer) {
    this.viewer = viewer;
    this.patches = [];
    this.place = -1;
    this.outline = null;
  }

  close() {
    this.outline?.remove();
    this.outline = null;
    this.patches = [];
    this.place = -1;
    byId("top").replaceChildren();
    byId("top-problem").textContent = "";
  }

  async open(slide, map, query) {
    this.close();
    const asked = this.asked = {};
    try {
      const patches = await askOfResult(this.viewer, "/api/top", query, () => this.asked === asked && this.viewer.slide === slide);
      if (!patches) return;
      this.patches = patches;
      byId("top").replaceChildren(...patches.map((patch, place) => this.line(slide, map, patch, place)));
    } catch (error) {
      if (this.asked === asked) byId("top-problem").textContent = `The list could not be loaded: ${error.message}`;
    }
  }

  line(slide, map, patch, place) {
    const words = `rank ${place + 1}: ${plainValue(map, patch.value)}, percentile ${short(patch.percentile)}`;
    const picture = element("img", { alt: `Patch of ${words}`, loading: "lazy", width: 64, height: 64 });
    picture.addEventListener("error", () => picture.classList.add("missing"));
    picture.src = address("/patch", this.viewer.query({
      slide: slide.id, x: patch.x, y: patch.y, side: slide.patchSide, v: this.viewer.state.version,
    }));
    const button = element("button", { title: words }, picture,
      element("span", { className: "rank", textContent: place + 1 }), element("span", { textContent: short(patch.value) }));
    button.addEventListener("click", () => this.look(place));
    return element("li", {}, button);
  }

  /** Asks once more for the pictures that did not come. */
  again() {
    for (const picture of byId("top").querySelectorAll("img.missing")) {
      picture.classList.remove("missing");
      picture.src = `${picture.src}&again=1`;
    }
  }

  step(by) { this.look(Math.min(Math.max(this.place + by, 0), this.patches.length - 1)); }

  look(place) {
    const patch = this.patches[place];
    const { stage, slide } = this.viewer;
    if (!patch || !stage.map) return;
    this.place = place;
    [...byId("top").children].forEach((line, index) => line.classList.toggle("chosen", index === place));
    byId("top").children[place].scrollIntoView({ block: "nearest" });
    const side = slide.patchSide;
    const { width, height } = slide.pyramid.size;
    this.outline?.remove();
    this.outline = L.rectangle([[patch.y, patch.x], [Math.min(patch.y + side, height), Math.min(patch.x + side, width)]], {
      color: "#c2185b", weight: 2, fill: false, interactive: false,
    }).addTo(stage.map);
    stage.look(patch.x, patch.y, side);
  }
}
