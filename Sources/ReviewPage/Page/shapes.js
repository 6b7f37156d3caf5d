// Marks as geometry, in level-0 pixels.

export const isPoint = mark => mark.width === undefined && !mark.points;

/** The most corners that are shown to be dragged; a line drawn by hand has too many. */
const mostCorners = 40;

/** The ring around a mark, not closed. */
export function ringOf(mark) {
  if (mark.points) return mark.points;
  const { x, y, width = 0, height = 0 } = mark;
  return isPoint(mark) ? [[x, y]] : [[x, y], [x + width, y], [x + width, y + height], [x, y + height]];
}

export const toLatLngs = ring => ring.map(([x, y]) => [y, x]);

export const cornersOf = mark => isPoint(mark) || ringOf(mark).length > mostCorners ? [] : ringOf(mark);

/** A polygon as a mark: its points and the box around them. */
export function areaOf(ring, words = {}) {
  const points = ring.map(point => point.map(Math.round));
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { ...words, x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y, points };
}

export function boxOf([left, top], [right, bottom], words = {}) {
  const [x, y] = [Math.round(Math.min(left, right)), Math.round(Math.min(top, bottom))];
  return { ...words, x, y, width: Math.round(Math.abs(right - left)), height: Math.round(Math.abs(bottom - top)) };
}

/** Whether it can be kept: the server wants a size. */
export const hasArea = mark => mark.width >= 1 && mark.height >= 1;

export function moved(mark, dx, dy) {
  if (mark.points) return areaOf(mark.points.map(([x, y]) => [x + dx, y + dy]), mark);
  return { ...mark, x: Math.round(mark.x + dx), y: Math.round(mark.y + dy) };
}

/** With one corner at another place. */
export function reshaped(mark, corner, place) {
  if (mark.points) return areaOf(mark.points.with(corner, place), mark);
  return boxOf(ringOf(mark)[(corner + 2) % 4], place, mark);
}

/** From a place to the outline. */
export function distanceTo(mark, [x, y]) {
  const ring = ringOf(mark);
  return Math.min(...ring.map(([fromX, fromY], index) => {
    const [toX, toY] = ring[(index + 1) % ring.length];
    const [dx, dy] = [toX - fromX, toY - fromY];
    const share = Math.min(1, Math.max(0, ((x - fromX) * dx + (y - fromY) * dy) / (dx * dx + dy * dy || 1)));
    return Math.hypot(x - fromX - share * dx, y - fromY - share * dy);
  }));
}

export function holds(mark, [x, y]) {
  const ring = ringOf(mark);
  let isInside = false;
  ring.forEach(([fromX, fromY], index) => {
    const [toX, toY] = ring[(index + 1) % ring.length];
    if (fromY > y !== toY > y && x < fromX + (y - fromY) / (toY - fromY) * (toX - fromX)) isInside = !isInside;
  });
  return isInside;
}
