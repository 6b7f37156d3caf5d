import { forget, remember, remembered } from "/memory.js";

let name = remembered("reviewer", "");

const tell = before => dispatchEvent(new CustomEvent("readerchange", { detail: before }));

/** Who looks, and whether without the model's word; the one place that knows. Fires `readerchange` on window. */
export const reader = {
  get name() { return name; },

  set name(text) {
    const wanted = text.trim().slice(0, 100);
    if (wanted === name) return;
    const before = { name, blinded: this.blinded };
    name = wanted;
    remember("reviewer", name);
    tell(before);
  },

  /** Switched on by this reader in the page; the server may seal for all beside it. */
  get blinded() { return remembered(`blinded/${name}`, "") !== ""; },

  set blinded(isOn) {
    if (isOn === this.blinded) return;
    const before = { name, blinded: this.blinded };
    if (isOn) remember(`blinded/${name}`, "1");
    else forget(`blinded/${name}`);
    tell(before);
  },

  /** What every request says of the reader. */
  get query() { return this.blinded ? { reader: name, blinded: 1 } : { reader: name }; },
};
