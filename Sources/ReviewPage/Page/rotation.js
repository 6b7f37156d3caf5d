/** A vector turned clockwise on the screen. */
export function turned([x, y], degrees) {
  const [sine, cosine] = sides(degrees);
  return [x * cosine - y * sine, x * sine + y * cosine];
}

/** Width and height of the upright box around a turned rectangle. */
export function boxAround([width, height], degrees) {
  const [sine, cosine] = sides(degrees).map(Math.abs);
  return [width * cosine + height * sine, width * sine + height * cosine];
}

/** Exact for quarter turns, so that an upright view stays upright. */
function sides(degrees) {
  const quarter = ((degrees % 360) + 360) % 360 / 90;
  if (Number.isInteger(quarter)) return [[0, 1], [1, 0], [0, -1], [-1, 0]][quarter];
  return [Math.sin(degrees * Math.PI / 180), Math.cos(degrees * Math.PI / 180)];
}

/** A Leaflet map whose container is turned by CSS. Leaflet itself knows upright containers only. */
export const TurnedMap = L.Map.extend({
  angle: 0,

  /** All of Leaflet's places of mouse, wheel and fingers come from here. */
  mouseEventToContainerPoint({ clientX, clientY }) {
    const container = this.getContainer();
    // A turned box and the upright box around it have one middle.
    const { left, top, width, height } = container.getBoundingClientRect();
    const [x, y] = turned([clientX - left - width / 2, clientY - top - height / 2], -this.angle);
    return L.point(x + container.clientWidth / 2, y + container.clientHeight / 2);
  },

  /** Leaflet moves the slide along the screen's axes; it has to follow the hand. */
  followHand() {
    const draggable = this.dragging._draggable;
    let from, start;
    draggable.on({
      dragstart: () => { from = null; },
      predrag: ({ originalEvent: event }) => {
        const hand = event.touches?.length === 1 ? event.touches[0] : event;
        if (!from) [from, start] = [[hand.clientX, hand.clientY], L.DomUtil.getPosition(this.getPane("mapPane"))];
        const [x, y] = turned([hand.clientX - from[0], hand.clientY - from[1]], -this.angle);
        draggable._newPos = start.add([Math.round(x), Math.round(y)]);
      },
    });
  },

  /** Turns the container and makes it large enough to cover the frame around it, with the middle kept. */
  turn(angle, frame) {
    const container = this.getContainer();
    if (!frame.clientWidth || !frame.clientHeight) return;
    const centre = this._loaded ? this.getCenter() : null;
    this.angle = angle;
    const [width, height] = boxAround([frame.clientWidth, frame.clientHeight], angle).map(side => Math.ceil(side - 1e-6));
    Object.assign(container.style, {
      width: `${width}px`, height: `${height}px`,
      left: `${(frame.clientWidth - width) / 2}px`, top: `${(frame.clientHeight - height) / 2}px`,
      transform: angle ? `rotate(${angle}deg)` : "",
    });
    container.style.setProperty("--turn", `${-angle}deg`);
    this.invalidateSize({ pan: false });
    if (centre) this.setView(centre, this.getZoom(), { animate: false });
  },
});
