// Package tunnel is the service in the middle of the hybrid transport (CTAP 2.3
// §11.5): it joins a phone and a computer that both reach it by WebSocket, and
// hands their messages on unread.
//
// It owns URLs, tunnels, their limits and who waits for whom. How a linked phone
// hears that a computer waits is left to each service by CTAP; here the phone
// keeps a WebSocket open for that (see [hybrid.ListenPath]). The package must
// never know what is in a message: it has none of the keys.
package tunnel
