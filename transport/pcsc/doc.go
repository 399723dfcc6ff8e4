// Package pcsc reaches cards in readers through pcscd, the PC/SC daemon of Linux
// and its like, by speaking the daemon's own protocol over its socket: no C
// library is needed.
//
// It owns the messages of pcscd and the connection to a card. It must never know
// what is in a command.
package pcsc
