import { address, byId, element, fetchJSON, flagsOf } from "/dom.js";
import { DecisionForm } from "/decision.js";
import { labelOf, ofTarget } from "/forecast.js";
import { Marks } from "/marks.js";
import { Overlay } from "/overlay.js";
import { panels } from "/panels.js";
import { neighbours, placeOf, readPlace } from "/place.js";
import { reader } from "/reader.js";
import { Stage } from "/stage.js";

/** One slide with its overlay, tools and decisions. Nothing of a slide is shown or can be saved before all of it is known. */
export class Viewer {
  constructor(state) {
    this.state = state;
    this.wanted = null;
    this.slide = null;
    this.opening = null;
    this.rereading = null;
    this.stage = new Stage(this);
    this.overlay = new Overlay(this);
    this.marks = new Marks(this);
    this.form = new DecisionForm(this);
    this.stage.onview = () => this.keepPlace();
    byId("back").addEventListener("click", () => this.leave());
    byId("next").addEventListener("click", () => this.step(1));
    byId("previous").addEventListener("click", () => this.step(-1));
    byId("reviewer").addEventListener("change", event => { reader.name = event.target.value; });
    byId("blinded").addEventListener("change", event => { reader.blinded = event.target.checked; });
    addEventListener("readerchange", event => this.changeReader(event.detail));
    this.showReader();
  }

  /** What a request about the slide says. */
  query(extra = {}) { return { slide: this.wanted, ...reader.query, ...extra }; }

  /** What a decision is about: the result and the map that are on the page. */
  get shown() {
    const { sealed, model, digest } = this.slide;
    return sealed || !model ? {} : { model, digest, map: this.overlay.shownMap ?? undefined };
  }

  /** `place` is where the address leads: a view and a model, or neither. */
  async open(id, { view, model } = {}) {
    if (model && this.state.models.includes(model)) this.state.model = model;
    if (this.slide?.id === id && this.modelOf(id) === (this.slide.model ?? this.modelOf(id))) {
      if (view) this.stage.view = view;
      return;
    }
    this.close();
    this.conflicted = null;
    this.wanted = this.state.last = id;
    await this.load({ view });
  }

  close() {
    this.opening?.abort();
    this.opening = this.wanted = null;
    this.clear();
    this.stage.close();
  }

  /** Takes away what was said of the slide; the picture of it may stay. */
  clear({ keepsForm = false } = {}) {
    this.marks.close();
    this.overlay.close();
    this.slide = null;
    if (!keepsForm) this.form.close();
    byId("slide-label").textContent = "";
    byId("slide-flags").replaceChildren();
    for (const name of Object.keys(panels)) byId(name).replaceChildren();
    this.complain("");
    delete byId("viewer").dataset.slide;
    this.showState("closed");
  }

  /** Asks for the slide and shows it; what an earlier question still brings is dropped. */
  async load({ view, keepsForm, isAgain } = {}) {
    const id = this.wanted;
    this.opening?.abort();
    const opening = this.opening = new AbortController();
    this.clear({ keepsForm });
    this.showState("loading");
    byId("slide-name").textContent = id;
    this.showReader();
    this.showSteps();
    byId("forecast").replaceChildren(element("p", { className: "quiet", textContent: "Loading …" }));
    try {
      if (isAgain) await this.state.load();
      const slide = await fetchJSON(address("/api/slide", this.query({ model: this.modelOf(id) })), { signal: opening.signal });
      if (this.opening === opening) await this.show(slide, { view, opening });
    } catch (error) {
      if (this.opening === opening) this.fail(error, this.stage.view ?? view);
    }
  }

  async show(slide, { view, opening }) {
    const model = slide.model ?? (slide.forecast || slide.maps.length ? this.modelOf(slide.id) : undefined);
    this.slide = { ...slide, model };
    this.showState("open");
    const label = labelOf(slide, slide.forecast);
    byId("slide-label").textContent = label !== undefined ? `${ofTarget("label", slide.forecast)}: ${label}` : "";
    byId("slide-flags").replaceChildren(...flagsOf(slide.quality));
    this.complain(slide.problem ?? "");
    for (const [name, show] of Object.entries(panels)) show(byId(name), this.slide, this.state);
    if (!slide.pyramid) this.stage.close();
    else if (!this.stage.map) {
      this.stage.open(this.slide);
      if (view) this.stage.view = view;
    } else if (slide.tiles && this.stage.picture) {
      this.stage.slide.tiles = true;
      this.stage.showSlide();
    }
    this.form.open(this.slide);
    await this.overlay.open(this.slide);
    if (this.opening !== opening) return;
    byId("viewer").dataset.slide = slide.id;
    this.keepPlace();
    this.awaitTiles(opening);
  }

  /** Asks again and again for a slide that is being copied; all else of the page works meanwhile. */
  async awaitTiles(opening) {
    while (this.opening === opening && this.slide?.coming) {
      await new Promise(done => { setTimeout(done, 2000); });
      if (this.opening !== opening) return;
      const asked = await fetchJSON(address("/api/slide", this.query({ model: this.slide.model }))).catch(() => null);
      if (this.opening !== opening || !asked || asked.coming) continue;
      const isSame = JSON.stringify(asked.pyramid) === JSON.stringify(this.slide.pyramid);
      if (!isSame || !this.stage.map) return void this.load({ view: this.stage.view, keepsForm: true });
      for (const name of ["tiles", "coming"]) this.slide[name] = this.stage.slide[name] = asked[name];
      this.complain(asked.problem ?? "");
      if (!asked.tiles) return;
      this.stage.showSlide();
      this.overlay.highest.again();
    }
  }

  /** The same slide once more, as it is now, with the view kept. */
  reread({ keepsForm } = {}) { return this.load({ keepsForm, isAgain: true }); }

  /** Another model of the same slide, with the view kept. */
  changeModel(model) {
    this.state.model = model;
    return this.load();
  }

  /** The server shows something else by now: what was not saved is kept, and what there is now is shown. */
  async conflict(message, prefix = "") {
    if (!this.slide) return undefined;
    const isRepeated = this.slide.digest !== undefined && this.slide.digest === this.conflicted;
    this.conflicted = this.slide.digest;
    const id = this.wanted;
    // A server that refuses what it has just given would be asked for ever.
    if (isRepeated && !prefix) return this.complain(message);
    await this.reread();
    if (this.slide?.id !== id) return undefined;
    return this.form.say(`${prefix}${message}. The slide was loaded anew; look at it, then choose.`, true);
  }

  async changeReader({ name, blinded }) {
    this.showReader();
    if (this.wanted === null) return;
    this.form.changeReader(name);
    const isSame = this.slide !== null && !this.slide.sealed && !this.state.blinded && !reader.blinded && !blinded;
    if (isSame) return;
    // A click on Save that has ended the typing of the name waits for this.
    const rereading = this.rereading = this.reread({ keepsForm: this.slide !== null && name !== reader.name });
    await rereading;
    if (this.rereading === rereading) this.rereading = null;
  }

  showReader() {
    byId("reviewer").value = reader.name;
    byId("blinded").checked = this.state.blinded === true || reader.blinded;
    byId("blinded").disabled = this.state.blinded === true;
    byId("blinded-reader").textContent = reader.name || "no name yet";
  }

  fail(error, view) {
    this.clear();
    this.stage.close();
    this.showState("failed");
    const words = error.kind === "missing" ? `There is no slide ${this.wanted} in this job.` : `The slide cannot be loaded: ${error.message}.`;
    this.complain(words, () => this.load({ view, isAgain: true }));
  }

  complain(text, again) {
    const problem = byId("stage-problem");
    problem.hidden = !text;
    problem.replaceChildren(text);
    if (!again) return;
    const button = element("button", { textContent: "Retry" });
    button.addEventListener("click", again);
    problem.append(" ", button);
  }

  /** closed, loading, failed or open. */
  showState(state) { byId("viewer").dataset.state = state; }

  modelOf(id) {
    const has = Object.keys(this.state.slides.find(row => row.id === id)?.forecasts ?? {});
    return has.length === 0 || has.includes(this.state.model) ? this.state.model : has[0];
  }

  keepPlace() {
    if (!this.slide || readPlace(location.hash).id !== this.slide.id) return;
    // A model that was taken because the chosen one says nothing here is no choice.
    const model = this.slide.model === this.state.model ? this.slide.model : undefined;
    history.replaceState(null, "", placeOf(this.slide.id, this.stage.view, model));
  }

  leave() {
    if (!this.marks.mayLeave()) return;
    this.close();
    location.hash = "#/";
  }

  showSteps() {
    const { place, order } = neighbours(this.state, this.wanted);
    byId("slide-place").textContent = place < 0 ? "" : `${place + 1} of ${order.length}`;
    byId("previous").disabled = order[place - 1] === undefined;
    byId("next").disabled = place < 0 || order[place + 1] === undefined;
  }

  step(count) {
    const { place, order } = neighbours(this.state, this.wanted);
    const id = place < 0 ? undefined : order[place + count];
    if (id === undefined || !this.marks.mayLeave()) return;
    // The address tells of its change later; what is typed meanwhile is not meant for this slide any more.
    this.close();
    this.wanted = id;
    location.hash = placeOf(id);
  }

  key(key) {
    if (key === "n") this.step(1);
    else if (key === "p") this.step(-1);
    else if (key === "w") this.leave();
    else if (this.slide) return this.overlay.key(key) || this.marks.key(key) || this.form.key(key) || this.stage.key(key);
    else return false;
    return true;
  }

  keyUp(key) { this.overlay.keyUp?.(key); }
}
