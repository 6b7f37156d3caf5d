import { byId } from "/dom.js";
import { patience, within } from "/server.js";

/** Tiles that did not come: said in words, with a way to ask for them again. */
export class TileWatch {
  constructor(viewer) {
    this.viewer = viewer;
    this.failed = new Set();
    this.tries = 0;
    byId("tiles-again").addEventListener("click", () => this.again());
  }

  /** Of a layer that shows a result the server may refuse with words: the result is another one by now. */
  watch(layer, { isOfResult = false } = {}) {
    let asked = false;
    layer.on({
      tileloadstart: ({ tile }) => flatten(tile),
      tileload: ({ tile }) => this.forget(tile),
      tileunload: ({ tile }) => this.forget(tile),
      tileerror: ({ tile }) => {
        this.failed.add(tile);
        this.say();
        if (!isOfResult || asked) return;
        asked = true;
        this.askWhy(layer, tile.src);
      },
    });
    return layer;
  }

  /** A picture does not tell why it did not come. */
  async askWhy(layer, source) {
    try {
      const answer = await fetch(source, { signal: within(patience) });
      const words = answer.ok ? "" : (await answer.text()).trim();
      if (!this.viewer.stage.map?.hasLayer(layer)) return;
      if (answer.ok) this.again();
      else if ([403, 409].includes(answer.status)) this.viewer.conflict(words);
    } catch {
      // The server does not answer at all; the tiles are counted.
    }
  }

  forget(tile) {
    if (this.failed.delete(tile)) this.say();
  }

  close() {
    this.failed.clear();
    this.say();
  }

  again() {
    this.tries += 1;
    for (const tile of this.failed) {
      const source = new URL(tile.src);
      source.searchParams.set("again", this.tries);
      tile.src = source.href;
    }
  }

  say() {
    const count = this.failed.size;
    byId("tiles-failed").hidden = count === 0;
    byId("tiles-failed-text").textContent = count === 1 ? "1 tile could not be loaded" : `${count} tiles could not be loaded`;
  }
}

/** Leaflet makes each tile a surface of its own; tiles on one surface leave no seams where they are scaled or turned. */
function flatten(tile) {
  const { x, y } = L.DomUtil.getPosition(tile);
  tile.style.transform = `translate(${x}px, ${y}px)`;
}
