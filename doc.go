// Package passkeylab rehearses what people do with passkeys: devices, the
// sites they sign up and log in to, and what goes wrong on the way.
//
// A [Lab] is a small world with one [Site] in it. Put a [Device] into it, open
// a [Page] of the site on that device, and do what a person would do. Whether
// a real browser is between the two, and how the device gets into it, is the
// lab's [Link]; the journey reads the same.
//
// It owns the words a tester uses and nothing below them: no ceremony, no
// format, no timing. Everything here is for testing. Keys come from a seed
// that every failure prints, so whoever knows it knows the keys.
package passkeylab
