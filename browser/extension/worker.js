// The worker of the proxy link. Chromium runs one copy per browser context
// ("incognito": "split") and hands it every request of that context's pages.
// The worker decides nothing: it passes requests to Go through the binding
// `passkeylab`, and what Go answers back to Chromium.
//
// Go adds the binding before this script runs. In a context that does not use
// the proxy link there is no binding, and the worker then leaves WebAuthn alone.
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

if (typeof globalThis.passkeylab === "function") {
  start().catch((e) => tell({ kind: "attached", error: String(e) }));
}
