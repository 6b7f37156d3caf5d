import { address, byId } from "/dom.js";
import { drafts } from "/drafts.js";
import { drawHistory, standingOf } from "/history.js";
import { MarkList } from "/marklist.js";
import { isSame, keyOf, reader } from "/reader.js";
import { needsAdjudication } from "/reviews.js";
import { save } from "/saving.js";
import { choices, drawVerdicts, isJudged } from "/verdicts.js";

/** What the reader says about the slide that is shown; unsaved words wait in the browser, apart by slide, model and reader. */
export class DecisionForm {
  constructor(viewer) {
    this.viewer = viewer;
    this.saving = null;
    this.list = new MarkList(this);
    byId("words").addEventListener("input", () => this.change());
    byId("save").addEventListener("click", () => this.save());
    byId("instead-class").addEventListener("change", event => this.choose("disagree", event.target.value || undefined));
    byId("adjudicate").addEventListener("change", () => this.change());
    this.close();
  }

  /** Else nothing can be chosen, written or saved. A first opinion is not changed on its way: the next is another one. */
  get isOpen() { return this.slide !== null && !(this.slide.sealed && this.saving === this.slide); }

  get marks() { return this.list.marks; }

  get place() { return { slide: this.slide.id, model: this.slide.model, reader: reader.name }; }

  get content() {
    return {
      verdict: this.verdict, class: this.chosenClass, kind: byId("adjudicate").checked ? "adjudication" : undefined,
      text: byId("words").value, marks: this.marks,
    };
  }

  get written() { return JSON.stringify(this.content); }

  close(words = "") {
    this.slide = null;
    this.decisions = [];
    this.show({});
    this.enable();
    this.say(words);
  }

  open(slide) {
    this.slide = slide;
    this.decisions = slide.decisions ?? [];
    this.enable();
    byId("decision-title").textContent = isJudged(slide) ? "Your decision" : "Your reading";
    byId("export-marks").href = address("/export/marks.geojson", this.viewer.query());
    this.fill();
  }

  enable() { byId("decision-form").disabled = byId("save").disabled = !this.isOpen; }

  /** Begins with the reader's draft, else with their last word on this very result, else with nothing. */
  fill() {
    const last = this.decisions.findLast(decision => isSame(decision.reviewer, reader.name) && decision.kind !== "adjudication");
    this.held = last && this.isOfThis(last) ? last : null;
    this.show(this.held ?? {});
    this.begun = this.written;
    const draft = drafts.read(this.place);
    if (!draft) return this.say(this.held ? `saved ${new Date(this.held.time).toLocaleString()}` : "");
    const isOfThis = (draft.digest ?? null) === (this.slide.digest ?? null);
    this.show(isOfThis ? draft : { ...draft, verdict: null, class: undefined });
    return this.say(isOfThis ? "not saved yet"
      : "not saved yet; the result is another one than when this was written: choose again", !isOfThis);
  }

  isOfThis(decision) {
    const standing = standingOf(decision);
    return isJudged(this.slide) ? standing === "current" && decision.model === this.slide.model : standing === "own";
  }

  show({ verdict = null, class: name, kind, text = "", marks = [] }) {
    this.verdict = verdict;
    this.chosenClass = name ?? undefined;
    byId("adjudicate").checked = kind === "adjudication";
    byId("words").value = text;
    this.list.open(structuredClone(marks), this.slide ?? {});
    this.draw();
  }

  choose(verdict, name) {
    if (!this.isOpen) return;
    this.verdict = verdict;
    this.chosenClass = name;
    this.change();
    drawVerdicts(this);
  }

  addMark(mark) { if (this.isOpen) this.list.add(mark); }

  changeMark(index, mark) { if (this.isOpen) this.list.change(index, mark); }

  undo() { if (this.isOpen) this.list.undo(); }

  /** Keeps what stands there now. */
  change() {
    if (!this.isOpen) return;
    if (this.written === this.begun) {
      drafts.drop(this.place);
      return this.say("");
    }
    const isKept = this.keep(this.content);
    return this.say(isKept ? "not saved yet" : "not saved yet; this browser cannot keep a draft of it", !isKept);
  }

  /** False where the browser does not keep it. */
  keep(content) { return drafts.write(this.place, { ...content, digest: this.slide.digest }); }

  /** Another reader: the draft stays with the one who wrote it; one without a name goes to who gives theirs. */
  changeReader(before) {
    if (!this.isOpen || before === reader.name) return;
    const nameless = { ...this.place, reader: "" };
    const draft = before === "" ? drafts.read(nameless) : null;
    if (draft && !drafts.read(this.place) && drafts.write(this.place, draft)) drafts.drop(nameless);
    this.fill();
  }

  draw() {
    drawVerdicts(this);
    const latest = this.latest;
    const differ = this.isOpen && needsAdjudication({
      reviews: latest, forecasts: isJudged(this.slide) ? { [this.slide.model]: this.slide.forecast } : {},
    });
    byId("adjudicate").parentElement.hidden = !differ && !byId("adjudicate").checked;
    drawHistory(byId("history"), this.decisions, reader.name, decision => this.takeOver(decision));
    this.drawMarks();
  }

  drawMarks() {
    if (!this.isOpen) return;
    this.viewer.marks.draw(this.marks, this.latest.filter(decision => decision !== this.held && decision.marks?.length));
  }

  /** The last word of each reader, and of each who adjudicated, in the order in which they were said. */
  get latest() {
    const last = new Map();
    for (const decision of this.decisions) {
      const key = JSON.stringify([keyOf(decision.reviewer), decision.kind === "adjudication"]);
      last.delete(key);
      last.set(key, decision);
    }
    return [...last.values()];
  }

  takeOver({ text, marks }) {
    const once = (values, key) => [...new Map(values.map(value => [key(value), value])).values()];
    this.show({
      ...this.content, text: once([byId("words").value, text].filter(Boolean), String).join("\n"),
      marks: once([...this.marks, ...(marks ?? [])], JSON.stringify),
    });
    this.change();
  }

  save() { return save(this); }

  /** What is there now is what was saved. */
  settle(decisions, written) {
    this.decisions = decisions;
    this.held = decisions.findLast(decision => isSame(decision.reviewer, reader.name)) ?? null;
    this.begun = written;
    this.draw();
    this.say(this.written === written ? `saved ${new Date().toLocaleTimeString()}` : "not saved yet");
  }

  say(text, isWarning = false) {
    byId("save-state").textContent = text;
    byId("save-state").classList.toggle("warning", isWarning);
  }

  key(key) {
    const choice = this.isOpen && choices(this.slide).find(choice => choice.key === key);
    if (!choice) return false;
    this.choose(choice.verdict, choice.class);
    return true;
  }
}
