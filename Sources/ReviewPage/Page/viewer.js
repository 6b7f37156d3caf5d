import { address, byId, element, fetchJSON, flagsOf, microns, percent, probabilityBar, short, verdictOf } from "/dom.js";
import { Overlay } from "/overlay.js";
import { Marks } from "/marks.js";
import { DecisionForm } from "/decision.js";

/** One slide with its overlay, tools and decisions. Leaflet's latitude and longitude are y and x in level-0 pixels. */
export class Viewer {
  constructor(state) {
    this.state = state;
    this.map = null;
    this.slide = null;
    this.overlay = new Overlay(this);
    this.marks = new Marks(this);
    this.form = new DecisionForm(this);
    byId("back").addEventListener("click", () => this.leave());
    byId("next").addEventListener("click", () => this.step(1));
    byId("previous").addEventListener("click", () => this.step(-1));
    byId("tool-fit").addEventListener("click", () => this.fit());
    byId("overview").addEventListener("click", event => this.jump(event));
    byId("overview-picture").addEventListener("load", () => this.drawFrame());
  }

  async open(id) {
    this.close();
    this.wanted = id;
    byId("slide-name").textContent = id;
    byId("slide-label").textContent = "";
    byId("slide-flags").replaceChildren();
    const model = this.modelOf(id);
    let slide;
    try {
      slide = await fetchJSON(address("/api/slide", { slide: id, model }));
    } catch (error) {
      this.complain(error.message);
      return;
    }
    if (this.wanted !== id) return;
    this.slide = { ...slide, model };
    byId("slide-label").textContent = slide.label !== undefined ? `label: ${slide.label}` : "";
    byId("slide-flags").replaceChildren(...flagsOf(slide.quality));
    this.complain(slide.problem ?? "");
    this.showForecast(slide);
    this.form.open(this.slide);
    if (slide.pyramid) this.show(slide);
    await this.overlay.open(this.slide);
    byId("viewer").dataset.slide = id;
  }

  /** Another model of the same slide, with the view kept. */
  async changeModel(model) {
    this.state.model = model;
    const { id } = this.slide;
    const slide = await fetchJSON(address("/api/slide", { slide: id, model }));
    // Meanwhile the reviewer may have gone on to another slide or model.
    if (this.wanted !== id || this.state.model !== model) return;
    this.slide = { ...slide, model };
    this.form.slide = this.slide;
    this.showForecast(slide);
    await this.overlay.open(this.slide);
  }

  modelOf(id) {
    const row = this.state.slides.find(row => row.id === id);
    const has = row && Object.keys(row.forecasts);
    return !has || has.includes(this.state.model) ? this.state.model : has[0] ?? "";
  }

  close() {
    this.wanted = null;
    this.marks.close();
    this.overlay.close();
    this.map?.remove();
    this.map = null;
    this.slide = null;
    delete byId("viewer").dataset.slide;
  }

  show(slide) {
    const { deepest, pyramid: { size, bounds } } = slide;
    const unit = 2 ** -deepest;
    const crs = L.extend({}, L.CRS.Simple, { transformation: new L.Transformation(unit, 0, unit, 0) });
    this.map = L.map("map", {
      crs, minZoom: 0, maxZoom: deepest + 2, zoomControl: false, attributionControl: false, fadeAnimation: false,
      keyboardPanDelta: 160, wheelPxPerZoomLevel: 100, doubleClickZoom: false, maxBoundsViscosity: 1,
    });
    L.control.zoom({ position: "topleft" }).addTo(this.map);
    this.extent = L.latLngBounds([0, 0], [size.height, size.width]);
    this.scanned = L.latLngBounds([bounds.y, bounds.x], [bounds.y + bounds.height, bounds.x + bounds.width]);
    this.map.createPane("heat").style.zIndex = 300;
    this.map.createPane("hatch").style.zIndex = 310;
    L.tileLayer(`${address("/tile", { slide: slide.id, v: this.state.version })}&z={z}&x={x}&y={y}`, this.tileOptions())
      .addTo(this.map);
    const side = Math.max(size.width, size.height);
    this.map.setMaxBounds(this.extent.pad(0.5));
    byId("overview-picture").src = address("/thumbnail", { slide: slide.id, v: this.state.version });
    this.overviewScale = 150 / side;
    Object.assign(byId("overview").style, {
      width: `${size.width * this.overviewScale}px`, height: `${size.height * this.overviewScale}px`,
    });
    this.map.on("move zoomend resize", () => this.drawFrame());
    this.map.on("mousemove", event => this.drawPointer(event.latlng));
    this.fit();
    byId("map").focus({ preventScroll: true });
  }

  tileOptions() {
    return {
      tileSize: 256, minNativeZoom: 0, maxNativeZoom: this.slide.deepest, minZoom: 0, maxZoom: this.slide.deepest + 2,
      noWrap: true, bounds: this.extent, keepBuffer: 3,
    };
  }

  fit() { this.map?.fitBounds(this.scanned, { animate: false }); }

  /** Shows a rectangle of the slide in the middle, with its surroundings. */
  look(x, y, side) {
    const wanted = Math.min(this.slide.deepest, Math.floor(this.slide.deepest + Math.log2(280 / side)));
    this.map?.setView([y + side / 2, x + side / 2], Math.max(0, wanted), { animate: false });
  }

  /** Length in words of a distance in level-0 pixels. */
  length(pixels) { return this.slide.mpp ? microns(pixels * this.slide.mpp) : `${short(pixels)} px`; }

  drawFrame() {
    if (!this.map) return;
    const view = this.map.getBounds();
    const scale = this.overviewScale;
    Object.assign(byId("overview-frame").style, {
      left: `${view.getWest() * scale}px`, top: `${Math.min(view.getSouth(), view.getNorth()) * scale}px`,
      width: `${(view.getEast() - view.getWest()) * scale}px`,
      height: `${Math.abs(view.getNorth() - view.getSouth()) * scale}px`,
    });
    const pixel = 2 ** (this.slide.deepest - this.map.getZoom());
    const unit = pixel * (this.slide.mpp ?? 1);
    const power = 10 ** Math.floor(Math.log10(170 * unit));
    const round = [5, 2, 1].map(step => step * power).find(length => length <= 170 * unit);
    byId("scale-line").style.width = `${round / unit}px`;
    byId("scale-text").textContent = this.slide.mpp ? microns(round) : `${short(round)} px`;
  }

  drawPointer(place) {
    const detail = this.slide.mpp ? `, ${short(this.slide.mpp * 2 ** (this.slide.deepest - this.map.getZoom()))} µm per pixel` : "";
    byId("pointer").textContent = `${Math.round(place.lng)}, ${Math.round(place.lat)}${detail}`;
  }

  jump(event) {
    const frame = byId("overview").getBoundingClientRect();
    this.map?.panTo([(event.clientY - frame.top) / this.overviewScale, (event.clientX - frame.left) / this.overviewScale],
      { animate: false });
  }

  showForecast(slide) {
    const panel = byId("forecast");
    panel.replaceChildren();
    if (!slide.forecast) {
      panel.append(element("p", { className: "quiet", textContent: "No model has seen this slide." }));
      return;
    }
    const verdict = verdictOf(slide.forecast);
    panel.append(
      element("div", { className: "verdict" }, element("strong", { textContent: verdict.decided }),
        element("span", { textContent: `${percent(verdict.probability)} ${verdict.shown}` })),
      probabilityBar(slide.forecast),
      slide.forecast.note ? element("p", { className: "old", textContent: slide.forecast.note }) : "",
      element("p", {
        className: "quiet",
        textContent: [
          verdict.threshold !== undefined ? `threshold ${percent(verdict.threshold)}` : "most probable class",
          verdict.range ? `folds and seeds ${percent(verdict.range[0])} to ${percent(verdict.range[1])}` : null,
          `${slide.forecast.patches} patches`,
        ].filter(Boolean).join(" · "),
      }));
  }

  complain(text) {
    byId("stage-problem").hidden = !text;
    byId("stage-problem").textContent = text;
  }

  leave() { location.hash = "#/"; }

  step(count) {
    const order = this.state.order ?? this.state.slides.map(row => row.id);
    const next = order[order.indexOf(this.wanted) + count];
    if (next !== undefined) location.hash = `#/slide/${encodeURIComponent(next)}`;
  }

  key(key) {
    const pan = { ArrowLeft: [-160, 0], ArrowRight: [160, 0], ArrowUp: [0, -160], ArrowDown: [0, 160] }[key];
    if (pan) this.map?.panBy(pan, { animate: false });
    else if (key === "+" || key === "=") this.map?.zoomIn();
    else if (key === "-") this.map?.zoomOut();
    else if (key === "0") this.fit();
    else if (key === "n") this.step(1);
    else if (key === "p") this.step(-1);
    else if (key === "w") this.leave();
    else return this.overlay.key(key) || this.marks.key(key) || this.form.key(key);
    return true;
  }
}
