import { byId, element, options } from "/dom.js";
import { sizeOf } from "/sizes.js";

const most = 1000;

/** The reader's own marks: their lines in the form, and the steps that can be taken back. */
export class MarkList {
  constructor(form) {
    this.form = form;
    this.items = [];
    this.steps = [];
    byId("undo-marks").addEventListener("click", () => this.undo());
  }

  get marks() { return this.items.map(item => item.mark); }

  open(marks, slide) {
    this.slide = slide;
    this.items = marks.map(mark => ({ mark }));
    this.steps = [];
    this.draw();
  }

  add(mark) {
    if (this.items.length >= most) return this.form.say(`no more than ${most} marks can be kept`, true);
    const item = { mark };
    this.items.push(item);
    return this.step(() => { this.items = this.items.filter(other => other !== item); });
  }

  /** Moved or drawn anew. */
  change(index, mark) {
    const item = this.items[index];
    if (!item) return;
    const before = item.mark;
    item.mark = mark;
    this.step(() => { item.mark = { ...shapeOf(before), ...wordsOf(item.mark) }; });
  }

  remove(item) {
    const place = this.items.indexOf(item);
    if (place < 0) return;
    this.items.splice(place, 1);
    this.step(() => this.items.splice(place, 0, item));
  }

  step(back) {
    this.steps.push(back);
    this.changed();
  }

  /** Takes back the last mark that was added, changed or removed; what was written on others since stays. */
  undo() {
    const back = this.steps.pop();
    if (!back) return;
    back();
    this.changed();
  }

  changed() {
    this.draw();
    this.form.change();
    this.form.drawMarks();
  }

  /** Lines stay the same nodes, so that a note keeps its focus and a click its button. */
  draw() {
    const lines = this.items.map(item => item.line ??= this.line(item));
    const kept = new Set(lines);
    const list = byId("marks");
    for (const line of [...list.children]) if (!kept.has(line)) line.remove();
    lines.forEach((line, index) => {
      if (list.children[index] !== line) list.insertBefore(line, list.children[index] ?? null);
    });
    this.items.forEach((item, index) => item.show(index));
    byId("undo-marks").disabled = this.steps.length === 0;
    byId("marks-title").hidden = this.items.length === 0 && this.steps.length === 0;
  }

  line(item) {
    const write = (name, value) => {
      const { [name]: _, ...rest } = item.mark;
      item.mark = value ? { ...rest, [name]: value } : rest;
      this.form.change();
    };
    const look = element("button", { title: "show" });
    look.addEventListener("click", () => this.form.viewer.marks.look(item.mark));
    const note = element("input", { value: item.mark.note ?? "", maxLength: 200, ariaLabel: "note" });
    note.addEventListener("input", () => write("note", note.value));
    note.addEventListener("change", () => this.form.drawMarks());
    const classes = [...new Set([...(this.slide.classes ?? []), ...(item.mark.class ? [item.mark.class] : [])])];
    const choice = element("select", { title: "class of the mark", hidden: classes.length === 0 });
    options(choice, [["", "no class"], ...classes.map(name => [name, name])], item.mark.class ?? "");
    choice.addEventListener("change", () => {
      write("class", choice.value);
      this.form.drawMarks();
    });
    const remove = element("button", { textContent: "×", title: "remove" });
    remove.addEventListener("click", () => this.remove(item));
    const size = element("small", { className: "quiet" });
    item.show = index => {
      look.textContent = String(index + 1);
      note.placeholder = kindOf(item.mark);
      size.textContent = sizeOf(item.mark, this.slide.mpp);
    };
    return element("li", {}, element("div", { className: "row" }, look, note, choice, remove), size);
  }
}

const kindOf = mark => mark.points ? "area" : mark.width === undefined ? "point" : "rectangle";

const wordsOf = ({ note, class: name }) => ({ ...(note ? { note } : {}), ...(name ? { class: name } : {}) });

const shapeOf = ({ note, class: name, ...shape }) => shape;
