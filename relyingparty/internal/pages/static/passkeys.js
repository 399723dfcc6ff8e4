// The passkey parts of the pages: creating one, logging in by button, and logging in
// by autofill. Everything else on the site works without this script.
//
// The page's state is kept on <body> for style sheets and drivers:
//   data-state     loading, ready, busy (a request or prompt is open), leaving
//   data-autofill  loading, waiting (the conditional request is pending), stopped,
//                  unsupported (by the browser), off (by policy)
//   data-upgrade   due, trying (for a passkey in silence), done, failed, unsupported

import {told} from './signals.js';

const page = document.body.dataset;
const errorBox = document.getElementById('error');
const csrf = document.querySelector('meta[name="csrf-token"]').content;

// Refused is a refusal by the site, as opposed to one by the browser or the user.
class Refused extends Error {
  constructor(answer) {
    super(answer.message);
    this.key = answer.error;
    this.signal = answer.signal;
  }
}

async function post(path, value) {
  let response;
  try {
    response = await fetch(path, {
      method: 'POST',
      headers: {'Content-Type': 'application/json', 'X-CSRF-Token': csrf},
      body: JSON.stringify(value),
    });
  } catch {
    throw new Refused({error: 'offline', message: errorBox.dataset.offline});
  }
  const answer = await response.json();
  if (!response.ok) throw new Refused(answer);
  return answer;
}

// What to tell the user about an exception of navigator.credentials, by its name.
const explanations = {
  NotAllowedError: 'cancelled',
  AbortError: 'cancelled',
  InvalidStateError: 'registered',
  SecurityError: 'insecure',
  NotSupportedError: 'unsupported',
};

function show(error) {
  const refused = error instanceof Refused;
  errorBox.dataset.error = refused ? error.key : error.name;
  errorBox.textContent = refused ? error.message : errorBox.dataset[explanations[error.name] ?? 'failed'];
  errorBox.focus();
}

function setState(state) {
  page.state = state;
  document.querySelector('main').setAttribute('aria-busy', state === 'busy');
  for (const button of document.querySelectorAll('button')) button.disabled = state === 'busy' || state === 'leaving';
}

function clearError() {
  errorBox.textContent = '';
  errorBox.dataset.error = '';
}

function leave(to) {
  setState('leaving');
  location.assign(to);
}

// attempt runs one ceremony from a click to the next page, or to an error on this one.
async function attempt(ceremony) {
  setState('busy');
  clearError();
  try {
    leave(await ceremony());
    return true;
  } catch (error) {
    setState('ready');
    show(error);
    return false;
  }
}

async function createPasskey() {
  await stopUpgrade();
  return register({});
}

// register has a passkey made, by the user or, with mediation, in silence.
async function register({mediation, signal}) {
  await told;
  const {publicKey} = await post('/u/passkey/register/options', {screen: page.screen, variant: page.variant, mediation});
  let credential;
  try {
    credential = await navigator.credentials.create({
      publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(publicKey),
      ...(mediation && {mediation, signal}),
    });
  } catch (error) {
    await abandon('/u/passkey/register/abandon', {challenge: publicKey.challenge, error: error.name});
    throw error;
  }
  const {redirect} = await post('/u/passkey/register/verify', credential.toJSON());
  return redirect;
}

// The site need not wait for a passkey that will not come.
async function abandon(path, what) {
  try {
    await post(path, what);
  } catch {
    // It stops waiting by itself after a while.
  }
}

async function askForPasskey() {
  const {publicKey} = await post('/u/passkey/login/options', {});
  return logIn(await navigator.credentials.get({
    publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(publicKey),
  }));
}

// A passkey of the user's as the second factor of a login.
async function showFactor() {
  const {publicKey} = await post('/u/mfa-webauthn/options', {screen: page.screen});
  let credential;
  try {
    credential = await navigator.credentials.get({
      publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(publicKey),
    });
  } catch (error) {
    await abandon('/u/mfa-webauthn/abandon', {screen: page.screen, error: error.name});
    throw error;
  }
  const {redirect} = await post('/u/mfa-webauthn/verify', credential.toJSON());
  return redirect;
}

async function logIn(credential) {
  try {
    const {redirect} = await post('/u/passkey/login/verify', credential.toJSON());
    return redirect;
  } catch (error) {
    if (error.signal) await signalUnknown(error.signal);
    throw error;
  }
}

// A passkey that the site does not know is offered again and again, until somebody
// tells the device.
async function signalUnknown(options) {
  try {
    await PublicKeyCredential.signalUnknownCredential?.(options);
  } catch {
    // Whether anything came of it is not for pages to know.
  }
}

// Upgrade: after a login with a password the page asks for a passkey without a word to
// the user, who has let their browser or provider do such things or has not. A browser
// may also let the request wait for ever, so nothing waits for it, and a button has to
// end it first.
const upgrade = {controller: null, ended: Promise.resolve()};

async function stopUpgrade() {
  upgrade.controller?.abort();
  await upgrade.ended;
}

function startUpgrade() {
  if (page.upgrade !== 'due') return;
  page.upgrade = 'trying';
  upgrade.controller = new AbortController();
  upgrade.ended = upgradeSilently(upgrade.controller.signal);
}

async function upgradeSilently(signal) {
  try {
    const capabilities = await PublicKeyCredential.getClientCapabilities?.();
    if (!capabilities?.conditionalCreate) {
      page.upgrade = 'unsupported';
      return;
    }
    const redirect = await register({mediation: 'conditional', signal});
    page.upgrade = 'done';
    if (page.screen === 'passkey-enrollment') leave(redirect); // which offers what is there now
  } catch {
    page.upgrade = 'failed'; // the site knows, and the user need not
  }
}

// Autofill: a conditional request waits behind the email field until the user picks
// a passkey there. A browser has room for one request only, so the button has to end
// this one first.
const autofill = {controller: null, ended: Promise.resolve()};

function startAutofill() {
  if (page.autofill === 'off' || page.autofill === 'unsupported') return;
  const controller = new AbortController();
  autofill.controller = controller;
  autofill.ended = waitForPick(controller.signal);
}

async function stopAutofill() {
  autofill.controller?.abort();
  await autofill.ended;
}

async function restartAutofill() {
  await stopAutofill();
  startAutofill();
}

async function waitForPick(signal) {
  let renewal;
  try {
    const {publicKey} = await post('/u/passkey/login/options', {mediation: 'conditional'});
    signal.throwIfAborted();
    const pick = navigator.credentials.get({
      publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(publicKey),
      mediation: 'conditional',
      signal,
    });
    page.autofill = 'waiting';
    // A conditional request has no timeout, but its challenge does.
    renewal = setTimeout(restartAutofill, publicKey.timeout * 0.9);
    const credential = await pick;
    page.autofill = 'stopped';
    if (!await attempt(() => logIn(credential))) restartWhenWanted();
  } catch (error) {
    page.autofill = 'stopped';
    if (signal.aborted) return;
    // The browser gave up, or the user did after picking. The form is still there, so
    // only a refusal by the site is worth a word.
    if (error instanceof Refused) show(error);
    restartWhenWanted();
  } finally {
    clearTimeout(renewal);
  }
}

// After a failure, autofill starts again when the user comes back to the field, not
// by itself: it could fail again at once, for ever.
function restartWhenWanted() {
  const email = document.getElementById('email');
  const again = new AbortController();
  for (const event of ['focus', 'pointerdown', 'keydown']) {
    email.addEventListener(event, () => {
      again.abort();
      restartAutofill();
    }, {signal: again.signal});
  }
}

async function setUpAutofill() {
  if (page.autofill === 'off') return;
  if (await PublicKeyCredential.isConditionalMediationAvailable?.()) {
    startAutofill();
  } else {
    page.autofill = 'unsupported';
  }
}

async function setUpLogin() {
  document.getElementById('passkey-button')?.addEventListener('click', async () => {
    setState('busy');
    await stopAutofill();
    if (!await attempt(askForPasskey)) startAutofill();
  });
  await setUpAutofill();
}

function setUpButtons() {
  document.getElementById('use-passkey')?.addEventListener('click', () => attempt(showFactor));
  document.getElementById('create-passkey')?.addEventListener('click', () => attempt(createPasskey));
}

async function setUp() {
  if (!window.PublicKeyCredential?.parseRequestOptionsFromJSON) {
    if (page.upgrade) page.upgrade = 'unsupported';
    if (page.screen === 'login-id') page.autofill = page.autofill === 'off' ? 'off' : 'unsupported';
    else if (!['account', 'home'].includes(page.screen)) show(new DOMException('', 'NotSupportedError'));
    setState('ready');
    return;
  }
  for (const element of document.querySelectorAll('[data-passkeys]')) element.hidden = false;
  if (page.screen === 'login-id') await setUpLogin();
  else setUpButtons();
  setState('ready');
  startUpgrade();
}

// A page brought back by the back button would still be leaving.
window.addEventListener('pageshow', (event) => {
  if (event.persisted) location.reload();
});

setUp();
