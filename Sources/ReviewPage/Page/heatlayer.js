import { byId } from "/dom.js";
import { edgesOf, OutlineLayer } from "/outlines.js";

/** The map's tiles or outlines on the stage; they stand until the next ones are there. */
export class HeatLayer {
  constructor(overlay) {
    this.overlay = overlay;
    this.layer = this.next = null;
  }

  get stage() { return this.overlay.viewer.stage; }

  close() {
    clearTimeout(this.waiting);
    for (const layer of [this.layer, this.next]) layer?.remove();
    this.layer = this.next = null;
    delete byId("map").dataset.overlay;
  }

  /** Strength and whether it is seen at all; no tile is drawn anew for that. */
  style({ opacity, isShown }) {
    const { map } = this.stage;
    if (!map) return;
    map.getPane("heat").style.opacity = opacity;
    for (const name of ["heat", "hatch", "outlines"]) map.getPane(name).style.display = isShown ? "" : "none";
  }

  replaceSoon(delay) {
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.replace(), delay);
  }

  replace() {
    const { stage, overlay } = this;
    if (!stage.map || !overlay.chosen) return;
    const { isOutline, look } = overlay;
    this.next?.remove();
    byId("map").dataset.overlay = "drawing";
    const next = this.next = isOutline ? this.outlines() : L.tileLayer(overlay.tiles("/overlay", look), {
      ...stage.tileOptions(), pane: "heat", opacity: 0,
    });
    // The values for the outlines are still to come.
    if (!next) return;
    stage.tiles.watch(next, { isOfResult: !isOutline });
    const finish = () => {
      if (this.next !== next) return;
      next.setOpacity(1);
      this.layer?.remove();
      [this.layer, this.next] = [next, null];
      byId("map").dataset.overlay = new URLSearchParams({ ...look, ...(isOutline ? { outline: 1 } : {}) }).toString();
    };
    next.once("load", finish).addTo(stage.map);
    // Nothing is loaded where the view lies beside the slide.
    if (!next.isLoading()) finish();
  }

  /** Only the outlines of what is at or above the limit, or of the upper half. */
  outlines() {
    const { values: known, chosen: { low, high }, from, isPercentile, slide } = this.overlay;
    if (!known) return null;
    const { values, ranks } = known;
    const isIn = from === 0 ? patch => ranks[patch] >= 0.5
      : isPercentile ? patch => ranks[patch] >= from : patch => (values[patch] - low) / (high - low) >= from;
    const edges = edgesOf(known, values.map((_, patch) => patch).filter(isIn));
    return new OutlineLayer(edges, slide.deepest, { ...this.stage.tileOptions(), maxNativeZoom: undefined, pane: "outlines" });
  }
}
