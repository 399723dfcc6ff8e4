// Package authenticator is what a device does with a CTAP 2.3 request: it asks
// its user, keeps credentials and signs.
//
// It owns the rules of each command, one file per command, as lists of steps in
// the order of the specification; the [Model] that says what kind of device it
// is; and the plug points [Store], [User] and [Clock]. It must never know how
// bytes reach it, what a browser or a relying party is, what time it is or where
// randomness comes from except through [Env], nor which fault is being rehearsed:
// faults act from outside, through [Seams].
//
// Keys are test keys. Nothing here protects them from whoever holds the process
// or the store.
package authenticator
