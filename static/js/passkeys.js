// Passkeys: the browser's own dialogue between a form and what it sends. Without this module, or in a browser that has
// no passkeys, their forms stay hidden; everything else works as before.
const read = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));
const write = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

function readOptions(options) {
  options.challenge = read(options.challenge);
  if (options.user) options.user.id = read(options.user.id);
  for (const key of [...(options.excludeCredentials ?? []), ...(options.allowCredentials ?? [])]) key.id = read(key.id);
  return options;
}

function writeCredential({ id, rawId, type, response }) {
  const parts = {};
  for (const part of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (response[part]) parts[part] = write(response[part]);
  }
  return JSON.stringify({ id, rawId: write(rawId), type, response: parts });
}

async function fill(form) {
  const token = form.elements.csrfmiddlewaretoken.value;
  const answer = await fetch(form.dataset.options, {
    method: "POST",
    headers: { "X-CSRFToken": token, Accept: "application/json" },
    redirect: "error",
  });
  if (!answer.ok) throw new Error(answer.status);
  const publicKey = readOptions(await answer.json());
  const isNew = "user" in publicKey;
  const credential = await (isNew ? navigator.credentials.create({ publicKey }) : navigator.credentials.get({ publicKey }));
  form.elements.credential.value = writeCredential(credential);
}

for (const form of document.querySelectorAll("form[data-options]")) {
  if (!window.PublicKeyCredential) continue;
  form.hidden = false;
  const excuse = form.querySelector("[data-excuse]");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (form.dataset.busy) return;
    form.dataset.busy = "1";
    excuse.hidden = true;
    fill(form)
      .then(() => form.submit())
      .catch(() => {
        excuse.hidden = false;
        delete form.dataset.busy;
      });
  });
}
