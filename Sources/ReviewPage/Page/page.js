import { byId, fetchJSON, remembered } from "/dom.js";
import { drafts } from "/drafts.js";
import { belongsTo, isField, releaseSelects } from "/keys.js";
import { clearNotice, notice } from "/notice.js";
import { readPlace } from "/place.js";
import { reader } from "/reader.js";
import { Viewer } from "/viewer.js";
import { Worklist } from "/worklist.js";

// The token is in a cookie now; it need not stay where it is seen.
if (location.search) history.replaceState(null, "", `/${location.hash}`);

/** New with each start of the page, so that no picture of another job or day is shown. */
const start = crypto.getRandomValues(new Uint32Array(1))[0].toString(36);
const state = { version: start, job: "", models: [], colours: {}, slides: [], model: "", last: null, load };
let worklist, viewer, latest;
let turn = 0;

/** Brings the list of slides up to date; of two answers the one that was asked for last counts. */
function load() {
  const asked = latest = fetchJSON("/api/worklist").then(answer => {
    if (latest !== asked) return latest;
    Object.assign(state, answer, { version: `${start}${answer.version ?? ""}` });
    drafts.job = state.key;
    if (!state.models.includes(state.model)) {
      const wanted = remembered("model", "");
      state.model = state.models.includes(wanted) ? wanted : state.models[0] ?? "";
    }
    return undefined;
  });
  return asked;
}

const sealed = ({ label, ...row }) => ({ ...row, sealed: true, forecasts: {}, reviews: [] });

async function route() {
  const mine = ++turn;
  const place = readPlace(location.hash);
  byId("worklist").hidden = place.id !== null;
  byId("viewer").hidden = place.id === null;
  clearNotice("worklist");
  if (place.id !== null) {
    document.title = `${place.id} – wsi review`;
    return viewer.open(place.id, place);
  }
  viewer.close();
  try {
    await load();
  } catch (error) {
    if (mine === turn) notice("worklist", `The worklist is not up to date: ${error.message}.`, "Retry", route);
  }
  if (mine === turn) worklist.show();
  return undefined;
}

function key(event) {
  if (byId("help").open || event.isComposing) return;
  const isViewer = !byId("viewer").hidden;
  const withControl = (event.ctrlKey || event.metaKey) && !event.altKey;
  if (isField(event.target) && event.key === "Escape") event.target.blur();
  if (withControl && event.key === "Enter" && isViewer) {
    if (!event.repeat) viewer.form.save();
  } else if (withControl && event.key === "z" && isViewer && !isField(event.target)) viewer.form.undo();
  else if (withControl || event.altKey || belongsTo(event.target, event.key)) return;
  else if (event.key === "?") byId("help").showModal();
  else if (!(isViewer ? viewer : worklist).key(event.key)) return;
  event.preventDefault();
}

async function begin() {
  try {
    await load();
  } catch (error) {
    notice("page", `The page cannot be shown: ${error.message}.`, "Retry", begin);
    return;
  }
  worklist = new Worklist(state);
  viewer = new Viewer(state);
  document.addEventListener("keydown", key);
  document.addEventListener("keyup", event => {
    if (!byId("viewer").hidden) viewer.keyUp(event.key);
  });
  releaseSelects();
  for (const button of document.querySelectorAll(".help-button")) {
    button.addEventListener("click", () => byId("help").showModal());
  }
  addEventListener("hashchange", route);
  addEventListener("readerchange", event => {
    if (byId("worklist").hidden) return;
    // What the reader before may see is not for the next one's eyes.
    if (state.blinded || reader.blinded || event.detail.blinded) state.slides = state.slides.map(sealed);
    worklist.refresh();
    route();
  });
  await route();
  document.body.dataset.ready = "yes";
}

begin();
