import { forget, remember, remembered } from "/memory.js";

let name = remembered("reviewer", "");

/** Names with one key are one reader's, as the server has it. */
export const keyOf = text => text.normalize("NFC").replace(/\p{Cf}/gu, "").trim().replace(/\s+/g, " ").toLowerCase();

export const isSame = (one, other) => keyOf(one) === keyOf(other);

const tell = before => dispatchEvent(new CustomEvent("readerchange", { detail: before }));

/** Who looks, and whether without the model's word; the one place that knows. Fires `readerchange` on window. */
export const reader = {
  get name() { return name; },

  set name(text) {
    const wanted = text.replace(/\p{Cf}/gu, "").trim().replace(/\s+/g, " ").slice(0, 100);
    if (wanted === name) return;
    const before = { name, blinded: this.blinded };
    name = wanted;
    remember("reviewer", name);
    tell(before);
  },

  /** Switched on by this reader in the page; the server may seal for all beside it. */
  get blinded() { return remembered(`blinded/${keyOf(name)}`, "") !== ""; },

  set blinded(isOn) {
    if (isOn === this.blinded) return;
    const before = { name, blinded: this.blinded };
    if (isOn) remember(`blinded/${keyOf(name)}`, "1");
    else forget(`blinded/${keyOf(name)}`);
    tell(before);
  },

  /** What every request says of the reader. */
  get query() { return this.blinded ? { reader: name, blinded: 1 } : { reader: name }; },
};
