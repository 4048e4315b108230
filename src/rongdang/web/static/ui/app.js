// Behaviours of every page, reached through data- attributes; pages work without them.
const root = document.documentElement;
const YEAR = 31536000;

/** Call `act(element, event)` when an event of `type` happens inside something that matches. */
export function on(type, selector, act) {
  document.addEventListener(type, (event) => {
    const element = event.target.closest?.(selector);
    if (element) act(element, event);
  });
}

/** Say something to people who listen to the page, without moving the focus. */
export function say(words) {
  const box = document.querySelector("[data-say]");
  if (box) box.textContent = words;
}

export const isTyping = (event) => event.isComposing || event.keyCode === 229;

// size and theme: kept in a cookie so that the server draws the next page right at once
for (const kind of ["size", "theme"]) {
  on("click", `[data-${kind}-to]`, (button, event) => {
    event.preventDefault();
    const value = button.dataset[`${kind}To`];
    document.cookie = `${kind}=${value};path=/;max-age=${YEAR};samesite=lax`;
    root.dataset[kind] = value;
    for (const other of button.parentNode.children) {
      other.setAttribute("aria-pressed", String(other === button));
    }
  });
}

on("click", "[data-toggle]", (button) => {
  const open = document.querySelector(button.dataset.toggle).classList.toggle("open");
  button.setAttribute("aria-expanded", String(open));
});

on("click", "[data-tab]", (tab) => {
  for (const other of tab.parentNode.querySelectorAll("[data-tab]")) other.removeAttribute("aria-current");
  tab.setAttribute("aria-current", "true");
});

on("click", "[data-open]", (button) => document.querySelector(button.dataset.open)?.showModal());
on("click", "[data-focus]", (button) => document.querySelector(button.dataset.focus)?.focus());
// open what holds a field, and go to it
on("click", "[data-unfold]", (link, event) => {
  const field = document.querySelector(link.dataset.unfold);
  if (!field) return;
  event.preventDefault();
  field.closest("details").open = true;
  field.scrollIntoView({ block: "center" });
  field.focus({ preventScroll: true });
});
on("click", "[data-print]", () => window.print());
on("change", "[data-send-on-change]", (field) => field.form.requestSubmit());
on("change", "[data-all]", (box) => {
  for (const each of document.querySelectorAll(box.dataset.all)) each.checked = box.checked;
});

// a grave act asks once more, in its own words
on("submit", "form[data-ask-first]", (form, event) => {
  if (!window.confirm(form.dataset.askFirst)) event.preventDefault();
});

// unsaved changes: the form says so itself, the browser asks before leaving
const changed = new Set();
on("input", "form[data-guard]", (form, event) => {
  if (event.target.name) changed.add(`${form.id}:${event.target.name}`);
  const word = form.querySelector("[data-unsaved]");
  if (word) {
    word.hidden = false;
    word.querySelector("[data-count]").textContent = String(changed.size);
  }
});
on("submit", "form", (_form, event) => {
  if (!event.defaultPrevented) changed.clear();
});
window.addEventListener("beforeunload", (event) => {
  if (changed.size) event.preventDefault();
});

// keyboard: "/" search, "?" list of keys, j and k through the rows of a list
document.addEventListener("keydown", (event) => {
  if (isTyping(event) || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest?.("input, textarea, select, dialog")) return;
  const search = document.getElementById("find");
  const keys = document.getElementById("keys");
  if (event.key === "/" && search) {
    event.preventDefault();
    search.focus();
    search.select();
  } else if (event.key === "?" && keys) {
    event.preventDefault();
    keys.showModal();
  } else if (event.key === "j" || event.key === "k") {
    stepRows(event.key === "j" ? 1 : -1);
  } else if (/^[1-9]$/.test(event.key)) {
    document.querySelector(`main button[aria-keyshortcuts="${event.key}"]`)?.click();
  }
});

function stepRows(step) {
  const links = [...document.querySelectorAll("[data-rows] [data-row]")];
  if (!links.length) return;
  const at = links.indexOf(document.activeElement);
  links[Math.min(links.length - 1, Math.max(0, at + step))].focus();
}

// live parts: asked for again every 2 s, more slowly while nothing changes or nobody looks
const FIRST_WAIT = 2000;
const LONGEST_WAIT = 20000;
function keepLive(selector) {
  let wait = FIRST_WAIT;
  let before = "";
  const tick = () => {
    const part = document.querySelector(selector);
    if (!part || !window.htmx) return;
    const now = part.dataset.live;
    if (now === "done") return;
    wait = now === before ? Math.min(LONGEST_WAIT, wait * 1.3) : FIRST_WAIT;
    before = now;
    if (!document.hidden) window.htmx.trigger(part, "live");
    window.setTimeout(tick, document.hidden ? LONGEST_WAIT : wait);
  };
  window.setTimeout(tick, FIRST_WAIT);
  document.addEventListener("visibilitychange", () => { wait = FIRST_WAIT; });
}
if (document.querySelector("[data-live]")) keepLive("[data-live]");

// a summary of errors takes the focus, as GOV.UK found it must
document.querySelector("[data-errors]")?.focus();
