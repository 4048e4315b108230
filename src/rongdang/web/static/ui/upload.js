// Resumable upload of many files in parts. Without this script the same form sends them at once.
//   POST uploads-url name, size, modified  -> 201 {url, offset, state}; begun before: where it stopped
//   PATCH url, Upload-Offset: n, bytes     -> 204 with the new Upload-Offset
//   HEAD url                               -> Upload-Offset, to go on after a break
import { say } from "./app.js";

const PART = 4 * 2 ** 20;
const WAITS = [1000, 2000, 4000, 8000, 15000, 30000];

const form = document.querySelector("form[data-upload]");
const picker = form?.querySelector("input[type=file]");
const pause = (time) => new Promise((done) => { window.setTimeout(done, time); });

/** A refusal in the server's own words; trying again would not help. */
class Refused extends Error {}

async function ask(url, options = {}) {
  const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
  const headers = { Accept: "application/json", "X-CSRFToken": token, ...options.headers };
  const answer = await fetch(url, { ...options, headers, credentials: "same-origin" });
  if (answer.ok) return answer;
  // A part that does not fit any more, and a server in trouble: look how far it is and go on.
  if (answer.status >= 500 || (answer.status === 409 && options.method === "PATCH")) throw new Error(String(answer.status));
  const told = await answer.json().catch(() => ({}));
  throw new Refused(told.message || form.dataset.refused);
}

async function create(uploads, file) {
  const body = new URLSearchParams({
    name: file.webkitRelativePath || file.name, size: String(file.size), modified: String(file.lastModified || 0),
  });
  const answer = await ask(uploads, { method: "POST", body });
  return answer.json();
}

const kept = (answer) => Number(answer.headers.get("Upload-Offset"));
const receiving = (answer) => answer.headers.get("Upload-State") === "receiving";

/** Send one file; a broken line costs at most one part. */
async function send(uploads, file, tell) {
  let made = null;
  let offset = 0;
  let broken = 0;
  let coming = true;
  while (coming) {
    try {
      if (made === null) {
        made = await create(uploads, file);
        offset = made.offset || 0;
        coming = made.state === "receiving";
      } else if (broken) {
        const answer = await ask(made.url, { method: "HEAD" });
        offset = kept(answer);
        coming = receiving(answer);
      }
      if (coming) {
        // All parts there and the whole still missing (a full disk): an empty part tries again.
        const headers = { "Content-Type": "application/offset+octet-stream", "Upload-Offset": String(offset) };
        const answer = await ask(made.url, { method: "PATCH", headers, body: file.slice(offset, offset + PART) });
        offset = kept(answer);
        coming = receiving(answer);
      }
      broken = 0;
      tell(offset, "sending");
    } catch (error) {
      if (error instanceof Refused || broken >= WAITS.length) throw error;
      tell(offset, "waiting");
      await pause(WAITS[broken]);
      broken += 1;
    }
  }
}

function line(file) {
  const item = document.querySelector("#upload-line").content.firstElementChild.cloneNode(true);
  const part = (name) => item.querySelector(`[data-${name}]`);
  part("name").textContent = file.webkitRelativePath || file.name;
  part("bar").max = file.size || 1;
  document.querySelector("[data-files]").append(item);
  return (offset, state, words = "") => {
    part("bar").value = offset;
    part("state").textContent = form.dataset[state] || state;
    part("why").textContent = words;
    part("why").hidden = !words;
  };
}

async function openBatch() {
  if (form.dataset.uploads) return form.dataset;
  const fields = new FormData(form);
  fields.delete(picker.name);
  return (await ask(form.action, { method: "POST", body: fields })).json();
}

async function run(button) {
  const files = [...picker.files];
  button.disabled = true;
  document.querySelector("[data-files]").replaceChildren();
  let failed = 0;
  try {
    const batch = await openBatch();
    form.dataset.uploads = batch.uploads;
    form.dataset.close = batch.close;
    form.dataset.page = batch.page;
    for (const file of files) {
      const tell = line(file);
      try {
        await send(batch.uploads, file, tell);
        tell(file.size || 1, "stored");
      } catch (error) {
        failed += 1;
        tell(0, error instanceof Refused ? "refused" : "broken", error instanceof Refused ? error.message : form.dataset.again);
      }
    }
    if (!failed) {
      await ask(batch.close, { method: "POST" });
      window.location.assign(batch.page);
    }
  } catch (error) {
    failed += 1;
    const box = form.querySelector("[data-problem]");
    box.hidden = false;
    box.querySelector("[data-words]").textContent = error instanceof Refused ? error.message : form.dataset.again;
  }
  button.disabled = false;
  if (failed) say(form.dataset.again);
}

if (form) {
  form.addEventListener("submit", (event) => {
    if (!picker.files.length || event.defaultPrevented) return;
    event.preventDefault();
    run(event.submitter || form.querySelector("button"));
  });
  const drop = form.querySelector("[data-drop]");
  for (const type of ["dragover", "dragleave", "drop"]) {
    drop?.addEventListener(type, (event) => {
      event.preventDefault();
      drop.classList.toggle("over", type === "dragover");
      if (type === "drop") {
        picker.files = event.dataTransfer.files;
        picker.dispatchEvent(new Event("change", { bubbles: true }));
      }
    });
  }
  picker.addEventListener("change", () => {
    form.querySelector("[data-picked]").textContent = form.dataset.picked.replace("%n", String(picker.files.length));
  });
}
