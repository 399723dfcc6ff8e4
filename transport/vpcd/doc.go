// Package vpcd puts a card into a virtual reader: it speaks the protocol of
// vsmartcard's vpcd, a driver of pcscd, so that all that uses PC/SC finds our
// device in a reader.
//
// It owns the connection and what vpcd says about power. It must never know what
// is in a command.
package vpcd
