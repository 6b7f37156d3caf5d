import { microns, short } from "/dom.js";

/** How large a mark is, in words; empty for a point, and where the slide's scale is not known. */
export function sizeOf(mark, mpp) {
  if (!mpp || mark.width === undefined) return "";
  if (mark.points) return area(shoelace(mark.points) * mpp * mpp);
  return `${area(mark.width * mark.height * mpp * mpp)}, ${microns(mark.width * mpp)} × ${microns(mark.height * mpp)}`;
}

const area = value => value >= 1e4 ? `${short(value / 1e6)} mm²` : `${short(value)} µm²`;

/** Area within a closed outline. */
function shoelace(points) {
  const twice = points.reduce((sum, [x, y], index) => {
    const [nextX, nextY] = points[(index + 1) % points.length];
    return sum + x * nextY - nextX * y;
  }, 0);
  return Math.abs(twice) / 2;
}
