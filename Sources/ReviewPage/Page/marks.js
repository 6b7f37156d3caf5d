import { byId } from "/dom.js";
import { ruler, tools } from "/drawing.js";
import { describe } from "/labels.js";
import { notice } from "/notice.js";
import { follow } from "/pointers.js";
import { cornersOf, distanceTo, hasArea, holds, isPoint, moved, reshaped, ringOf, toLatLngs } from "/shapes.js";

/** Of marks without a class, and of the classes in their order. */
const plain = "#c2185b";
const colours = ["#1565c0", "#c62828", "#6a1b9a", "#b34700", "#00695c", "#5d4037"];

/** Ruler and marks on the slide: drawn with a tool; one's own are moved by their outline and reshaped by their corners. */
export class Marks {
  constructor(viewer) {
    this.viewer = viewer;
    this.tool = this.active = this.drawn = this.ruler = this.shown = null;
    this.own = [];
    this.others = [];
    this.selected = null;
    for (const button of this.buttons) {
      button.addEventListener("click", () => {
        this.toggle(button.dataset.tool);
        // Enter and Backspace are the tool's now.
        byId("map").focus({ preventScroll: true });
      });
    }
    this.hand = follow(byId("map"), event => this.begin(event));
  }

  get buttons() { return document.querySelectorAll(".tools [data-tool]"); }
  get stage() { return this.viewer.stage; }
  get pixel() { return this.stage.pixel; }
  get angle() { return this.stage.angle; }

  place(event) {
    const { lat, lng } = this.stage.map.mouseEventToLatLng(event);
    return [lng, lat];
  }

  close() {
    if (this.active?.isBegun && !this.isWarned) notice("polygon", "The polygon that was half drawn is not kept.");
    this.choose(null);
    this.measure(null);
    this.shown?.remove();
    this.shown = this.selected = null;
    this.own = [];
    this.others = [];
  }

  /** Takes a tool up, or puts it down. */
  toggle(tool) {
    if (this.mayLeave()) this.choose(this.tool === tool ? null : tool);
  }

  /** False, with words, where an area is half drawn; who asks the same again means it. */
  mayLeave() {
    if (!this.active?.isBegun || this.isWarned) return true;
    this.isWarned = true;
    byId("tool-hint").textContent = "The polygon is not closed: Enter closes it, Esc ends it; the same again leaves it behind.";
    return false;
  }

  choose(tool) {
    this.isWarned = false;
    this.hand.cancel();
    this.show(null);
    this.tool = this.stage.map ? tool : null;
    this.active = this.tool ? tools[this.tool](this) : null;
    for (const button of this.buttons) button.setAttribute("aria-pressed", button.dataset.tool === this.tool);
    byId("map").classList.toggle("drawing", this.tool !== null);
    byId("tool-hint").textContent = this.active?.hint ?? "";
  }

  begin(event) {
    const { map } = this.stage;
    // Controls and tooltips are no part of the slide.
    if (!map || event.target.closest("button, a")) return null;
    const drag = this.active ? this.active.begin?.(event) : this.grab(event);
    if (!drag) return null;
    map.dragging.disable();
    const free = () => {
      this.stage.map?.dragging.enable();
      // The click that ends a drag chooses nothing.
      this.isDragged = true;
      setTimeout(() => { this.isDragged = false; });
    };
    return {
      move: drag.move,
      end: event => {
        free();
        drag.end(event);
      },
      cancel: () => {
        free();
        drag.cancel();
      },
    };
  }

  /** Takes hold of a corner of the selected mark, or of the outline of any own one. */
  grab(event) {
    const place = this.place(event);
    const reach = (event.pointerType === "mouse" ? 6 : 14) * this.pixel;
    const corner = this.selected === null ? -1
      : cornersOf(this.own[this.selected]).findIndex(([x, y]) => Math.hypot(x - place[0], y - place[1]) <= reach);
    if (corner >= 0) return this.pull(this.selected, event => reshaped(this.own[this.selected], corner, this.place(event)));
    const distances = this.own.map(mark => distanceTo(mark, place) - (isPoint(mark) ? 4 * this.pixel : 0));
    const index = distances.indexOf(Math.min(...distances));
    if (!(distances[index] <= reach)) return null;
    this.select(index);
    return this.pull(index, event => {
      const [x, y] = this.place(event);
      return moved(this.own[index], x - place[0], y - place[1]);
    });
  }

  pull(index, change) {
    let now = null;
    return {
      move: event => {
        now = change(event);
        this.showOne(index, now);
      },
      end: () => {
        if (now && (isPoint(now) || hasArea(now))) this.viewer.form.changeMark(index, now);
        else this.draw(this.own, this.others);
      },
      cancel: () => this.draw(this.own, this.others),
    };
  }

  click({ latlng: { lat, lng } }) {
    const place = [lng, lat];
    if (this.isWarned) byId("tool-hint").textContent = this.active?.hint ?? "";
    this.isWarned = false;
    if (this.active) this.active.click?.(place);
    else if (!this.isDragged) this.select(this.own.findLastIndex(mark => holds(mark, place)));
  }

  select(index) {
    this.selected = index < 0 ? null : index;
    this.draw(this.own, this.others);
  }

  /** What is being drawn. */
  show(layer) {
    this.drawn?.remove();
    this.drawn = layer?.addTo(this.stage.map) ?? null;
  }

  take(mark) {
    this.choose(null);
    this.selected = this.own.length;
    this.viewer.form.addMark(mark);
  }

  measure(from, to) {
    this.ruler?.remove();
    this.ruler = null;
    if (!from || !this.stage.map) return;
    this.ruler = ruler(from, to, this.stage.length(Math.hypot(to[0] - from[0], to[1] - from[1]))).addTo(this.stage.map);
  }

  /** To a map that is there since. */
  attach() {
    this.stage.map.on({
      click: event => this.click(event),
      dblclick: () => this.active?.doubleClick?.(),
      mousemove: ({ latlng: { lat, lng } }) => this.active?.hover?.([lng, lat]),
    });
    this.draw(this.own, this.others);
  }

  /** Draws one's own marks and those of other readers. */
  draw(ownMarks, otherDecisions) {
    if (ownMarks.length < this.own.length || this.selected >= ownMarks.length) this.selected = null;
    [this.own, this.others] = [[...ownMarks], otherDecisions];
    this.shown?.remove();
    const { map } = this.stage;
    if (!map) return;
    this.shown = L.layerGroup().addTo(map);
    for (const { reviewer, marks } of this.others) {
      for (const mark of marks) {
        const who = [reviewer, mark.class].filter(Boolean).join(", ");
        this.add(mark, [who, mark.note].filter(Boolean).join(": "), { dashArray: "4 3", fillOpacity: 0.05 });
      }
    }
    this.shapes = [];
    this.own.forEach((mark, index) => this.showOne(index, mark));
  }

  showOne(index, mark) {
    this.shapes[index]?.remove();
    this.shapes[index] = L.layerGroup().addTo(this.shown);
    const isSelected = index === this.selected;
    this.add(mark, [index + 1, mark.class, mark.note].filter(Boolean).join(" "), {
      fillOpacity: 0.1, weight: isSelected ? 3 : 2,
    }, this.shapes[index]);
    if (!isSelected) return;
    for (const corner of toLatLngs(cornersOf(mark))) {
      L.circleMarker(corner, { radius: 5, color: "#111", weight: 1, fillColor: "#fff", fillOpacity: 1, interactive: false })
        .addTo(this.shapes[index]);
    }
  }

  add(mark, text, style, group = this.shown) {
    const place = (this.viewer.slide?.classes ?? []).indexOf(mark.class);
    const color = place < 0 ? plain : colours[place % colours.length];
    const shape = isPoint(mark) ? L.circleMarker([mark.y, mark.x], { color, weight: 2, ...style, radius: 7 })
      : L.polygon(toLatLngs(ringOf(mark)), { color, weight: 2, ...style });
    describe(shape, text).addTo(group);
  }

  look(mark) {
    this.select(this.own.indexOf(mark));
    const side = Math.max(mark.width ?? 200, mark.height ?? 200);
    this.stage.look(mark.x + (mark.width ?? 0) / 2 - side / 2, mark.y + (mark.height ?? 0) / 2 - side / 2, side);
  }

  key(key) {
    if (this.active?.key?.(key)) return true;
    const tool = { r: "ruler", m: "point", x: "rectangle", g: "polygon", f: "freehand" }[key];
    if (tool) this.toggle(tool);
    else if (key === "Escape") {
      this.choose(null);
      this.measure(null);
      this.select(-1);
    } else return false;
    return true;
  }
}
