// Package adapter says how a visitor gets about at a site whose pages are not
// ours: where to sign up, what to press for a passkey, how to tell who is logged
// in.
//
// It owns the words for that, as Go interfaces and as a file of CSS selectors and
// steps. It must never know a browser, a device or a journey: it is handed a
// [Page] and does there what a person would.
package adapter
