import { address, byId, options, remember, remembered } from "/dom.js";
import { reader } from "/reader.js";

/** Who looks, which model, and which slides. */
export class Toolbar {
  /**
   * @param arrange shows other slides or another order
   * @param refresh shows the same slides in another way
   */
  constructor(state, arrange, refresh) {
    this.state = state;
    byId("filter-text").addEventListener("input", arrange);
    byId("filter-state").addEventListener("change", arrange);
    byId("group-cases").checked = remembered("group-cases", "yes") === "yes";
    byId("group-cases").addEventListener("change", event => {
      remember("group-cases", event.target.checked ? "yes" : "no");
      byId("turn-cases").hidden = !event.target.checked;
      arrange();
    });
    byId("list-model").addEventListener("change", event => {
      state.model = event.target.value;
      remember("model", state.model);
      refresh();
    });
    byId("list-reader").addEventListener("change", event => { reader.name = event.target.value; });
    byId("list-blinded").addEventListener("change", event => { reader.blinded = event.target.checked; });
  }

  show(view, filters) {
    options(byId("list-model"), this.state.models.map(name => [name, name]), view.model);
    byId("list-model").parentElement.hidden = this.state.models.length === 0;
    const chosen = byId("filter-state").value;
    options(byId("filter-state"), filters, chosen);
    byId("group-cases").parentElement.hidden = !view.cases;
    byId("turn-cases").hidden = !view.cases || !byId("group-cases").checked;
    byId("list-readers").replaceChildren(...view.readers.map(value => Object.assign(document.createElement("option"), { value })));
    if (document.activeElement !== byId("list-reader")) byId("list-reader").value = view.reader;
    this.blinded();
    byId("export-csv").href = address("/export/decisions.csv", reader.query);
  }

  blinded() {
    const box = byId("list-blinded");
    box.checked = this.state.blinded === true || reader.blinded;
    box.disabled = this.state.blinded === true;
    box.parentElement.title = box.disabled ? "wsi review was started with --blinded"
      : "no prediction, label or heatmap of a slide before your first opinion on it is saved";
  }
}
