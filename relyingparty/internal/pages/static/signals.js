// Tells authenticators what the site knows of the user's passkeys, by the signal
// methods of WebAuthn: which ones it accepts, and what the user is called. The site
// hands this out only on pages of somebody who is logged in.
//
// data-signals on <body> says how far it is: due, sending, sent, or unsupported (by
// the browser).

const page = document.body.dataset;

// Older browsers lack some of the methods or all. What becomes of a signal is not for
// pages to know, so neither a rejection nor a method that is missing is worth a word.
async function signal(method, options) {
  const api = window.PublicKeyCredential;
  if (typeof api?.[method] !== 'function') return false;
  try {
    await api[method](options);
  } catch (rejection) {
    console.info(method, rejection.name);
  }
  return true;
}

async function tell({rpId, userId, name, displayName, allAcceptedCredentialIds}) {
  page.signals = 'sending';
  const heard = [await signal('signalCurrentUserDetails', {rpId, userId, name, displayName})];
  // There is no list while a passkey is being made: the list would lack it, and the
  // device would throw it away.
  if (allAcceptedCredentialIds) {
    heard.push(await signal('signalAllAcceptedCredentials', {rpId, userId, allAcceptedCredentialIds}));
  }
  page.signals = heard.includes(true) ? 'sent' : 'unsupported';
}

const meta = document.querySelector('meta[name="passkey-signals"]');

// For the same reason no passkey may be made before the list is out.
export const told = meta ? tell(JSON.parse(meta.content)) : Promise.resolve();
