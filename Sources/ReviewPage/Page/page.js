import { byId, fetchJSON, remembered } from "/dom.js";
import { Worklist } from "/worklist.js";
import { Viewer } from "/viewer.js";

// The token is in a cookie now; it need not stay where it is seen.
if (location.search) history.replaceState(null, "", `/${location.hash}`);

const state = {
  /** New with each start of the page, so that no picture of another job or day is shown. */
  version: crypto.getRandomValues(new Uint32Array(1))[0].toString(36),
  job: "", models: [], colours: {}, slides: [], model: "",
};
let worklist, viewer;

async function load() {
  const answer = await fetchJSON("/api/worklist");
  Object.assign(state, answer);
  if (!state.models.includes(state.model)) {
    const wanted = remembered("model", "");
    state.model = state.models.includes(wanted) ? wanted : state.models[0] ?? "";
  }
}

async function route() {
  const match = location.hash.match(/^#\/slide\/(.+)$/);
  const id = match ? decodeURIComponent(match[1]) : null;
  byId("worklist").hidden = id !== null;
  byId("viewer").hidden = id === null;
  if (id === null) {
    viewer.close();
    await load();
    worklist.show();
  } else {
    document.title = `${id} – wsi review`;
    await viewer.open(id);
  }
}

function key(event) {
  if (byId("help").open) return;
  const typing = event.target.matches("input:not([type=range]):not([type=checkbox]), textarea, select");
  if (typing && event.key === "Escape") event.target.blur();
  if (event.ctrlKey && event.key === "Enter" && !byId("viewer").hidden) byId("save").click();
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "?") byId("help").showModal();
  else if (!(byId("viewer").hidden ? worklist : viewer).key(event.key)) return;
  event.preventDefault();
}

try {
  await load();
  worklist = new Worklist(state);
  viewer = new Viewer(state);
  document.addEventListener("keydown", key);
  for (const button of document.querySelectorAll(".help-button")) {
    button.addEventListener("click", () => byId("help").showModal());
  }
  addEventListener("hashchange", route);
  await route();
  document.body.dataset.ready = "yes";
} catch (error) {
  document.body.replaceChildren(`The page cannot be shown: ${error.message}`);
}
