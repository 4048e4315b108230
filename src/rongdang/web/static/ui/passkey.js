// Passkeys: options from the page into the browser, its answer back into the form.
const toBytes = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
const toText = (bytes) =>
  btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "");

/** Options as the server writes them → as the browser takes them: bytes for base64url. */
function read(options) {
  const asked = { ...options.publicKey, challenge: toBytes(options.publicKey.challenge) };
  if (asked.user) asked.user = { ...asked.user, id: toBytes(asked.user.id) };
  for (const list of ["excludeCredentials", "allowCredentials"]) {
    asked[list] = (asked[list] ?? []).map((one) => ({ ...one, id: toBytes(one.id) }));
  }
  return { publicKey: asked };
}

/** A credential → what the server reads. */
function told(credential) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = toText(credential.response[name]);
  }
  return JSON.stringify({
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    response,
    clientExtensionResults: credential.getClientExtensionResults(),
  });
}

async function fill(form) {
  const options = read(JSON.parse(document.getElementById(form.dataset.options).textContent));
  const act = form.dataset.passkey === "add" ? "create" : "get";
  form.elements.credential.value = told(await navigator.credentials[act](options));
  form.submit();
}

if (window.PublicKeyCredential) {
  for (const form of document.querySelectorAll("[data-passkey]")) {
    form.hidden = false;
    form.closest("[data-passkey-section]")?.removeAttribute("hidden");
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      fill(form).catch(() => {
        form.querySelector("[data-passkey-said]").hidden = false;
      });
    });
  }
}
