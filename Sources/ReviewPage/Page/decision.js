import { address, byId, element, fetchJSON, forget, remember, remembered } from "/dom.js";

/** What the reviewer says about the slide; unsaved words wait in the browser. */
export class DecisionForm {
  constructor(viewer) {
    this.viewer = viewer;
    this.decisions = [];
    byId("reviewer").value = remembered("reviewer", "");
    byId("reviewer").addEventListener("change", () => {
      remember("reviewer", byId("reviewer").value);
      if (!this.isDirty) this.fill();
      this.draw();
    });
    for (const button of byId("verdicts").children) {
      button.addEventListener("click", () => this.choose(button.dataset.verdict));
    }
    byId("words").addEventListener("input", () => this.change());
    byId("save").addEventListener("click", () => this.save());
  }

  get reviewer() { return byId("reviewer").value.trim(); }

  get draftName() { return `draft/${this.viewer.state.key}/${this.slide.id}`; }

  get draft() { return JSON.stringify({ verdict: this.verdict, text: byId("words").value, marks: this.marks }); }

  open(slide) {
    this.slide = slide;
    this.decisions = slide.decisions;
    byId("export-marks").href = address("/export/marks.geojson", { slide: slide.id });
    this.fill();
    const draft = remembered(this.draftName, "");
    if (draft) {
      Object.assign(this, JSON.parse(draft));
      byId("words").value = this.text;
      this.isDirty = true;
    }
    this.draw();
    this.say(draft ? "not saved yet" : "");
    // Marks can be drawn once the slide stands.
    setTimeout(() => this.draw());
  }

  /** Begins with what this reviewer said last. */
  fill() {
    const last = this.decisions.findLast(decision => decision.reviewer === this.reviewer);
    this.verdict = last?.verdict ?? null;
    this.text = last?.text ?? "";
    this.marks = structuredClone(last?.marks ?? []);
    this.isDirty = false;
    byId("words").value = this.text;
  }

  choose(verdict) {
    this.verdict = verdict;
    this.change();
  }

  addMark(mark) {
    this.marks.push(mark);
    this.change();
  }

  change() {
    this.isDirty = true;
    this.text = byId("words").value;
    remember(this.draftName, this.draft);
    this.say("not saved yet");
    this.draw();
  }

  draw() {
    for (const button of byId("verdicts").children) {
      button.classList.toggle("chosen", button.dataset.verdict === this.verdict);
    }
    byId("marks").replaceChildren(...this.marks.map((mark, index) => this.line(mark, index)));
    byId("history").replaceChildren(...this.decisions.toReversed().map(decision => element("li", {},
      element("span", { className: `chip ${decision.verdict}`, textContent: decision.verdict }),
      element("b", { textContent: ` ${decision.reviewer} ` }),
      element("small", { className: "quiet", textContent: new Date(decision.time).toLocaleString() }),
      decision.text ? element("p", { textContent: decision.text }) : null,
      decision.marks.length ? element("small", { className: "quiet", textContent: `${decision.marks.length} mark(s)` }) : null)));
    const latest = new Map(this.decisions.map(decision => [decision.reviewer, decision]));
    latest.delete(this.reviewer);
    this.viewer.marks.draw(this.marks, [...latest.values()]);
  }

  line(mark, index) {
    const note = element("input", { value: mark.note ?? "", placeholder: mark.width === undefined ? "point" : "rectangle", maxLength: 200 });
    note.addEventListener("change", () => {
      if (note.value) mark.note = note.value;
      else delete mark.note;
      this.change();
    });
    const look = element("button", { textContent: String(index + 1), title: "show" });
    look.addEventListener("click", () => this.viewer.marks.look(mark));
    const remove = element("button", { textContent: "×", title: "remove" });
    remove.addEventListener("click", () => {
      this.marks.splice(index, 1);
      this.change();
    });
    return element("li", { className: "row" }, look, note, remove);
  }

  async save() {
    if (!this.verdict) return this.say("choose agree, unsure or disagree first", true);
    if (!this.reviewer) {
      byId("reviewer").focus();
      return this.say("write your name first", true);
    }
    const { slide, draft, draftName } = this;
    const body = {
      reviewer: this.reviewer, verdict: this.verdict, text: byId("words").value, marks: this.marks,
      ...(slide.model ? { model: slide.model } : {}),
    };
    try {
      const decisions = await fetchJSON(address("/api/decision", { slide: slide.id }), {
        method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
      });
      // What was written while it was being saved is not saved yet.
      if (remembered(draftName, draft) === draft) forget(draftName);
      if (this.slide.id !== slide.id) return undefined;
      this.decisions = decisions;
      this.isDirty = this.draft !== draft;
      this.draw();
      if (this.isDirty) return this.say("not saved yet");
      return this.say(`saved ${new Date().toLocaleTimeString()}`);
    } catch (error) {
      return this.say(`NOT SAVED: ${error.message}`, true);
    }
  }

  say(text, isWarning = false) {
    byId("save-state").textContent = text;
    byId("save-state").classList.toggle("warning", isWarning);
  }

  key(key) {
    const verdict = { 1: "agree", 2: "unsure", 3: "disagree" }[key];
    if (!verdict) return false;
    this.choose(verdict);
    return true;
  }
}
