import { address, byId, element, fetchJSON, options, remember, remembered, short } from "/dom.js";

/** The heatmap over the slide: the server draws its tiles for what is chosen here. */
export class Overlay {
  constructor(viewer) {
    this.viewer = viewer;
    this.layer = null;
    this.outline = null;
    for (const name of ["scale", "colours", "opacity"]) {
      const control = byId(`overlay-${name}`);
      control.value = remembered(name, control.value);
      control.addEventListener("input", () => {
        remember(name, control.value);
        this.redraw(name);
      });
    }
    byId("overlay-on").addEventListener("change", () => this.redraw("on"));
    byId("overlay-from").addEventListener("input", () => this.redraw("from"));
    byId("overlay-map").addEventListener("change", () => this.changeMap());
    byId("overlay-model").addEventListener("change", event => viewer.changeModel(event.target.value));
  }

  async open(slide) {
    this.slide = slide;
    const hasMaps = slide.maps.length > 0;
    byId("overlay-panel").hidden = byId("top-panel").hidden = !hasMaps;
    this.showUncovered();
    if (!hasMaps) return;
    const row = this.viewer.state.slides.find(row => row.id === slide.id);
    const models = row ? Object.keys(row.forecasts).sort() : [slide.model];
    options(byId("overlay-model"), models.map(name => [name, name]), slide.model);
    const before = byId("overlay-map").selectedOptions[0]?.textContent;
    const kept = slide.maps.findIndex(map => map.title === before);
    options(byId("overlay-map"), slide.maps.map((map, index) => [String(index), map.title]), String(Math.max(0, kept)));
    await this.changeMap();
  }

  close() {
    clearTimeout(this.waiting);
    this.layer = this.outline = this.next = this.hatch = null;
  }

  /** Hatches the tissue that no patch covers. */
  showUncovered() {
    const { map, state } = this.viewer;
    const { id, model, unexamined } = this.slide;
    byId("uncovered").hidden = unexamined === undefined;
    byId("uncovered-text").textContent = unexamined ?? "";
    this.hatch?.remove();
    this.hatch = null;
    if (!map || unexamined === undefined) return;
    this.hatch = L.tileLayer(`${address("/uncovered", { slide: id, model, v: state.version })}&z={z}&x={x}&y={y}`, {
      ...this.viewer.tileOptions(), pane: "hatch",
    }).addTo(map);
  }

  get chosen() { return this.slide.maps[Number(byId("overlay-map").value)]; }

  async changeMap() {
    this.redraw("map");
    const { id, model } = this.slide;
    const map = byId("overlay-map").value;
    const top = await fetchJSON(address("/api/top", { slide: id, model, map }));
    if (this.slide?.id !== id || byId("overlay-map").value !== map) return;
    this.top = top;
    this.topPlace = -1;
    byId("top").replaceChildren(...top.map((patch, place) => {
      const button = element("button", {
        textContent: short(patch.value), title: `percentile ${short(patch.percentile)}, at ${patch.x}, ${patch.y}`,
      });
      button.addEventListener("click", () => this.lookAt(place));
      return element("li", {}, button);
    }));
  }

  /** Shows one of the highest patches. */
  lookAt(place) {
    const patch = this.top?.[place];
    if (!patch || !this.viewer.map) return;
    this.topPlace = place;
    [...byId("top").children].forEach((line, index) => line.classList.toggle("chosen", index === place));
    byId("top").children[place].scrollIntoView({ block: "nearest" });
    const side = this.slide.patchSide;
    this.outline?.remove();
    const { width, height } = this.slide.pyramid.size;
    this.outline = L.rectangle([[patch.y, patch.x], [Math.min(patch.y + side, height), Math.min(patch.x + side, width)]], {
      color: "#c2185b", weight: 2, fill: false, interactive: false,
    }).addTo(this.viewer.map);
    this.viewer.look(patch.x, patch.y, side);
  }

  /** Shows what changed; tiles are drawn anew only where they differ, and stand until the new ones are there. */
  redraw(changed) {
    this.describe();
    const { map } = this.viewer;
    if (!map) return;
    const pane = map.getPane("heat");
    pane.style.opacity = byId("overlay-opacity").value / 100;
    pane.style.display = map.getPane("hatch").style.display = byId("overlay-on").checked ? "" : "none";
    if (changed === "opacity" || changed === "on") return;
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.replace(), changed === "from" ? 40 : 0);
  }

  replace() {
    const { map, state } = this.viewer;
    if (!map) return;
    const { id, model } = this.slide;
    const query = {
      slide: id, model, map: byId("overlay-map").value, scale: byId("overlay-scale").value,
      colours: byId("overlay-colours").value, from: byId("overlay-from").value / 1000, v: state.version,
    };
    this.next?.remove();
    const next = L.tileLayer(`${address("/overlay", query)}&z={z}&x={x}&y={y}`, {
      ...this.viewer.tileOptions(), pane: "heat", opacity: 0,
    });
    this.next = next;
    byId("map").dataset.overlay = "drawing";
    next.once("load", () => {
      if (this.next !== next) return;
      next.setOpacity(1);
      this.layer?.remove();
      [this.layer, this.next] = [next, null];
      byId("map").dataset.overlay = new URLSearchParams(query).toString();
    });
    next.addTo(map);
  }

  describe() {
    const isPercentile = byId("overlay-scale").value === "percentile";
    const { low, high, unit, word } = this.chosen;
    const [from, to] = isPercentile ? [0, 100] : [low, high];
    const place = byId("overlay-from").value / 1000;
    const suffix = isPercentile ? " %" : "";
    byId("from-text").textContent = place === 0 ? "nothing" : short(from + place * (to - from)) + suffix;
    byId("opacity-text").textContent = `${byId("overlay-opacity").value} %`;
    byId("colour-title").textContent = isPercentile ? `Percentile of ${word} in this slide` : unit;
    const colours = this.viewer.state.colours[byId("overlay-colours").value];
    const stops = colours.filter((_, index) => index % 15 === 0);
    byId("colour-bar").style.background =
      `linear-gradient(to right, ${stops.join(", ")})`;
    byId("colour-bar").style.setProperty("--hidden", `${place * 100}%`);
    byId("colour-ticks").replaceChildren(...[0, 0.25, 0.5, 0.75, 1].map(share => element("span", {
      textContent: (share === 1 && !isPercentile ? "≥ " : "") + short(from + share * (to - from)),
    })));
  }

  shift(name, by) {
    const control = byId(`overlay-${name}`);
    control.value = Number(control.value) + by;
    control.dispatchEvent(new Event("input"));
  }

  cycle(name) {
    const control = byId(`overlay-${name}`);
    control.selectedIndex = (control.selectedIndex + 1) % control.options.length;
    control.dispatchEvent(new Event(name === "map" ? "change" : "input"));
  }

  key(key) {
    if (!this.slide?.maps.length) return false;
    switch (key) {
      case "o": byId("overlay-on").click(); break;
      case "[": this.shift("opacity", -10); break;
      case "]": this.shift("opacity", 10); break;
      case ",": this.shift("from", -50); break;
      case ".": this.shift("from", 50); break;
      case "b": this.cycle("map"); break;
      case "s": this.cycle("scale"); break;
      case "c": this.cycle("colours"); break;
      case "t": this.lookAt(Math.min(this.topPlace + 1, (this.top?.length ?? 0) - 1)); break;
      case "T": this.lookAt(Math.max(this.topPlace - 1, 0)); break;
      default: return false;
    }
    return true;
  }
}
