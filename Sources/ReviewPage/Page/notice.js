import { byId, element } from "/dom.js";

/** Words over the page that stay until they are taken away or said anew about the same thing, with what can be done about it. */
export function notice(about, text, action, act) {
  clearNotice(about);
  const line = element("div", { role: "alert", data: { about } }, element("span", { textContent: text }));
  const button = (words, title, done) => {
    const made = element("button", { type: "button", textContent: words, title });
    made.addEventListener("click", () => {
      line.remove();
      done?.();
    });
    line.append(made);
  };
  if (action) button(action, "", act);
  button("×", "close");
  if (!byId("notices")) document.body.append(element("div", { id: "notices" }));
  byId("notices").append(line);
}

export function clearNotice(about) {
  for (const line of [...byId("notices")?.children ?? []]) if (line.dataset.about === about) line.remove();
}
