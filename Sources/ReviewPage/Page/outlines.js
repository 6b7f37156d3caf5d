/** Edges of an area made of patches, as [x, y, x, y] in level-0 pixels; what two of them share is inside. */
export function edgesOf({ side, places }, chosen) {
  const key = (x, y) => `${x},${y}`;
  const area = new Set(chosen.map(patch => key(places[2 * patch], places[2 * patch + 1])));
  const edges = [];
  for (const patch of chosen) {
    const [left, top] = [places[2 * patch], places[2 * patch + 1]];
    const [right, bottom] = [left + side, top + side];
    if (!area.has(key(left, top - side))) edges.push([left, top, right, top]);
    if (!area.has(key(left, bottom))) edges.push([left, bottom, right, bottom]);
    if (!area.has(key(left - side, top))) edges.push([left, top, left, bottom]);
    if (!area.has(key(right, top))) edges.push([right, top, right, bottom]);
  }
  return edges;
}

/** Lines of one width at every zoom, dark within white, that leave the tissue free. */
export const OutlineLayer = L.GridLayer.extend({
  initialize(edges, deepest, options) {
    L.GridLayer.prototype.initialize.call(this, options);
    Object.assign(this, { edges, deepest });
  },

  createTile({ x, y, z }) {
    const { x: side } = this.getTileSize();
    const tile = L.DomUtil.create("canvas", "outlines");
    const ratio = window.devicePixelRatio || 1;
    tile.width = tile.height = side * ratio;
    const scale = 2 ** (z - this.deepest);
    const [left, top, reach] = [x * side, y * side, 4];
    const near = this.edges.map(edge => edge.map((place, axis) => place * scale - (axis % 2 ? top : left)))
      .filter(([fromX, fromY, toX, toY]) => toX > -reach && toY > -reach && fromX < side + reach && fromY < side + reach);
    const pen = tile.getContext("2d");
    pen.scale(ratio, ratio);
    pen.lineCap = "square";
    pen.beginPath();
    for (const [fromX, fromY, toX, toY] of near) {
      pen.moveTo(fromX, fromY);
      pen.lineTo(toX, toY);
    }
    for (const [colour, width] of [["#ffffff", 4], ["#0b2f73", 2]]) {
      pen.strokeStyle = colour;
      pen.lineWidth = width;
      pen.stroke();
    }
    return tile;
  },
});
