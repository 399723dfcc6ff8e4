// Package devtools speaks the Chrome DevTools Protocol over the pipe of a
// browser that was started with --remote-debugging-pipe.
//
// It owns framing, the matching of replies to commands, and the delivery of
// events to sessions (flat mode). It takes the protocol's types from cdproto
// and adds three things that driving many pages at once needs: commands can be
// sent without waiting for the one before, sessions of frames, workers and
// popups are first-class, and a message above a size limit is dropped instead
// of filling memory. It must never know what a page, a passkey or an extension
// is.
package devtools
