// Package wire visits a site without a browser: it reads the pages' forms,
// submits them, and holds the passkey ceremonies that the pages' script would
// hold, with a client that answers in the browser's place.
//
// It owns what a page does between the user and the server when nobody draws
// it. It relies on the element IDs and endpoints of docs/site-hooks.md, and
// must never know devices, links or journeys: the client it is handed decides
// who answers.
package wire
