// Package pcsc has programs that are not ours reach our device as a card in a
// reader: pcscd and vsmartcard's vpcd carry the commands, python-fido2 and our own
// client send them.
//
// It owns a pcscd of its own, the cards that are put into its readers, and checks
// that no other transport has; the others are those of interop/python. Its tests
// carry the build tag interop; make interop runs them. It must never know how a
// device comes to its answers.
package pcsc
