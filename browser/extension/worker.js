// The worker of the proxy link. Chromium runs one copy per browser context
// ("incognito": "split") and hands it every request of that context's pages.
// The worker decides nothing: it passes requests to Go through the binding
// `passkeylab`, and what Go answers back to Chromium.
//
// It takes over WebAuthn only when Go resolves `linked`, before or after this
// script has run. In contexts of other links nobody does.
"use strict";

const proxy = chrome.webAuthenticationProxy;

/** Sends one message to Go. */
function tell(message) {
  globalThis.passkeylab(JSON.stringify(message));
}

function forward(kind) {
  return ({ requestId, requestDetailsJson }) =>
    tell({ kind, id: requestId, options: requestDetailsJson });
}

/**
 * Called by Go to complete a request with {responseJson} or {error}. Chromium
 * rejects a malformed response and keeps the request pending; the rejection
 * goes back to Go, which then answers with an error instead.
 */
function settle(kind, requestId, answer) {
  const details = { requestId, ...answer };
  return kind === "create"
    ? proxy.completeCreateRequest(details)
    : proxy.completeGetRequest(details);
}

async function start() {
  proxy.onCreateRequest.addListener(forward("create"));
  proxy.onGetRequest.addListener(forward("get"));
  proxy.onIsUvpaaRequest.addListener(({ requestId }) => tell({ kind: "uvpaa", id: requestId }));
  proxy.onRequestCanceled.addListener((id) => tell({ kind: "cancel", id }));
  tell({ kind: "attached", error: (await proxy.attach()) ?? "" });
}

globalThis.linked ??= Promise.withResolvers();
linked.promise.then(start).catch((e) => tell({ kind: "attached", error: String(e) }));
