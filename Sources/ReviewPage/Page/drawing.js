import { areaOf, boxOf, hasArea, toLatLngs } from "/shapes.js";
import { turned } from "/rotation.js";
import { label } from "/labels.js";

const pen = { color: "#c2185b", weight: 2, fillOpacity: 0.1, interactive: false };

/**
 * What each tool does while it is chosen. `begin` follows a drag, `click` a click, `key` a key; `hint` says how.
 * `board` gives the map, places of events, and takes what was drawn.
 */
export const tools = {
  ruler: board => ({
    hint: "Drag from one place to another; Esc takes the ruler away.",
    begin: event => {
      const from = board.place(event);
      const show = event => board.measure(from, board.place(event));
      return { move: show, end: show, cancel: () => board.measure(null) };
    },
  }),

  point: board => ({
    hint: "Click a place.",
    click: ([x, y]) => board.take({ x: Math.round(x), y: Math.round(y) }),
  }),

  rectangle: board => ({
    hint: "Drag from one corner to the opposite one.",
    begin: event => {
      const from = board.place(event);
      const mark = event => upright(from, board.place(event), board.angle);
      return draggedArea(board, event => mark(event).points ?? corners(mark(event)), mark);
    },
  }),

  freehand: board => ({
    hint: "Drag around the area; it closes where you let go.",
    begin: event => {
      const path = [board.place(event)];
      return draggedArea(board, event => {
        path.push(board.place(event));
        return path;
      }, () => areaOf(thinned(path, board.pixel)));
    },
  }),

  polygon: board => {
    const path = [];
    let cursor = null;
    const near = place => 8 * board.pixel > Math.hypot(place[0] - path[0][0], place[1] - path[0][1]);
    const draw = () => board.show(path.length === 0 ? null : L.layerGroup([
      L.polyline(toLatLngs([...path, ...(cursor ? [cursor] : [])]), pen),
      ...toLatLngs(path).map((place, index) => L.circleMarker(place, {
        ...pen, radius: index === 0 ? 6 : 3, fillOpacity: 1, fillColor: "#fff",
      })),
    ]));
    const close = () => { if (path.length >= 3 && hasArea(areaOf(path))) board.take(areaOf(path)); };
    return {
      hint: "Click the corners; double click, Enter or the first corner closes, Backspace takes one back, Esc ends it.",
      click: place => {
        // The second click of a double click is no corner.
        const last = path.at(-1);
        if (last && Math.hypot(place[0] - last[0], place[1] - last[1]) < 3 * board.pixel) return;
        if (path.length >= 3 && near(place)) {
          close();
          return;
        }
        path.push(place);
        draw();
      },
      hover: place => {
        cursor = place;
        draw();
      },
      doubleClick: close,
      get isBegun() { return path.length > 0; },
      key: key => {
        if (key === "Enter") close();
        else if (key === "Backspace") path.pop();
        else return false;
        draw();
        return true;
      },
    };
  },
};

function draggedArea(board, ring, mark) {
  return {
    move: event => board.show(L.polygon(toLatLngs(ring(event)), pen)),
    end: event => {
      board.show(null);
      const drawn = mark(event);
      if (hasArea(drawn)) board.take(drawn);
    },
    cancel: () => board.show(null),
  };
}

const corners = ({ x, y, width, height }) => [[x, y], [x + width, y], [x + width, y + height], [x, y + height]];

/** A box that is upright on the screen; on the slide it is a rectangle only where the view is turned by quarters. */
function upright(from, to, angle) {
  if (angle % 90 === 0) return boxOf(from, to);
  const [width, height] = turned([to[0] - from[0], to[1] - from[1]], angle);
  const [right, down] = [turned([width, 0], -angle), turned([0, height], -angle)];
  return areaOf([[0, 0], right, [right[0] + down[0], right[1] + down[1]], down].map(([x, y]) => [from[0] + x, from[1] + y]));
}

/** Without points that the eye would not miss, and no more than the server keeps. */
function thinned(path, pixel) {
  for (let tolerance = pixel; ; tolerance *= 2) {
    const points = L.LineUtil.simplify(path.map(([x, y]) => L.point(x, y)), tolerance).map(({ x, y }) => [x, y]);
    if (points.length <= 2000) return points;
  }
}

/** A line with its length beside its end. */
export function ruler(from, to, words) {
  const line = L.polyline(toLatLngs([from, to]), { color: "#111", weight: 2, interactive: false });
  return L.layerGroup([
    L.polyline(toLatLngs([from, to]), { color: "#fff", weight: 5, opacity: 0.7, interactive: false }), line,
    label(toLatLngs([to])[0], words),
  ]);
}
