// Package transport runs the framings of packages ctap/hid and ctap/nfc in time:
// an authenticator behind CTAPHID or as a card, for whoever sends reports or
// commands, and a client over whatever carries them.
//
// It owns timers, turns and who has which channel. It must never know how a
// report or a command travels: sockets, buses and readers are the rooms above.
package transport
