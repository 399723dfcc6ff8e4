// Package subject hands real Chromium to the judge of clients, as a target.
//
// It owns the page that asks for passkeys, the sites that it is at, the port that the
// judge's authenticator is plugged into and the phone that it is put into, and the
// user in front of Chromium's dialogs. It must never know a case.
package subject
