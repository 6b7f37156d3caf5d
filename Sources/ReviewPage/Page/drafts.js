import { forget, names, remember, remembered } from "/memory.js";
import { keyOf } from "/reader.js";

const start = "draft/";

/** What is written but not saved: of one slide, one model's result and one reader, in this browser. */
export const drafts = {
  /** The job's key, which tells jobs of one name apart. */
  job: "",

  name({ slide, model, reader }) { return start + JSON.stringify([this.job, slide, model ?? "", keyOf(reader)]); },

  /** What was kept, or null. */
  read(place) {
    try { return JSON.parse(remembered(this.name(place), "null")); } catch { return null; }
  },

  /** False where the browser does not keep it. */
  write(place, draft) { return remember(this.name(place), JSON.stringify(draft)); },

  drop(place) { forget(this.name(place)); },

  /** Whose drafts about a slide there are, and about which model's result ("" is none). */
  of(slide) {
    return names(start).flatMap(name => {
      try {
        const [job, id, model, reader] = JSON.parse(name.slice(start.length));
        return job === this.job && id === slide ? [{ model, reader }] : [];
      } catch { return []; }
    });
  },
};
