// Package layers holds the tests that keep the house in order: which room may
// import which, and a few habits that a compiler does not enforce.
//
// It owns the list of floors. It must never contain anything but tests, and
// never know what the rooms do.
package layers
