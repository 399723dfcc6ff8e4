// Package transport runs the framings of package ctap/hid in time: an
// authenticator behind CTAPHID for whoever sends reports, and a client over
// whatever carries them.
//
// It owns timers, turns and who has which channel. It must never know how a
// report travels: sockets and buses are the rooms above.
package transport
