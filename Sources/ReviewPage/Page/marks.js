import { byId } from "/dom.js";

const own = { color: "#c2185b", weight: 2, fillOpacity: 0.1 };
const others = { color: "#3949ab", weight: 2, fillOpacity: 0.05, dashArray: "4 3" };

/** Ruler, points and rectangles on the slide. */
export class Marks {
  constructor(viewer) {
    this.viewer = viewer;
    this.tool = null;
    this.ruler = null;
    for (const name of ["ruler", "point", "rectangle"]) {
      byId(`tool-${name}`).addEventListener("click", () => this.choose(this.tool === name ? null : name));
    }
  }

  close() {
    this.choose(null);
    this.ruler = null;
    this.shown = null;
  }

  choose(tool) {
    this.stop?.();
    this.stop = null;
    this.tool = tool;
    for (const name of ["ruler", "point", "rectangle"]) {
      byId(`tool-${name}`).classList.toggle("chosen", name === tool);
    }
    byId("map").classList.toggle("drawing", tool !== null);
    const { map } = this.viewer;
    if (!map || tool === null) return;
    if (tool === "point") this.stop = this.listen({ click: event => this.addPoint(event.latlng) });
    else this.stop = this.drag(tool === "ruler" ? this.measure() : this.rectangle());
  }

  listen(handlers) {
    const { map } = this.viewer;
    map.on(handlers);
    return () => map.off(handlers);
  }

  /** Lets a drag of the mouse draw instead of moving the slide. */
  drag({ move, end }) {
    const { map } = this.viewer;
    let start = null;
    map.dragging.disable();
    const off = this.listen({
      mousedown: event => { start = event.latlng; },
      mousemove: event => { if (start) move(start, event.latlng); },
      mouseup: event => {
        if (start) end(start, event.latlng);
        start = null;
      },
    });
    return () => {
      off();
      map.dragging.enable();
    };
  }

  measure() {
    const { viewer } = this;
    const show = (from, to) => {
      this.ruler?.remove();
      const length = Math.hypot(to.lng - from.lng, to.lat - from.lat);
      const line = L.polyline([from, to], { color: "#111", weight: 2, interactive: false });
      line.bindTooltip(viewer.length(length), { permanent: true, direction: "right", className: "ruler" });
      this.ruler = L.layerGroup([
        L.polyline([from, to], { color: "#fff", weight: 5, opacity: 0.7, interactive: false }), line,
      ]).addTo(viewer.map);
      line.openTooltip(to);
    };
    return { move: show, end: show };
  }

  rectangle() {
    const { viewer } = this;
    let drawn = null;
    return {
      move: (from, to) => {
        drawn?.remove();
        drawn = L.rectangle([from, to], { ...own, interactive: false }).addTo(viewer.map);
      },
      end: (from, to) => {
        drawn?.remove();
        drawn = null;
        const [width, height] = [Math.abs(to.lng - from.lng), Math.abs(to.lat - from.lat)].map(Math.round);
        if (width < 1 || height < 1) return;
        viewer.form.addMark({
          x: Math.round(Math.min(from.lng, to.lng)), y: Math.round(Math.min(from.lat, to.lat)), width, height,
        });
        this.choose(null);
      },
    };
  }

  addPoint(place) {
    this.viewer.form.addMark({ x: Math.round(place.lng), y: Math.round(place.lat) });
    this.choose(null);
  }

  /** Draws one's own marks and those of other reviewers. */
  draw(ownMarks, otherDecisions) {
    const { map } = this.viewer;
    if (!map) return;
    this.shown?.remove();
    this.shown = L.layerGroup().addTo(map);
    const add = (mark, style, text) => {
      const shape = mark.width === undefined
        ? L.circleMarker([mark.y, mark.x], { ...style, radius: 7, interactive: text !== "" })
        : L.rectangle([[mark.y, mark.x], [mark.y + mark.height, mark.x + mark.width]], { ...style, interactive: text !== "" });
      // A tooltip's string would be read as HTML.
      if (text) shape.bindTooltip(() => textBox(text));
      shape.addTo(this.shown);
    };
    for (const decision of otherDecisions) {
      for (const mark of decision.marks) add(mark, others, [decision.reviewer, mark.note].filter(Boolean).join(": "));
    }
    ownMarks.forEach((mark, index) => add(mark, own, `${index + 1} ${mark.note ?? ""}`.trim()));
  }

  look(mark) {
    const side = Math.max(mark.width ?? 200, mark.height ?? 200);
    this.viewer.look(mark.x + (mark.width ?? 0) / 2 - side / 2, mark.y + (mark.height ?? 0) / 2 - side / 2, side);
  }

  key(key) {
    const tool = { r: "ruler", m: "point", x: "rectangle" }[key];
    if (tool) this.choose(this.tool === tool ? null : tool);
    else if (key === "Escape") {
      this.choose(null);
      this.ruler?.remove();
      this.ruler = null;
    } else return false;
    return true;
  }
}

function textBox(text) {
  const box = document.createElement("span");
  box.textContent = text;
  return box;
}
