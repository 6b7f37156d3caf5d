import { address, byId, microns, short } from "/dom.js";
import { Instruments } from "/instruments.js";
import { boxAround, turned, TurnedMap } from "/rotation.js";
import { TileWatch } from "/tiles.js";

/** Of the wheel, in pixels, for one step. */
const wheelStep = 50;

/** The view of a slide. Leaflet's latitude and longitude are y and x in level-0 pixels. */
export class Stage {
  constructor(viewer) {
    this.viewer = viewer;
    this.map = null;
    this.slide = null;
    this.angle = 0;
    this.onview = null;
    this.tiles = new TileWatch(viewer);
    this.instruments = new Instruments(this);
    byId("tool-fit").addEventListener("click", () => this.fit());
    byId("tool-in").addEventListener("click", () => this.zoomBy(0.5));
    byId("tool-out").addEventListener("click", () => this.zoomBy(-0.5));
    byId("tool-upright").addEventListener("click", () => this.turn(0));
    for (const button of this.powers) button.addEventListener("click", () => this.magnify(Number(button.dataset.power)));
    for (const button of byId("view-tools").querySelectorAll("[data-turn]")) {
      button.addEventListener("click", () => this.turn(this.angle + Number(button.dataset.turn)));
    }
    byId("map").addEventListener("wheel", event => this.roll(event), { passive: false });
    new ResizeObserver(() => this.turn(this.angle)).observe(byId("stage"));
  }

  get powers() { return byId("view-tools").querySelectorAll("[data-power]"); }

  get frameSize() { return [byId("stage").clientWidth, byId("stage").clientHeight]; }

  /** Level-0 pixels of one pixel of the screen. */
  get pixel() { return 2 ** (this.slide.deepest - this.map.getZoom()); }

  open(slide) {
    this.close();
    this.slide = slide;
    const { deepest, pyramid: { size } } = slide;
    const unit = 2 ** -deepest;
    const crs = L.extend({}, L.CRS.Simple, { transformation: new L.Transformation(unit, 0, unit, 0) });
    // Steps are rounded here: Leaflet would round the zoom of a whole slide or of 10× as well.
    this.map = new TurnedMap("map", {
      crs, minZoom: -3, maxZoom: deepest + 2, zoomSnap: 0, zoomControl: false, attributionControl: false, fadeAnimation: false,
      keyboard: false, boxZoom: false, scrollWheelZoom: false, doubleClickZoom: false, trackResize: false,
    });
    this.map.followHand();
    this.extent = L.latLngBounds([0, 0], [size.height, size.width]);
    this.map.createPane("heat").style.zIndex = 300;
    this.map.createPane("outlines").style.zIndex = 305;
    this.map.createPane("hatch").style.zIndex = 310;
    this.angle = 0;
    this.map.turn(0, byId("stage"));
    this.instruments.open(slide);
    this.fit();
    this.showSlide();
    this.map.on("move zoom", () => this.draw());
    this.map.on("moveend", () => this.settle());
    this.viewer.marks.attach();
    this.settle();
    byId("map").focus({ preventScroll: true });
  }

  close() {
    clearTimeout(this.telling);
    this.map?.remove();
    this.map = this.picture = null;
    this.tiles.close();
    this.instruments.close();
  }

  /** Its tiles, or its small picture where they cannot be had, as before the slide is there. */
  showSlide() {
    const of = { slide: this.slide.id, v: this.viewer.state.version };
    this.picture?.remove();
    this.picture = this.slide.tiles ? null : L.imageOverlay(address("/thumbnail", of), this.extent, { pane: "tilePane" }).addTo(this.map);
    if (this.picture) return;
    this.tiles.watch(L.tileLayer(`${address("/tile", of)}&z={z}&x={x}&y={y}`, this.tileOptions())).addTo(this.map);
  }

  tileOptions() {
    return {
      tileSize: 256, minNativeZoom: 0, maxNativeZoom: this.slide.deepest, minZoom: -3, maxZoom: this.slide.deepest + 2,
      noWrap: true, bounds: this.extent, keepBuffer: 3,
    };
  }

  /** All that was scanned, as large as the view allows. */
  fit() {
    if (!this.map) return;
    const { x, y, width, height } = this.slide.pyramid.bounds;
    const [wide, high] = boxAround([width, height], this.angle);
    const [frameWide, frameHigh] = this.frameSize;
    const zoom = this.slide.deepest + Math.log2(Math.min(frameWide / wide, frameHigh / high));
    this.goTo(x + width / 2, y + height / 2, Number.isFinite(zoom) ? zoom : 0);
  }

  goTo(x, y, zoom = this.map?.getZoom()) { this.map?.setView([y, x], zoom, { animate: false }); }

  /** Shows a rectangle of the slide in the middle, with its surroundings. */
  look(x, y, side) {
    if (!this.map) return;
    const wanted = this.slide.deepest + Math.log2(Math.min(280, ...this.frameSize.map(length => length * 0.7)) / side);
    this.goTo(x + side / 2, y + side / 2, Math.min(this.slide.deepest, Math.floor(wanted * 4) / 4));
  }

  /** By quarters of a step; towards a place of the container where one is given. */
  zoomBy(step, point) {
    if (!this.map) return;
    const { minZoom, maxZoom } = this.map.options;
    const zoom = Math.min(maxZoom, Math.max(minZoom, Math.round((this.map.getZoom() + step) * 4) / 4));
    this.map.setZoomAround(point ?? this.map.getSize().divideBy(2), zoom, { animate: false });
  }

  roll(event) {
    event.preventDefault();
    if (!this.map) return;
    const now = performance.now();
    // A wheel's notch is one step; a pad's many small movements add up.
    if (!(now - this.rolledAt < 300)) this.rolled = 0;
    this.rolledAt = now;
    this.rolled += event.deltaY * [1, 33, 400][event.deltaMode];
    if (Math.abs(this.rolled) < wheelStep) return;
    this.zoomBy(-0.25 * Math.sign(this.rolled), this.map.mouseEventToContainerPoint(event));
    this.rolled = 0;
  }

  /** 10× is 1 µm per pixel of the screen. */
  zoomOf(power) { return this.slide.deepest + Math.log2(this.slide.mpp * power / 10); }

  magnify(power) {
    if (!this.map || !this.slide.mpp) return;
    const { lat, lng } = this.map.getCenter();
    this.goTo(lng, lat, this.zoomOf(power));
  }

  turn(angle) {
    this.angle = (angle % 360 + 360) % 360;
    if (!this.map) return;
    this.map.turn(this.angle, byId("stage"));
    this.settle();
  }

  /** Length in words of a distance in level-0 pixels. */
  length(pixels) { return this.slide.mpp ? microns(pixels * this.slide.mpp) : `${short(pixels)} px`; }

  get view() {
    if (!this.map) return null;
    const { lat, lng } = this.map.getCenter();
    return { x: lng, y: lat, zoom: this.map.getZoom(), angle: this.angle };
  }

  set view({ x, y, zoom, angle = 0 }) {
    if (!this.map || ![x, y, zoom, angle].every(Number.isFinite)) return;
    this.turn(angle);
    this.goTo(x, y, zoom);
  }

  /** The middle of the view stays on the slide. */
  settle() {
    const { lat, lng } = this.map.getCenter();
    const [x, y] = [Math.min(Math.max(lng, 0), this.extent.getEast()), Math.min(Math.max(lat, 0), this.extent.getNorth())];
    if (Math.hypot(x - lng, y - lat) > this.pixel) {
      this.goTo(x, y);
      return;
    }
    this.draw();
    clearTimeout(this.telling);
    this.telling = setTimeout(() => this.onview?.(this.view), 200);
  }

  draw() {
    this.instruments.draw();
    const zoom = this.map.getZoom();
    byId("map").classList.toggle("between", !Number.isInteger(zoom) || this.angle % 90 !== 0);
    for (const button of this.powers) {
      const wanted = this.slide.mpp ? this.zoomOf(Number(button.dataset.power)) : NaN;
      button.disabled = !(wanted <= this.slide.deepest + 2);
      button.setAttribute("aria-pressed", Math.abs(wanted - zoom) < 0.01);
    }
    byId("tool-upright").textContent = `${this.angle}°`;
    byId("tool-upright").disabled = this.angle === 0;
  }

  key(key) {
    const pan = { ArrowLeft: [-160, 0], ArrowRight: [160, 0], ArrowUp: [0, -160], ArrowDown: [0, 160] }[key];
    if (pan) this.map?.panBy(turned(pan, -this.angle), { animate: false });
    else if (key === "+" || key === "=") this.zoomBy(0.5);
    else if (key === "-") this.zoomBy(-0.5);
    else if (key === "0") this.fit();
    else if (key === "e") this.turn(this.angle + 15);
    else if (key === "E") this.turn(this.angle - 15);
    else return false;
    return true;
  }
}
