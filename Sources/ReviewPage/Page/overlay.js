import { address, byId, options, remember, remembered, short } from "/dom.js";
import { HeatLayer } from "/heatlayer.js";
import { Highest } from "/highest.js";
import { Legend } from "/legend.js";
import { askOfResult, PatchValues } from "/values.js";
import { plainTitle, plainValue } from "/words.js";

/** The heatmap over the slide: the server draws its tiles for what is chosen here. */
export class Overlay {
  constructor(viewer) {
    this.viewer = viewer;
    this.slide = null;
    this.isHeld = false;
    this.known = new Map();
    this.legend = new Legend();
    this.heat = new HeatLayer(this);
    this.highest = new Highest(viewer);
    for (const name of ["scale", "colours", "opacity"]) {
      const control = byId(`overlay-${name}`);
      control.value = remembered(name, control.value);
      control.addEventListener("input", () => {
        remember(name, control.value);
        this.redraw(name);
      });
    }
    byId("overlay-outline").checked = remembered("outline", "") === "yes";
    byId("overlay-outline").addEventListener("change", () => {
      remember("outline", this.isOutline ? "yes" : "");
      this.redraw("outline");
    });
    byId("overlay-on").addEventListener("change", () => this.redraw("on"));
    byId("overlay-from").addEventListener("input", () => this.redraw("from"));
    byId("overlay-map").addEventListener("change", () => this.changeMap());
    byId("overlay-model").addEventListener("change", event => viewer.changeModel(event.target.value));
    const hold = byId("overlay-hold");
    hold.addEventListener("pointerdown", event => {
      hold.setPointerCapture(event.pointerId);
      this.hold(true);
    });
    for (const name of ["pointerup", "pointercancel"]) hold.addEventListener(name, () => this.hold(false));
    addEventListener("blur", () => this.hold(false));
  }

  get isOutline() { return byId("overlay-outline").checked; }
  get isPercentile() { return byId("overlay-scale").value === "percentile"; }
  get isShown() { return byId("overlay-on").checked && !this.isHeld; }
  get opacity() { return byId("overlay-opacity").value / 100; }
  get from() { return byId("overlay-from").value / 1000; }
  get chosen() { return this.slide?.maps[Number(byId("overlay-map").value)]; }

  /** Title of the map that is seen now; null where none is. */
  get shownMap() {
    const isSeen = this.viewer.stage.map && this.isShown && (this.isOutline || this.opacity > 0);
    return isSeen ? this.chosen?.title ?? null : null;
  }

  async open(slide) {
    const before = this.chosen?.title ?? this.before;
    this.close();
    this.slide = slide;
    const hasMaps = slide.maps.length > 0 && !slide.sealed;
    byId("overlay-panel").hidden = byId("top-panel").hidden = !hasMaps;
    byId("uncovered").hidden = true;
    if (!hasMaps) {
      this.slide = { ...slide, maps: [] };
      return;
    }
    this.showUncovered();
    const row = this.viewer.state.slides.find(row => row.id === slide.id);
    const models = row ? Object.keys(row.forecasts).sort() : [slide.model];
    options(byId("overlay-model"), models.map(name => [name, name]), slide.model);
    const kept = slide.maps.findIndex(map => map.title === before);
    options(byId("overlay-map"), slide.maps.map((map, index) => [String(index), plainTitle(map.title, slide)]),
      String(Math.max(0, kept)));
    await this.changeMap();
  }

  close() {
    this.before = this.chosen?.title ?? this.before;
    this.heat.close();
    this.hatch?.remove();
    this.hatch = this.values = this.slide = null;
    this.known = new Map();
    this.highest.close();
    this.hold(false);
  }

  /** What every request of a result carries. */
  query(extra = {}) {
    const { id, model, digest } = this.slide;
    return { slide: id, model, ...(digest ? { result: digest } : {}), ...extra };
  }

  tiles(path, query) {
    return `${address(path, this.viewer.query({ ...query, v: this.viewer.state.version }))}&z={z}&x={x}&y={y}`;
  }

  /** Hatches the tissue that no patch covers. */
  showUncovered() {
    const { stage } = this.viewer;
    const { unexamined } = this.slide;
    byId("uncovered").hidden = unexamined === undefined;
    byId("uncovered-text").textContent = unexamined ?? "";
    if (!stage.map || unexamined === undefined) return;
    this.hatch = L.tileLayer(this.tiles("/uncovered", this.query()), { ...stage.tileOptions(), pane: "hatch" });
    stage.tiles.watch(this.hatch, { isOfResult: true });
    this.hatch.addTo(stage.map);
  }

  async changeMap() {
    const { slide, chosen } = this;
    const query = this.query({ map: byId("overlay-map").value });
    this.values = null;
    this.redraw("map");
    const isWanted = () => this.slide === slide && this.chosen === chosen;
    await Promise.all([this.highest.open(this.viewer.slide, chosen, query), this.learn(query, isWanted)]);
  }

  /** The values of all patches; asked for once for each map. */
  async learn(query, isWanted) {
    const { known } = this;
    try {
      if (!known.has(query.map)) {
        known.set(query.map, askOfResult(this.viewer, "/api/values", query, () => this.known === known)
          .then(answer => answer && new PatchValues(answer)));
      }
      const values = await known.get(query.map);
      if (!isWanted() || !values) return;
      this.values = values;
      if (this.isOutline) this.redraw("values");
      else this.describe();
    } catch (error) {
      known.delete(query.map);
      if (isWanted()) byId("top-problem").textContent = `The values could not be loaded: ${error.message}`;
    }
  }

  /** What is under the cursor, in words. */
  valueAt(x, y) {
    if (!this.values || this.shownMap === null) return "";
    const patch = this.values.patchAt(x, y);
    if (patch === undefined) return "no patch here";
    return `${plainValue(this.chosen, this.values.values[patch])} (percentile ${short(this.values.ranks[patch] * 100)})`;
  }

  /** What the server needs to know to draw the map. */
  get look() {
    return this.query({
      map: byId("overlay-map").value, scale: byId("overlay-scale").value, colours: byId("overlay-colours").value, from: this.from,
    });
  }

  /** Shows what changed; tiles are drawn anew only where they differ. */
  redraw(changed) {
    if (!this.chosen) return;
    this.describe();
    this.heat.style(this);
    if (changed !== "opacity" && changed !== "on") this.heat.replaceSoon(changed === "from" ? 40 : 0);
  }

  describe() {
    this.legend.draw({
      map: this.chosen, colours: this.viewer.state.colours[this.chosen.signed ? "signed" : byId("overlay-colours").value], opacity: this.opacity,
      from: this.from, isPercentile: this.isPercentile, isOutline: this.isOutline,
    });
    this.viewer.stage.instruments.drawPointer();
  }

  hold(isHeld) {
    if (this.isHeld === isHeld) return;
    this.isHeld = isHeld;
    byId("overlay-hold").setAttribute("aria-pressed", isHeld);
    this.redraw("on");
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
    if (!this.chosen) return false;
    switch (key) {
      case "o": byId("overlay-on").click(); break;
      case "h": this.hold(true); break;
      case "l": byId("overlay-outline").click(); break;
      case "[": this.shift("opacity", -10); break;
      case "]": this.shift("opacity", 10); break;
      case ",": this.shift("from", -50); break;
      case ".": this.shift("from", 50); break;
      case "b": this.cycle("map"); break;
      case "s": this.cycle("scale"); break;
      case "c": this.cycle("colours"); break;
      case "t": this.highest.step(1); break;
      case "T": this.highest.step(-1); break;
      default: return false;
    }
    return true;
  }

  keyUp(key) {
    if (key === "h") this.hold(false);
  }
}
