// Package browser drives real Chromium and brings passkey devices into its
// pages.
//
// It owns the browser process and its contexts, the driving of tabs as a person
// would, with real mouse and keyboard events, and three links: ways by which
// calls of navigator.credentials are answered.
//
//   - [LinkProxy] keeps Chromium's own WebAuthn front and has an extension ask
//     the [Answerer] (chrome.webAuthenticationProxy).
//   - [LinkCDP] uses Chromium's virtual authenticators, and alone opens the real
//     autofill popup, see [Tab.Popup].
//   - [LinkBridge] replaces navigator.credentials by a script that asks the
//     Answerer, conditional requests and signals included.
//
// Chromium is started and spoken with through chromedp. What chromedp lacks is
// in internal/relay, and its doc comment says what that is. What a screen reader
// would say about the browser's own windows is read in internal/desktop.
//
// The package must never know how authenticators work, what a relying party
// checks, or what the pages it opens look like: requests and answers are JSON
// that passes through.
package browser
