"use strict";

const trouble = document.querySelector(".trouble");
let waiting = new AbortController();

async function post(path, body) {
  const answer = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  const said = await answer.json();
  if (!answer.ok) throw new Error(said.problem);
  return said;
}

const words = {
  NotAllowedError: "Nothing happened. You can try again.",
  InvalidStateError: "This device has a passkey for you already.",
};

/** One ceremony, from the server's options to the page that it leads to. */
async function ceremony({ begin, end }, options = {}) {
  const { publicKey } = await post(begin, { mail: document.querySelector("[name=mail]")?.value });
  const made = publicKey.rp
    ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(publicKey) })
    : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(publicKey), ...options });
  location.assign((await post(end, made.toJSON())).next);
}

async function pressed(button) {
  waiting.abort();
  trouble.textContent = "";
  try {
    await ceremony(button.dataset);
  } catch (error) {
    trouble.textContent = words[error.name] ?? error.message;
  }
}

for (const button of document.querySelectorAll("[data-begin]")) button.addEventListener("click", () => pressed(button));

// Passkeys are offered in the field that waits for them.
const field = document.querySelector("[data-offers]");
if (field && window.PublicKeyCredential?.isConditionalMediationAvailable) {
  ceremony({ begin: "/api/enter/begin", end: "/api/enter/end" }, { mediation: "conditional", signal: waiting.signal }).catch((error) => {
    if (error.name !== "AbortError") trouble.textContent = words[error.name] ?? error.message;
  });
}
