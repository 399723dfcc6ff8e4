// Encrypts a note under the output of a passkey's prf (WebAuthn L3 §10.1.4), so that
// the site keeps what it cannot read. Nothing that the passkey answers leaves the page.
//
// The construction, which package wire has as well:
//   key   HKDF-SHA-256 of the prf output, with a salt of 32 random bytes for each note
//   seal  AES-256-GCM with a nonce of 12 random bytes; what it is held to besides says
//         whose note it is, and by which passkey, so that notes cannot be exchanged
//
// data-state on <body> is as on the other pages: loading, ready, busy, leaving.

const page = document.body.dataset;
const errorBox = document.getElementById('error');
const csrf = document.querySelector('meta[name="csrf-token"]').content;
const facts = JSON.parse(document.querySelector('meta[name="prf-note"]').content);

const utf8 = new TextEncoder();
const purpose = 'passkeylab note v1';

const encode = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)))
  .replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
const decode = (text) => Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
const random = (size) => crypto.getRandomValues(new Uint8Array(size));

// Told is an error with words of its own on the page, by their key, or of the site.
class Told extends Error {
  constructor(key, message) {
    super(message ?? errorBox.dataset[key.replace(/-(.)/g, (_, c) => c.toUpperCase())]);
    this.key = key;
  }
}

const explanations = {
  NotAllowedError: 'cancelled',
  AbortError: 'cancelled',
  SecurityError: 'insecure',
  NotSupportedError: 'unsupported',
};

function show(error) {
  const told = error instanceof Told;
  errorBox.dataset.error = told ? error.key : error.name;
  errorBox.textContent = told ? error.message : errorBox.dataset[explanations[error.name] ?? 'failed'];
  errorBox.focus();
}

function setState(state) {
  page.state = state;
  document.querySelector('main').setAttribute('aria-busy', state === 'busy');
  for (const button of document.querySelectorAll('button')) button.disabled = state === 'busy' || state === 'leaving';
}

// secretOf has one of the passkeys evaluate its prf. This is no login: the challenge is
// for nobody to check, and the answer stays here.
async function secretOf(passkeys) {
  const credential = await navigator.credentials.get({
    publicKey: PublicKeyCredential.parseRequestOptionsFromJSON({
      challenge: encode(random(32)),
      rpId: facts.rpId,
      userVerification: 'required',
      allowCredentials: passkeys.map((id) => ({type: 'public-key', id})),
      extensions: {prf: {eval: {first: encode(utf8.encode(purpose))}}},
    }),
  });
  const secret = credential.getClientExtensionResults().prf?.results?.first;
  if (!secret) throw new Told('no-prf');
  return {secret, passkey: credential.id};
}

async function keyFrom(secret, salt) {
  const material = await crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveKey']);
  return crypto.subtle.deriveKey(
    {name: 'HKDF', hash: 'SHA-256', salt, info: utf8.encode(purpose)},
    material, {name: 'AES-GCM', length: 256}, false, ['encrypt', 'decrypt']);
}

const heldTo = (passkey) => utf8.encode([purpose, facts.rpId, facts.userId, passkey].join('\n'));

async function keep() {
  const text = document.getElementById('note').value;
  if (text === '') throw new Told('no-note');
  const {secret, passkey} = await secretOf(facts.passkeys);
  const salt = random(32);
  const nonce = random(12);
  const sealed = await crypto.subtle.encrypt(
    {name: 'AES-GCM', iv: nonce, additionalData: heldTo(passkey)}, await keyFrom(secret, salt), utf8.encode(text));
  await post({passkey, salt: encode(salt), nonce: encode(nonce), ciphertext: encode(sealed)});
  setState('leaving');
  location.assign('/prf-demo');
}

async function read() {
  const {passkey, salt, nonce, ciphertext} = facts.note;
  const {secret} = await secretOf([passkey]);
  const key = await keyFrom(secret, decode(salt));
  let text;
  try {
    text = await crypto.subtle.decrypt(
      {name: 'AES-GCM', iv: decode(nonce), additionalData: heldTo(passkey)}, key, decode(ciphertext));
  } catch {
    throw new Told('other-key');
  }
  const shown = document.getElementById('note-shown');
  shown.textContent = new TextDecoder().decode(text);
  shown.hidden = false;
  setState('ready');
}

async function post(note) {
  let response;
  try {
    response = await fetch('/prf-demo/note', {
      method: 'POST',
      headers: {'Content-Type': 'application/json', 'X-CSRF-Token': csrf},
      body: JSON.stringify(note),
    });
  } catch {
    throw new Told('offline');
  }
  if (response.ok) return;
  const {error, message} = await response.json();
  throw new Told(error, message);
}

function onClick(id, what) {
  document.getElementById(id)?.addEventListener('click', async () => {
    setState('busy');
    errorBox.textContent = '';
    errorBox.dataset.error = '';
    try {
      await what();
    } catch (error) {
      setState('ready');
      show(error);
    }
  });
}

if (window.PublicKeyCredential?.parseRequestOptionsFromJSON) {
  onClick('keep-note', keep);
  onClick('read-note', read);
  for (const element of document.querySelectorAll('[data-prf]')) element.hidden = false;
} else {
  show(new DOMException('', 'NotSupportedError'));
}
setState('ready');

// A page brought back by the back button would still be leaving, or show the note.
window.addEventListener('pageshow', (event) => {
  if (event.persisted) location.reload();
});
