import { address, byId, microns, short } from "/dom.js";

/** What tells where the view is: overview, scale bar, and the place under the cursor. */
export class Instruments {
  constructor(stage) {
    this.stage = stage;
    this.hand = null;
    const overview = byId("overview");
    overview.addEventListener("pointerdown", event => {
      overview.setPointerCapture(event.pointerId);
      this.jump(event);
    });
    overview.addEventListener("pointermove", event => {
      if (overview.hasPointerCapture(event.pointerId)) this.jump(event);
    });
    const follow = event => {
      this.hand = byId("map").contains(event.target) ? { clientX: event.clientX, clientY: event.clientY } : null;
      this.drawPointer();
    };
    byId("stage").addEventListener("pointermove", follow);
    byId("stage").addEventListener("pointerdown", follow);
    byId("stage").addEventListener("pointerleave", event => {
      // A finger that was lifted still has asked.
      if (event.pointerType !== "mouse") return;
      this.hand = null;
      this.drawPointer();
    });
  }

  open(slide) {
    const { size } = slide.pyramid;
    this.scale = 150 / Math.max(size.width, size.height);
    byId("overview-picture").src = address("/thumbnail", { slide: slide.id, v: this.stage.viewer.state.version });
    Object.assign(byId("overview").style, { width: `${size.width * this.scale}px`, height: `${size.height * this.scale}px` });
  }

  close() {
    this.hand = null;
    byId("pointer").textContent = "";
    byId("overview-picture").removeAttribute("src");
  }

  draw() {
    this.drawFrame();
    this.drawScaleBar();
    this.drawPointer();
  }

  /** The view is an upright box on the screen, and turned the other way on the slide. */
  drawFrame() {
    const { map, pixel } = this.stage;
    const [width, height] = this.stage.frameSize.map(side => side * pixel * this.scale);
    const { lat, lng } = map.getCenter();
    Object.assign(byId("overview-frame").style, {
      left: `${lng * this.scale - width / 2}px`, top: `${lat * this.scale - height / 2}px`,
      width: `${width}px`, height: `${height}px`, transform: map.angle ? `rotate(${-map.angle}deg)` : "",
    });
  }

  drawScaleBar() {
    const { slide, pixel } = this.stage;
    const unit = pixel * (slide.mpp ?? 1);
    const power = 10 ** Math.floor(Math.log10(170 * unit));
    const round = [5, 2, 1].map(step => step * power).find(length => length <= 170 * unit);
    byId("scale-line").style.width = `${round / unit}px`;
    byId("scale-text").textContent = slide.mpp ? `${microns(round)} · ${short(10 / unit)}×` : `${short(round)} px`;
    byId("scale-bar").title = slide.mpp ? `${short(unit)} µm per pixel of the screen` : "the slide does not tell its scale";
  }

  drawPointer() {
    const { map, slide, viewer } = this.stage;
    if (!map) return;
    let words = "";
    if (this.hand) {
      const { lat: y, lng: x } = map.mouseEventToLatLng(this.hand);
      const { width, height } = slide.pyramid.size;
      if (x >= 0 && y >= 0 && x < width && y < height) {
        words = [viewer.overlay.valueAt(x, y), this.place(x, y)].filter(Boolean).join(" · ");
      }
    }
    byId("pointer").textContent = words;
  }

  place(x, y) {
    const { mpp } = this.stage.slide;
    return mpp ? `x ${Math.round(x * mpp)} µm, y ${Math.round(y * mpp)} µm` : `x ${Math.round(x)} px, y ${Math.round(y)} px`;
  }

  jump(event) {
    if (!this.stage.map) return;
    const { left, top } = byId("overview").getBoundingClientRect();
    const border = byId("overview").clientLeft;
    this.stage.goTo((event.clientX - left - border) / this.scale, (event.clientY - top - border) / this.scale);
  }
}
