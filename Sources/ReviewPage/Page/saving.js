import { address, byId, fetchJSON } from "/dom.js";
import { drafts } from "/drafts.js";
import { notice } from "/notice.js";
import { reader } from "/reader.js";
import { choices } from "/verdicts.js";

const kept = "what you wrote is kept in this browser";

/** How long a word may take to be saved, and after how long one that did not arrive is sent again, in milliseconds. */
const times = { answer: 20000, again: 10000 };

/** Saves what the form says about what the page shows; the server refuses where that is not what it serves. */
export async function save(form) {
  const { viewer } = form;
  if (!form.isOpen || form.saving === form.slide) return undefined;
  clearTimeout(form.retry);
  form.change();
  const written = form.written;
  reader.name = byId("reviewer").value;
  await viewer.rereading;
  if (!form.isOpen || form.written !== written) return form.say("the page changed meanwhile; look again, then save", true);
  const { slide, content, place } = form;
  if (!content.verdict) return form.say(`choose ${choices(slide).map(choice => choice.text).join(", ")} first`, true);
  if (!reader.name) {
    byId("reviewer").focus();
    return form.say("write your name first", true);
  }
  const asked = { slide, place, content, written };
  const body = { ...content, ...viewer.shown, slide: slide.id, reviewer: place.reader };
  form.saving = slide;
  form.say("saving …");
  form.enable();
  try {
    const decisions = await fetchJSON(address("/api/decision", viewer.query()), {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), time: times.answer,
    });
    await saved(form, decisions, asked);
  } catch (error) {
    await notSaved(form, error, asked);
  } finally {
    if (form.saving === slide) form.saving = null;
    form.enable();
  }
  return undefined;
}

async function saved(form, decisions, { slide, place, content, written }) {
  // What was written while it was being saved is not saved yet.
  const draft = drafts.read(place);
  if (draft && JSON.stringify({ ...draft, digest: undefined }) === JSON.stringify(content)) drafts.drop(place);
  const { viewer } = form;
  if (viewer.wanted !== slide.id) return;
  if (form.slide === slide && !slide.sealed && reader.name === place.reader) {
    form.settle(decisions, written);
    return;
  }
  // What was opened meanwhile does not know of it, and the first opinion opens the result.
  await viewer.reread();
  if (form.slide?.id !== slide.id || reader.name !== place.reader) return;
  const words = `saved ${new Date().toLocaleTimeString()}`;
  form.say(slide.sealed ? `${words}; the model's result is open now` : words);
}

async function notSaved(form, error, { slide, place, content, written }) {
  if (form.slide !== slide || reader.name !== place.reader) {
    notice(slide.id, `NOT SAVED on ${slide.id}, as ${place.reader}: ${error.message}; ${kept}.`);
  } else if (error.kind === "changed") {
    // A verdict on the result that was shown is none on the one that comes.
    form.keep({ ...content, text: byId("words").value, marks: form.marks, verdict: null, class: undefined });
    await form.viewer.conflict(error.message, "NOT SAVED: ");
  } else if (error.kind === "offline") {
    form.say(`NOT SAVED: ${error.message}; ${kept} and will be sent again`, true);
    // It may have arrived all the same: the server keeps once what is said twice in a row.
    form.retry = setTimeout(() => {
      if (form.slide === slide && reader.name === place.reader && form.written === written) save(form);
    }, times.again);
  } else form.say(`NOT SAVED: ${error.message}; ${kept}`, true);
}
