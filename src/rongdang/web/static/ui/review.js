// Review desk: a whole material without the mouse. Enter = right, next; F2 = next to check;
// Ctrl+Enter = confirm. While an input method is composing, Enter belongs to it.
import { isTyping, on, say } from "./app.js";
import { parseBox } from "./marks.js";
import { viewer } from "./viewer.js";

const desk = document.querySelector("[data-review]");
const form = desk?.querySelector("form#decide");
const asks = () => [...form.querySelectorAll("[data-ask]")];
const row = (ask) => ask.closest(".ask");
const looked = (ask) => row(ask).querySelector("[data-looked]");
const toCheck = (ask) => looked(ask) && !looked(ask).checked;
const isThere = (input) => !input.disabled && (input.checkVisibility?.() ?? input.offsetParent !== null);

function right(ask) {
  row(ask).classList.add("right");
  if (looked(ask)) looked(ask).checked = true;
  tell();
}

function tell() {
  const left = asks().filter(toCheck).length;
  const words = desk.querySelector("[data-left]");
  if (words) words.textContent = String(left);
}

function go(ask) {
  ask.focus();
  ask.select?.();
}

function next(from) {
  const all = asks();
  const ask = all[all.indexOf(from) + 1];
  if (ask) go(ask);
  else desk.querySelector("[data-confirm]").focus();
}

/** The input behind one that is no value of the machine: a note, a value a person adds. */
function nextInput(from) {
  const all = [...form.querySelectorAll("input:not([type=hidden]), select")].filter(isThere);
  (all[all.indexOf(from) + 1] || desk.querySelector("[data-confirm]")).focus();
}

function nextToCheck(from) {
  const all = asks();
  const at = all.indexOf(from);
  const ask = [...all.slice(at + 1), ...all.slice(0, at + 1)].find(toCheck);
  if (ask) go(ask);
  else say(desk.dataset.allSeen);
  return ask;
}

function confirmAll() {
  if (nextToCheck(document.activeElement)) say(desk.dataset.stillToSee);
  else form.requestSubmit(desk.querySelector("[data-confirm]"));
}

if (form) {
  document.addEventListener("keydown", (event) => {
    if (isTyping(event)) return;
    const ask = event.target.closest?.("[data-ask]");
    if (event.key === "F2") {
      event.preventDefault();
      nextToCheck(ask);
    } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      if (ask) right(ask);
      confirmAll();
    } else if (event.key === "Enter" && event.target.matches?.("#decide input, #decide select")) {
      // Never sends the form: that is Ctrl+Enter, which first goes to what was not looked at.
      event.preventDefault();
      const own = ask || row(event.target).querySelector("[data-ask]");
      if (own) {
        right(own);
        next(own);
      } else {
        nextInput(event.target);
      }
    }
  });
  on("focusin", "[data-ask]", (ask) => {
    if (ask.dataset.page) viewer?.showEvidence(ask.dataset.page, parseBox(ask.dataset.box));
  });
  on("change", "[data-looked]", (box) => {
    box.closest(".ask").classList.toggle("right", box.checked);
    tell();
  });
  // a value to add stands on the page in view; behind the last row a new one follows
  on("change", "[data-added-name]", (choice) => {
    const line = row(choice);
    if (viewer) line.querySelector("[data-added-page]").value = viewer.pages[viewer.at].id;
    if (line.nextElementSibling) return;
    line.after(line.cloneNode(true));
    for (const input of line.nextElementSibling.querySelectorAll("input, [data-added-name]")) input.value = "";
  });
  // the name of a new person, or the number of a file, only where that was chosen
  const person = form.querySelector("[name=person]");
  const choose = () => {
    for (const part of form.querySelectorAll("[data-for-choice]")) part.hidden = part.dataset.forChoice !== person.value;
  };
  person.addEventListener("change", choose);
  choose();
  tell();
  const first = asks().find(toCheck) || asks()[0];
  if (first && !document.querySelector("[data-errors]")) go(first);
}
